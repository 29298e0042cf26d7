// Tells Reorder what visitors do, within what they agreed to (docs/howto/tracking.md).
(() => {
  const tag = document.currentScript;
  const { key, before = "counts", ga4 } = tag.dataset;
  const address = new URL("b", tag.src).href;
  const nav = navigator;
  const isQuiet = nav.globalPrivacyControl || nav.doNotTrack === "1";
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private */ } };
  const unique = () => crypto.randomUUID?.() || Date.now() + "-" + Math.random();
  let agreed = read("reorder_consent") || { analytics: before === "events" };
  let visitor, user = {}, sku, path, queue = [], held = [], timer, wait = 1000;
  let seenSince = document.hidden ? 0 : performance.now();
  const mayKeep = () => agreed.analytics === true && !isQuiet;

  // A click in a mail leads here with a mark of whose mail it was; it leaves the address at once.
  const here = new URL(location.href);
  const mark = here.searchParams.get("_ro") || undefined;
  if (mark) {
    here.searchParams.delete("_ro");
    history.replaceState(history.state, "", here);
  }
  const campaign = {};
  for (const [name, text] of here.searchParams) if (name.startsWith("utm_")) campaign[name.slice(4)] = text;

  const who = () => {
    visitor = visitor || read("reorder_id") || unique();
    keep("reorder_id", visitor);
    return visitor;
  };

  const add = (call) => {
    if (!mayKeep()) {
      if (held.length < 20) held.push(call);
      if (before === "nothing") return;
    }
    const context = { consent: agreed, page: { path: location.pathname } };
    if (nav.webdriver) context.automated = true;
    const told = { ...call, messageId: unique(), timestamp: new Date().toISOString(), context };
    if (mayKeep()) {
      Object.assign(told, user, { anonymousId: who() });
      Object.assign(context, { mark, campaign });
    }
    queue.push(told);
    if (queue.length >= 20) send();
    else timer = timer || setTimeout(send, wait);
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
      wait = Math.min(wait * 2, 300000);
      timer = timer || setTimeout(send, wait);
    };
    fetch(address, { method: "POST", body, keepalive: true, credentials: "omit" })
      .then((answer) => { if (answer.status >= 500 || answer.status === 429) again(); else wait = 1000; }, again);
  };

  const leave = () => {
    if (seenSince) track("page_engaged", { engaged_ms: Math.round(performance.now() - seenSince), sku });
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
    if (mayKeep()) add({ type: "identify" });
  };
  const consent = (given) => {
    const could = mayKeep();
    agreed = { ...agreed, ...given };
    keep("reorder_consent", agreed);
    if (!mayKeep()) reset();
    else if (!could) held.splice(0).forEach(add);
  };
  const reset = () => {
    visitor = undefined;
    user = {};
    try { localStorage.removeItem("reorder_id"); } catch { /* private */ }
  };

  const methods = { track, page, identify, consent, reset };
  const run = ([name, ...given]) => methods[name] && methods[name](...given);
  const waiting = window.reorder || [];
  window.reorder = { ...methods, push: run };
  // What somebody agreed to is known first, so that the page counts under it.
  const isConsent = ([name]) => name === "consent";
  waiting.filter(isConsent).forEach(run);
  page();
  waiting.filter((one) => !isConsent(one)).forEach(run);

  // Pages that already tell GA4 need tell nothing twice: data-ga4 names their layer.
  if (ga4) {
    const names = /^(view_item(_list)?|add_to_(cart|wishlist)|remove_from_cart|view_cart|begin_checkout|search|select_promotion)$/;
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
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leave();
    else seenSince = performance.now();
  });
  addEventListener("pagehide", leave);
  const pushState = history.pushState;
  const moved = () => { if (location.pathname !== path) page(); };
  history.pushState = (...given) => { pushState.apply(history, given); moved(); };
  addEventListener("popstate", moved);
})();
