// What the phone keeps: the plan of today, and marks until the server has them. One database for all tabs of a browser.
"use strict";
window.gridwarden = window.gridwarden || {};
gridwarden.phoneQueue = (function () {
  const DATABASE = "gridwarden-phone", LOCK = "gridwarden-phone-send", ANSWER_MS = 20000;
  const AGAIN = new Set([408, 425, 429]);
  const heard = "BroadcastChannel" in window ? new BroadcastChannel(DATABASE) : null;
  let opened = null;

  function database() {
    opened = opened || new Promise((resolve, reject) => {
      const asked = indexedDB.open(DATABASE, 1);
      asked.onupgradeneeded = () => {
        // Numbered as they are made, which is the order they are sent in.
        asked.result.createObjectStore("marks", { keyPath: "number", autoIncrement: true });
        asked.result.createObjectStore("kept");
      };
      asked.onsuccess = () => {
        // A browser that is short of space may close it, and a newer page may want to change it: it is opened anew.
        asked.result.onclose = asked.result.onversionchange = () => { asked.result.close(); opened = null; };
        resolve(asked.result);
      };
      asked.onerror = () => { opened = null; reject(asked.error); };
    });
    return opened;
  }

  // One transaction: kept for good once it is complete, not once its requests are.
  async function within(store, mode, what) {
    const transaction = (await database()).transaction(store, mode, { durability: "strict" });
    return new Promise((resolve, reject) => {
      let found;
      const asked = what(transaction.objectStore(store));
      if (asked) asked.onsuccess = () => { found = asked.result; };
      transaction.oncomplete = () => resolve(found);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  const tell = () => { if (heard) heard.postMessage("changed"); };
  const kept = (name) => within("kept", "readonly", (store) => store.get(name));
  const keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name)).then(tell);
  const marks = () => within("marks", "readonly", (store) => store.getAll());

  // Told twice, by a second press or in a second tab, it is told once; after a refusal it may be told anew.
  function add(mark) {
    return within("marks", "readwrite", (store) => {
      const asked = store.getAll();
      asked.addEventListener("success", () => {
        const same = (one) => ["account", "id", "event"].every((name) => one[name] === mark[name]) && one.state !== "refused";
        if (!asked.result.some(same)) store.add({ ...mark, key: newKey(), state: "waiting" });
      });
    }).then(tell);
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Read and written in one transaction, so that two tabs do not undo each other.
  function change(number, fields) {
    return within("marks", "readwrite", (store) => {
      const asked = store.get(number);
      asked.addEventListener("success", () => { if (asked.result) store.put({ ...asked.result, ...fields }); });
      return asked;
    }).then(tell);
  }

  // Sent ones of other days are history, and the server has them; what is not sent stays for ever.
  const forget = (before) => drop((mark) => mark.state === "sent" && mark.at < before);

  function drop(which) {
    return within("marks", "readwrite", (store) => {
      const asked = store.openCursor();
      asked.onsuccess = () => {
        const cursor = asked.result;
        if (!cursor) return;
        if (which(cursor.value)) cursor.delete();
        cursor.continue();
      };
    });
  }

  // What somebody else told on this phone is theirs to send.
  async function clear(account) {
    await drop((mark) => mark.account === account);
    await within("kept", "readwrite", (store) => { store.clear(); });
    tell();
  }

  // An answer, and how far this phone's clock is behind the server's; no answer is an answer, too: null.
  async function ask(address, options) {
    const limit = new AbortController(), timer = setTimeout(() => limit.abort(), ANSWER_MS);
    const before = Date.now();
    try {
      const answer = await fetch(address, { ...options, signal: limit.signal, cache: "no-store", headers: { Accept: "application/json", ...(options || {}).headers } });
      const document_ = await answer.json().catch(() => null);
      const date = Date.parse(answer.headers.get("Date") || "");
      // The header has whole seconds: half of one is added.
      const behind_s = Number.isNaN(date) ? null : (date + 500 - (before + Date.now()) / 2) / 1000;
      return { status: answer.status, ok: answer.ok, document: document_, behind_s, after_s: Number(answer.headers.get("Retry-After")) || 0 };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // One tab at a time. Without locks two may send the same mark: its key and the server's tables see to it that this
  // changes nothing.
  const alone = (what) => (navigator.locks ? navigator.locks.request(LOCK, what) : what());

  // Sends what waits, in order. Says "done", "signed_out", or how many seconds to wait at least before the next try.
  function send(account, request, changed) {
    return alone(async () => {
      for (;;) {
        const mark = (await marks()).find((one) => one.state === "waiting" && one.account === account);
        if (!mark) return "done";
        const { address, body } = request(mark);
        const answer = await ask(address, {
          method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "Idempotency-Key": mark.key },
        });
        // A page in place of an answer is not the server's: nothing was taken.
        if (!answer || answer.status >= 500 || AGAIN.has(answer.status) || (answer.ok && !answer.document)) return answer ? answer.after_s : 0;
        if (answer.status === 401) return "signed_out";
        const said = answer.document || {};
        await change(mark.number, answer.ok ? { state: "sent", reason: "" } : { state: "refused", reason: said.detail || said.title || String(answer.status) });
        changed();
      }
    });
  }

  return { kept, keep, marks, add, change, forget, clear, ask, send, heard };
})();
