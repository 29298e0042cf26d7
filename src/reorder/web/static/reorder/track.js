// Tells Reorder what visitors do, within what they agreed to (docs/howto/tracking.md).
(() => {
  const tag = document.currentScript;
  const root = document.documentElement.dataset;
  const { key, before = "counts", ga4, signed } = tag.dataset;
  const address = new URL("b", tag.src).href;
  const nav = navigator;
  const now = () => Math.round(performance.now());
  const isQuiet = nav.globalPrivacyControl || nav.doNotTrack === "1";
  // A private window may forbid its storage.
  const tried = (act) => { try { return act(localStorage); } catch { return null; } };
  const read = (name) => tried((kept) => JSON.parse(kept.getItem(name)));
  const keep = (name, value) => tried((kept) => kept.setItem(name, JSON.stringify(value)));
  const newId = () => crypto.randomUUID?.() || Date.now() + "-" + Math.random();
  let agreed = read("reorder_consent");
  if (agreed) root.reorderAsked = "";
  agreed ||= { analytics: before === "events" };
  let visitor, user = {}, sku, path, queue = [], held = [], timer, wait = 1000;
  let seenSince = document.hidden ? 0 : now();
  const mayKeep = () => agreed.analytics && !isQuiet;

  // A click in a mail leads here with a mark of whose mail it was; it leaves the address at once.
  const here = new URL(location.href);
  let mark = here.searchParams.get("ro_visit");
  if (mark) {
    here.searchParams.delete("ro_visit");
    history.replaceState(history.state, "", here);
  }
  // Pages of the portal say who is signed in.
  mark = signed || mark || undefined;
  const campaign = {};
  for (const [name, text] of here.searchParams) if (name.startsWith("utm_")) campaign[name.slice(4)] = text;

  const who = () => {
    visitor ||= read("reorder_id") || newId();
    keep("reorder_id", visitor);
    return visitor;
  };

  const add = (call) => {
    if (!mayKeep()) {
      if (held.length < 20) held.push(call);
      if (before === "nothing" || call.type === "identify") return;
    }
    const context = { consent: agreed, page: { path: location.pathname } };
    if (nav.webdriver) context.automated = true;
    const told = { ...call, messageId: newId(), timestamp: new Date().toISOString(), context };
    if (mayKeep()) {
      Object.assign(told, user, { anonymousId: who() });
      Object.assign(context, { mark, campaign });
    }
    queue.push(told);
    if (queue.length >= 20) send();
    else timer ||= setTimeout(send, wait);
  };

  const send = (isLeaving) => {
    clearTimeout(timer);
    timer = 0;
    const batch = queue.splice(0, 100);
    if (!batch.length) return;
    const body = JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch });
    if (isLeaving === true && nav.sendBeacon?.(address, body)) return;
    const again = () => {
      // The same message ids: what had arrived all the same is taken once.
      queue = batch.concat(queue).slice(0, 500);
      wait = Math.min(wait * 2, 3e5);
      timer ||= setTimeout(send, wait);
    };
    fetch(address, { method: "POST", body, keepalive: true, credentials: "omit" })
      .then(({ status }) => { if (status >= 500 || status === 429) again(); else wait = 1000; }, again);
  };

  const leave = () => {
    if (seenSince) track("page_engaged", { engaged_ms: now() - seenSince, sku });
    seenSince = 0;
    send(true);
  };

  const track = (event, properties = {}) => {
    if (/^(view_item|product viewed)$/i.test(event)) sku = properties.sku || properties.items?.[0]?.item_id;
    add({ type: "track", event, properties });
  };
  const page = (properties = {}) => {
    [path, sku] = [location.pathname];
    add({ type: "page", properties });
  };
  // The hash is made by the shop's server; without it the id is not believed.
  const identify = (userId, { hash } = {}) => {
    user = { userId, userHash: hash };
    add({ type: "identify" });
  };
  const consent = (given) => {
    const could = mayKeep();
    agreed = { ...agreed, ...given };
    keep("reorder_consent", agreed);
    root.reorderAsked = "";
    if (!mayKeep()) reset();
    else if (!could) held.splice(0).forEach(add);
  };
  const reset = () => {
    [visitor, user] = [0, {}];
    tried((kept) => kept.removeItem("reorder_id"));
  };

  const methods = { track, page, identify, consent, reset };
  const run = ([name, ...given]) => methods[name]?.(...given);
  const waiting = window.reorder || [];
  window.reorder = { ...methods, push: run };
  // What somebody agreed to is known first, so that the page counts under it.
  const isConsent = ([name]) => name === "consent";
  waiting.filter(isConsent).forEach(run);
  page();
  waiting.filter((one) => !isConsent(one)).forEach(run);

  // Pages that already tell GA4 need tell nothing twice: data-ga4 names their layer.
  if (ga4) {
    const names = /_(item|list|cart|wishlist|checkout|promotion)$|^search$/;
    const hear = (entry) => {
      const [word, name, given] = entry?.event ? ["event", entry.event, entry.ecommerce || entry] : Array.from(entry || []);
      if (word === "event" && names.test(name)) track(name, given);
    };
    const layer = window[ga4] = window[ga4] || [];
    const push = layer.push;
    layer.push = (...entries) => {
      entries.forEach(hear);
      return push.apply(layer, entries);
    };
    layer.forEach(hear);
  }
  // For pages without scripts of their own: what was done, and buttons that agree.
  const told = () => document.querySelectorAll("[data-reorder]").forEach((one) => run(JSON.parse(one.dataset.reorder)));
  document.readyState === "complete" ? told() : addEventListener("load", told);
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-reorder-agree]");
    if (button) consent(JSON.parse(button.dataset.reorderAgree));
  });
  addEventListener("visibilitychange", () => {
    if (document.hidden) leave();
    else seenSince = now();
  });
  addEventListener("pagehide", leave);
  const pushState = history.pushState;
  const moved = () => { if (location.pathname !== path) page(); };
  history.pushState = (...given) => { pushState.apply(history, given); moved(); };
  addEventListener("popstate", moved);
})();
