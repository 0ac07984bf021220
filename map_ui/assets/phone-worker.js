// Keeps the phone page and what it needs, so that it opens without a network. The server writes the two names.
"use strict";
const VERSION = "{version}", FILES = ["{files}"];
const PREFIX = "gridwarden-phone-", CACHE = PREFIX + VERSION, PAGE = "/m", ANSWER_MS = 4000;
// Answers say that they differ by what the browser sends; here there is one of each.
const ANY = { ignoreVary: true };

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES])));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(PREFIX) && name !== CACHE;
  const drop = async () => {
    await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

// The newest page if the network gives it soon, else the one that is kept. Whoever is signed out gets the kept one, too,
// which asks them to sign in again and has lost nothing; only without one are they sent to the entrance.
async function page(request) {
  const cache = await caches.open(CACHE), kept = await cache.match(PAGE, ANY);
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(PAGE, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, ANSWER_MS, kept));
  return Promise.race([late, fresh.then((answer) => (answer.ok ? answer : kept), () => kept)]);
}

async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, ANY)) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { pathname, search, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  // The scope /m begins the addresses of the maps, too: they are left alone.
  if (event.request.mode === "navigate") {
    if (pathname === PAGE) event.respondWith(page(event.request));
  } else if (FILES.includes(pathname + search)) event.respondWith(file(event.request));
});
