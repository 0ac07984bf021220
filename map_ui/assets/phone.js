// The page of one patroller in the street: the next task large, the whole round below it, and what they tell of it.
"use strict";
(function () {
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const queue = gridwarden.phoneQueue, { direction, distance_m, sketch } = gridwarden.phoneSketch;
  const { news, read, settled, state, tasks } = gridwarden.phoneRound;
  const CLOCK_S = 120, FIRST_WAIT_S = 5, MOST_WAIT_S = 300, LOOK_S = 120, POSITION_MS = 120000, MOVED_M = 10, HERE_M = 5, PRESS_MS = 60, DAY_MS = 86400000;
  const BECAUSE = ["closed", "blocked", "danger", "missing", "time", "other"];
  const ARROWS = "↑↗→↘↓↙←↖", UNSENT = new Set(["waiting", "refused"]);
  const LANGUAGE = "gridwarden-phone-language", NOTES = `gridwarden-phone-notes-${facts.account}`, POSITION = "gridwarden-phone-position";
  const memory = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* Full, or private: it holds until the page is closed. */ } },
    drop: (name) => { try { localStorage.removeItem(name); } catch { /* As above. */ } },
  };
  const asked = new URLSearchParams(location.search).get("lang");
  let locale = [asked, memory.get(LANGUAGE), facts.locale].find((one) => one in facts.texts);
  let notes = JSON.parse(memory.get(NOTES) || "{}");
  let round = null, marks = [], link = "", behind_s = 0, fetched = false, stranger = false;
  let keeps = true, worker = "serviceWorker" in navigator, position = null, shownPosition = null, watch = null, refusedPosition = false;
  let choosing = null, stale = false, pressing = false, running = false, again = false, timer = 0, failures = 0;
  const open = new Set();

  const say = (key, values) => facts.texts[locale][key].replace(/\{(\w+)\}/g, (_, name) => String((values || {})[name]));
  const clock = (seconds) => `${String(Math.floor(seconds / 3600) % 24).padStart(2, "0")}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}`;
  const minutes = (seconds) => Math.max(1, Math.round(seconds / 60));
  const metres = (value) => (value < 100 ? Math.round(value) : Math.round(value / 10) * 10);
  const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: facts.zone }).format(Date.now() + shift_ms());
  const local = (instant) => new Intl.DateTimeFormat("en-GB", { timeZone: facts.zone, hour: "2-digit", minute: "2-digit" }).format(Date.parse(instant));
  // Small differences are the network's, not the clock's.
  const shift_ms = () => (Math.abs(behind_s) > CLOCK_S ? behind_s * 1000 : 0);
  const unsent = () => marks.filter((mark) => UNSENT.has(mark.state));
  const own = () => marks.filter((mark) => mark.account === facts.account && !stranger);

  // An element with properties and children; strings become text, never markup.
  function make(tag, properties, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }
  const button = (className, text, onclick, more) => make("button", { type: "button", className, onclick, ...more }, text);

  // ---- what is known, from here and from there

  async function refresh() {
    try {
      marks = await queue.marks();
      const kept = await queue.kept("round");
      round = kept && kept.account === facts.account && !stranger ? kept : null;
      const said = await queue.kept("behind_s");
      behind_s = said || 0;
    } catch {
      keeps = false;
    }
    render();
  }

  async function take(document_) {
    const fresh = read(document_), before = await queue.kept("round");
    const mine = before && before.account === facts.account ? before : null;
    await queue.keep("round", { ...fresh, account: facts.account, news: news(mine, fresh) });
  }

  async function look() {
    const answer = await queue.ask(`${facts.mine}?lang=${locale}`);
    // Who answers in the server's place, as the entrance of a foreign network does, tells no account.
    const document_ = (answer && answer.document) || {};
    if (!answer || answer.status >= 500 || (answer.ok && !document_.account)) {
      link = "offline";
      return answer ? answer.after_s : 0;
    }
    if (answer.behind_s !== null) await queue.keep("behind_s", answer.behind_s);
    // Somebody else has signed in since: nothing is shown to them or sent in their name.
    stranger = answer.ok && document_.account !== facts.account;
    link = answer.status === 401 || stranger ? "signed_out" : "online";
    if (link === "signed_out") return "done";
    if (answer.ok) await take(document_);
    fetched = true;
    const said = await queue.send(facts.account, request, () => refresh());
    if (said === "signed_out") link = said;
    else if (said !== "done") link = "offline";
    await queue.forget(new Date(Date.now() - 2 * DAY_MS).toISOString());
    return said === "signed_out" ? "done" : said;
  }

  // One look at a time; what was asked for meanwhile is done after it.
  async function sync() {
    if (running) { again = true; return; }
    running = true;
    clearTimeout(timer);
    let said = 0;
    try {
      do {
        again = false;
        said = await look();
      } while (again);
    } catch {
      keeps = false;
    }
    running = false;
    failures = said === "done" ? 0 : failures + 1;
    const wait = said === "done" ? LOOK_S : Math.max(said, Math.min(MOST_WAIT_S, FIRST_WAIT_S * 2 ** (failures - 1)) * (0.75 + Math.random() / 2));
    timer = setTimeout(sync, wait * 1000);
    await refresh();
  }

  function request(mark) {
    const { code, event, at, note, lon, lat } = mark;
    return { address: `${facts.marks.replace("{number}", mark.plan)}?lang=${locale}`, body: { account: mark.account, marks: [{ code, event, at, note, lon, lat }] } };
  }

  async function tell(step, event, because) {
    const note = [because, (notes[step.id] || "").trim()].filter(Boolean).join(": ");
    const fresh = position && Date.now() - position.timestamp < POSITION_MS ? position.coords : null;
    const mark = {
      account: facts.account, id: step.id, plan: step.plan, code: step.code, name: step.name, event, note,
      at: new Date(Date.now() + shift_ms()).toISOString(), lon: fresh ? fresh.longitude : null, lat: fresh ? fresh.latitude : null,
    };
    try {
      await queue.add(mark);
    } catch {
      keeps = false;
      return render();
    }
    delete notes[step.id];
    memory.set(NOTES, JSON.stringify(notes));
    choosing = null;
    open.delete(step.id);
    leaveField();
    await refresh();
    if (event !== "arrived") window.scrollTo(0, 0);
    sync();
  }

  // ---- what is seen

  // Nothing moves under a thumb or while somebody writes.
  function render() {
    const writes = document.activeElement && document.activeElement.tagName === "TEXTAREA";
    stale = pressing || writes || document.getElementById("leaving").open;
    if (stale) return;
    document.documentElement.lang = locale === "zh" ? "zh-CN" : "en";
    document.title = say("title");
    document.getElementById("top").replaceChildren(...head());
    const lines = told(), place = document.getElementById("told");
    // It is read aloud: only when it says something else.
    if (lines.map((line) => line.textContent).join("") !== place.textContent) place.replaceChildren(...lines);
    document.getElementById("round").replaceChildren(...body());
    document.getElementById("foot").replaceChildren(button("leave", say("sign_out"), leave));
  }

  function head() {
    const list = tasks(round), waits = unsent().filter((mark) => mark.account === facts.account).length;
    const other = locale === "zh" ? "en" : "zh";
    const about = round && list.length ? [say("day", { day: round.day }), say("edition", { edition: round.edition }),
      say("progress", { done: list.filter((step) => settled(step, own())).length, count: list.length })].join(" · ") : facts.name;
    const net = [link && say(link), waits ? say("unsent", { count: waits }) : marks.length ? say("all_sent") : ""];
    return [
      make("h1", {}, say("title")), make("p", {}, about),
      button("language", locale === "zh" ? "English" : "中文", () => speak(other), { lang: other === "zh" ? "zh-CN" : "en" }),
      make("p", { id: "net", className: `${link === "online" ? "" : link && "offline"} ${waits ? "unsent" : ""}` }, net.filter(Boolean).join(" · ")),
    ];
  }

  function told() {
    const said = [], line = (text, bad, ...more) => said.push(make("p", { className: bad ? "bad" : "" }, text, ...more));
    if (link === "signed_out") line(say("signed_out_told"), true, make("a", { className: "press", href: `/login?next=${facts.page}` }, say("sign_in")));
    if (!keeps) line(say("no_store"), true);
    if (!worker) line(say("no_worker"));
    if (shift_ms()) line(say(behind_s < 0 ? "clock_ahead" : "clock_behind", { minutes: minutes(Math.abs(behind_s)) }));
    if (round && tasks(round).length && round.day !== today()) line(say("old", { day: round.day }));
    if (round && (round.news.added.length || round.news.removed.length)) line(tasks(round).length ? say("newer", { edition: round.edition }) : say("withdrawn"), false, button("seen", say("seen"), seen));
    const others = unsent().filter((mark) => stranger || mark.account !== facts.account);
    for (const account of new Set(others.map((mark) => mark.account))) {
      line(say("others", { account, count: others.filter((mark) => mark.account === account).length }));
    }
    return said;
  }

  function body() {
    const list = tasks(round), gone = round ? round.news.removed : [], told = own();
    const known = new Set([...list, ...gone].map((step) => step.id));
    const strays = told.filter((mark) => UNSENT.has(mark.state) && !known.has(mark.id));
    const next = list.find((step) => !settled(step, told));
    const parts = [];
    if (!list.length) parts.push(make("p", {}, say(fetched || round ? "none" : link === "offline" ? "lost" : "loading")));
    else if (!next) parts.push(make("p", {}, say("finished")));
    if (next) {
      parts.push(make("article", { className: "card", id: "next" }, make("div", { className: "said" },
        make("p", { className: "order" }, `${say("next")} · ${order(next)} · ${clock(next.arrive_s)}`, flags(next)),
        make("h2", {}, next.name), details(next)), doing(next)));
    }
    if (list.length) {
      parts.push(make("h2", { className: "heading" }, say("all")), make("ol", { className: "list" }, round.steps.map((step) => row(step, next))));
    }
    if (gone.length || strays.length) {
      parts.push(make("h2", { className: "heading" }, say("removed")), make("ul", { className: "list" },
        gone.map((step) => make("li", { className: "gone" }, make("div", { className: "slim" }, make("time", {}, clock(step.arrive_s)),
          make("p", { className: "name" }, make("span", { className: "title" }, step.name), chips(step.id))))),
        strays.map((mark) => make("li", {}, make("div", { className: "slim" }, make("span", {}), make("p", { className: "name" }, mark.name, chip(mark)))))));
    }
    const picture = list.length ? drawn(next) : null;
    if (picture) parts.push(make("figure", { className: "sketch" }, picture, make("figcaption", {}, say("sketch"))));
    return parts;
  }

  function flags(step) {
    return [step.must ? make("span", { className: "flag must" }, say("must")) : null, round.news.added.includes(step.id) ? make("span", { className: "flag" }, say("new")) : null]
      .filter(Boolean).map((flag) => make("span", {}, " ", flag));
  }

  const order = (step) => tasks(round).indexOf(step) + 1;

  function row(step, next) {
    if (!["stop", "lane"].includes(step.kind)) {
      const text = step.kind === "break" ? say("break", { minutes: minutes(step.leave_s - step.begin_s) }) : say(step.kind);
      return make("li", {}, make("div", { className: "slim" }, make("time", {}, clock(step.arrive_s)), make("p", {}, text)));
    }
    const is = state(step, own());
    const line = [make("time", {}, clock(step.arrive_s)),
      make("span", { className: "name" }, make("span", {}, `${order(step)}. ${step.name}`), flags(step), make("small", {}, [way(step), ...along(step)].join(" · "))),
      make("span", { className: "mark" }, { done: "✓", skipped: "✗", arrived: "•" }[is] || "")];
    const item = make("li", { className: `${step === next ? "now" : ""} ${is === "done" ? "settled" : is === "skipped" ? "settled missed" : ""}`, "data-code": step.code });
    if (step === next) {
      item.append(make("details", {}, make("summary", { onclick: (event) => { event.preventDefault(); window.scrollTo(0, 0); } }, line)));
      return item;
    }
    const shown = make("details", { open: open.has(step.id) }, make("summary", {}, line), make("div", { className: "said" }, details(step)), doing(step));
    shown.addEventListener("toggle", () => { if (shown.open) open.add(step.id); else open.delete(step.id); });
    item.append(shown);
    const refused = own().filter((mark) => mark.id === step.id && UNSENT.has(mark.state));
    if (refused.length && !open.has(step.id)) item.append(make("div", { className: "more" }, refused.map(chip)));
    return item;
  }

  const whence = (step) => (step.from && step.at ? direction(step.from, step.at) : null);

  function way(step) {
    if (step.leg_m < HERE_M) return say("way_none");
    const towards = whence(step);
    return towards === null ? say("way_only", { metres: metres(step.leg_m) }) : say("way", { metres: metres(step.leg_m), direction: say(`direction_${towards}`) });
  }

  // Along a lane, once one is there; nothing of other tasks.
  function along(step) {
    const towards = step.kind === "lane" && step.at && step.to ? direction(step.at, step.to) : null;
    return towards === null ? [] : [say("lane_way", { metres: metres(step.length_m), direction: say(`direction_${towards}`) })];
  }

  function details(step) {
    const towards = step.leg_m < HERE_M ? null : whence(step), small = along(step);
    if (position && step.at && !settled(step, own())) {
      const here = [position.coords.longitude, position.coords.latitude], heading = direction(here, step.at);
      if (heading !== null) small.push(say("here_way", { metres: metres(distance_m(here, step.at)), direction: say(`direction_${heading}`) }));
    }
    return [
      make("p", { className: "what" }, `${say(`kind_${step.task}`)} · ${say("takes", { minutes: minutes(step.leave_s - step.begin_s) })}`),
      make("p", { className: "way" }, towards === null ? null : make("span", { className: "arrow", "aria-hidden": "true" }, ARROWS[towards]), way(step), small.map((text) => make("small", {}, text))),
      step.reasons.length ? make("div", { className: "why" }, make("b", {}, say("why")), make("ul", {}, step.reasons.map((reason) => make("li", {}, reason[locale])))) : null,
      step.plate ? make("p", {}, say("plate")) : null,
      ...chips(step.id),
    ];
  }

  const chips = (id) => own().filter((mark) => mark.id === id).map(chip);

  function chip(mark) {
    const words = `${say(`told_${mark.event}`)} ${local(mark.at)}${mark.note ? ` · ${mark.note}` : ""} · ${say(mark.state, { reason: mark.reason })}`;
    return make("span", { className: `chip ${mark.state}` }, words,
      mark.state === "refused" ? button("again", say("again"), async () => { await queue.change(mark.number, { state: "waiting", reason: "" }); await refresh(); sync(); }) : null);
  }

  function doing(step) {
    const told = own(), is = state(step, told);
    const has = (event) => told.some((mark) => mark.id === step.id && mark.event === event && mark.state !== "refused") || step.told.includes(event);
    if (choosing === step.id) {
      return make("div", { className: "because" }, make("b", {}, say("because")), note(step),
        BECAUSE.map((one) => button("reason", say(`because_${one}`), () => tell(step, "skipped", say(`because_${one}`)), { "data-because": one })),
        button("back", say("back"), () => choose(null)));
    }
    // Who pressed the wrong one of two may say the other, once.
    const buttons = [
      settled(step, told) ? null : button("arrived", say("arrived"), () => (is === "arrived" ? null : tell(step, "arrived")), { "aria-pressed": String(is === "arrived") }),
      has("skipped") ? null : button("skipped", say("skipped"), () => choose(step.id)),
      has("done") ? null : button("done", say("done"), () => tell(step, "done")),
    ].filter(Boolean);
    if (!buttons.length) return null;
    return make("div", {}, make("div", { className: "more" }, note(step), located()), make("div", { className: "press-bar" }, buttons));
  }

  function note(step) {
    const text = make("textarea", { maxLength: 400, rows: 1, value: notes[step.id] || "" });
    text.addEventListener("input", () => {
      notes[step.id] = text.value;
      memory.set(NOTES, JSON.stringify(notes));
    });
    return make("label", { className: "note" }, say("note"), text);
  }

  function located() {
    if (!navigator.geolocation) return null;
    const box = make("input", { type: "checkbox", checked: watch !== null, onchange: () => { memory.set(POSITION, box.checked ? "yes" : ""); follow(); } });
    return make("label", { className: "check" }, box, say(refusedPosition ? "position_refused" : "position"));
  }

  function drawn(next) {
    const placed = round.steps.filter((step) => step.at);
    const ways = placed.flatMap((step) => step.way), lanes = placed.filter((step) => step.to).map((step) => [step.at, step.to]);
    // Where the way is not known, it is as the crow flies.
    const lines = ways.length ? [...ways, ...lanes] : [placed.flatMap((step) => [step.at, ...(step.to ? [step.to] : [])])];
    const stops = tasks(round).filter((step) => step.at).map((step) => ({
      at: step.at, label: String(order(step)), state: step === next ? "next" : settled(step, own()) ? "settled" : "open",
    }));
    return sketch(lines, stops, say("sketch"));
  }

  // ---- what is pressed

  // Some phones leave the field active when a button is pressed.
  function leaveField() {
    if (document.activeElement) document.activeElement.blur();
  }

  function choose(id) {
    choosing = id;
    leaveField();
    render();
    const shown = document.querySelector(".because");
    if (shown) shown.scrollIntoView({ block: "nearest" });
  }

  function speak(other) {
    locale = other;
    leaveField();
    memory.set(LANGUAGE, other);
    render();
    sync();
  }

  async function seen() {
    await queue.keep("round", { ...round, news: { added: [], removed: [] } });
    await refresh();
  }

  // The position is followed only while the page is looked at and somebody wants it told.
  function follow() {
    const wanted = memory.get(POSITION) === "yes" && document.visibilityState === "visible" && !!navigator.geolocation;
    if (wanted === (watch !== null)) return;
    if (!wanted) {
      navigator.geolocation.clearWatch(watch);
      watch = position = shownPosition = null;
      return;
    }
    watch = navigator.geolocation.watchPosition((found) => {
      const at = ({ coords }) => [coords.longitude, coords.latitude];
      const moved = !shownPosition || distance_m(at(shownPosition), at(found)) > MOVED_M;
      position = found;
      refusedPosition = false;
      if (!moved) return;
      shownPosition = found;
      render();
    }, (fault) => {
      if (fault.code !== 1) return;
      refusedPosition = true;
      memory.set(POSITION, "");
      follow();
      render();
    }, { enableHighAccuracy: true, maximumAge: 30000 });
  }

  function leave() {
    const dialog = document.getElementById("leaving"), waits = unsent().filter((mark) => mark.account === facts.account).length;
    dialog.onclose = () => render();
    dialog.replaceChildren(
      make("p", {}, say("warn")), waits ? make("p", { className: "bad" }, say("warn_unsent", { count: waits })) : "",
      button("danger", say("sign_out_anyway"), () => signOut(dialog)), button("stay", say("cancel"), () => dialog.close()));
    dialog.showModal();
  }

  async function signOut(dialog) {
    const gone = await fetch("/logout", { method: "POST", redirect: "manual", headers: { Accept: "application/json" } }).catch(() => null);
    // The answer leads to the entrance, which a script is not shown; who is signed out already gets 401.
    if (!gone || (gone.type !== "opaqueredirect" && gone.status !== 401)) {
      dialog.prepend(make("p", { className: "bad" }, say("sign_out_offline")));
      return;
    }
    clearTimeout(timer);
    [LANGUAGE, NOTES, POSITION].forEach(memory.drop);
    await queue.clear(facts.account);
    const names = "caches" in window ? await caches.keys() : [];
    await Promise.all(names.filter((name) => name.startsWith("gridwarden-phone-")).map((name) => caches.delete(name)));
    const found = worker ? await navigator.serviceWorker.getRegistration(facts.page) : null;
    if (found) await found.unregister();
    location.replace(`/login?next=${facts.page}`);
  }

  // ---- the beginning

  // What is pressed is answered at once.
  addEventListener("click", () => { pressing = false; }, true);
  const rest = () => setTimeout(() => { pressing = false; if (stale) render(); }, PRESS_MS);
  addEventListener("pointerdown", () => { pressing = true; });
  addEventListener("pointerup", rest);
  addEventListener("pointercancel", rest);
  addEventListener("focusout", rest);
  addEventListener("online", () => { failures = 0; sync(); });
  addEventListener("offline", () => { link = "offline"; render(); });
  document.addEventListener("visibilitychange", () => {
    follow();
    if (document.visibilityState === "visible") sync();
  });
  if (queue.heard) queue.heard.onmessage = () => refresh();
  if (worker) {
    navigator.serviceWorker.register(facts.worker, { scope: facts.page, updateViaCache: "none" }).catch(() => {
      // Without a network there is the one from before.
      worker = !!navigator.serviceWorker.controller;
      render();
    });
  }
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
  follow();
  refresh().then(sync);
})();
