// Shows what the shop sends to this browser, and opens the page that it speaks of. Nothing is kept here.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const read = (event) => {
  try {
    const found = event.data.json();
    return found && typeof found === "object" ? found : {};
  } catch {
    return { body: event.data ? event.data.text() : "" };
  }
};

// Only pages of the web, and none of other schemes, are ever opened.
const pageOf = (text) => {
  try {
    const url = new URL(text || "/shop/", self.location.origin);
    return ["http:", "https:"].includes(url.protocol) ? url.href : `${self.location.origin}/shop/`;
  } catch {
    return `${self.location.origin}/shop/`;
  }
};

self.addEventListener("push", (event) => {
  const said = read(event);
  const options = { body: String(said.body || ""), data: { url: pageOf(said.url) } };
  for (const name of ["icon", "image", "tag"]) if (said[name]) options[name] = String(said[name]);
  event.waitUntil((async () => {
    await self.registration.showNotification(String(said.title || "…"), options);
    for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage({ kind: "notified", tag: options.tag || "" });
  })());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  event.waitUntil((async () => {
    const open = (await self.clients.matchAll({ type: "window" })).find((page) => page.url === url);
    if (open) await open.focus();
    else await self.clients.openWindow(url);
  })());
});
