// Keeps the shell of the handheld's pages, and the last seen page of each task, for when there is no Wi-Fi.
// `VERSION` and `FILES` stand above this line, written by the server.
const SHELL = `floor-shell-${VERSION}`;
const PAGES = "floor-pages";
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("floor-shell-") && name !== SHELL) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data?.kind === "forget") event.waitUntil(caches.delete(PAGES));
  // The page that registered this worker was loaded before it: it is asked for here, so that it is kept too.
  if (event.data?.kind === "keep") event.waitUntil(fresh(new Request(event.data.url, { credentials: "same-origin" })).catch(() => {}));
});

const isPage = (request, url) => request.mode === "navigate" && url.pathname.startsWith("/floor/");

const fresh = async (request) => {
  const answer = await fetch(request);
  const cache = await caches.open(PAGES);
  if (answer.redirected && !new URL(answer.url).pathname.startsWith("/floor/")) {
    // Signed out: what was kept belongs to somebody who is not here any more.
    await caches.delete(PAGES);
  } else if (answer.ok && !answer.redirected && answer.headers.get("Content-Type")?.startsWith("text/html")) {
    await cache.put(request.url, answer.clone());
  }
  return answer;
};

const page = async (request) => {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(request.url);
  const asked = fresh(request);
  if (!kept) return asked.catch(async () => (await cache.match("/floor/")) || Response.error());
  const tired = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE_MS); });
  return Promise.race([asked.catch(() => kept), tired]);
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isPage(event.request, url)) event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) {
    event.respondWith((async () => (await caches.match(event.request, { cacheName: SHELL })) || fetch(event.request))());
  }
});
