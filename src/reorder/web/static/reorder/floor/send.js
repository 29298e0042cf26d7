// Sends waiting scans in their order, one tab at a time, until each has its answer; tells all tabs what came.
(() => {
  const { settings, say, store } = window.Floor;
  const BATCH = 20;
  const channel = window.BroadcastChannel ? new BroadcastChannel("reorder-floor") : null;
  const listeners = [];
  let token = document.querySelector("meta[name=csrf]")?.content || "";
  let state = "ready"; // ready, offline, signed_out, other_user, server_down
  let isRunning = false, isAskedAgain = false, pause = 1000, timer = null;

  const tell = (event) => { listeners.forEach((listener) => listener(event)); };
  const announce = (event) => { tell(event); channel?.postMessage(event); };
  if (channel) channel.onmessage = (message) => tell(message.data);

  const setState = (next) => {
    if (state !== next) { state = next; tell({ kind: "state", state }); }
  };

  // One sender over all tabs; without Web Locks (plain HTTP) each tab keeps its own order, and keys keep it once.
  const alone = (work) => navigator.locks
    ? navigator.locks.request("reorder-floor-send", { ifAvailable: true }, (lock) => (lock ? work() : null))
    : work();

  const wire = (scan) => {
    const { id, user, user_name, said, left, ...sent } = scan;
    return sent;
  };

  const post = (scans) => fetch(settings.urls.scans, {
    method: "POST", redirect: "manual", credentials: "same-origin", cache: "no-store",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ scans: scans.map(wire) }),
  });

  const hello = async () => {
    const answer = await fetch(settings.urls.hello, { redirect: "manual", credentials: "same-origin", cache: "no-store" });
    if (answer.type === "opaqueredirect" || !answer.ok) return null;
    const said = await answer.json();
    token = said.token;
    return said;
  };

  const settleAll = async (scans, answers) => {
    const byKey = new Map(answers.map((answer) => [answer.key, answer]));
    let count = 0;
    for (const scan of scans) {
      const answer = byKey.get(scan.key);
      // What has no answer is asked again; what follows it must wait for it.
      if (!answer) break;
      const isBad = answer.outcome === "wrong" || answer.outcome === "conflict";
      const conflict = isBad ? { key: scan.key, scan, answer, at: new Date().toISOString() } : null;
      await store.settle(scan, conflict);
      announce({ kind: "answer", scan, answer });
      count += 1;
    }
    return count;
  };

  const unreadable = (scan, message) => ({
    key: scan.key, outcome: "conflict", message: message || say("not_read"), error: "unreadable", values: {}, choices: [], plan: null,
  });

  // Sends one batch; true when there may be more to send at once.
  const sendBatch = async (size) => {
    const all = await store.waiting();
    const mine = all.filter((scan) => scan.user === settings.user);
    if (!mine.length) { setState(all.length ? "other_user" : "ready"); return false; }
    const batch = mine.slice(0, size);
    let answer = await post(batch);
    if (answer.status === 403) {
      if (!(await hello())) { setState("signed_out"); return false; }
      answer = await post(batch);
    }
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) { setState("signed_out"); return false; }
    if (answer.ok) {
      const said = await answer.json();
      const count = await settleAll(batch, said.answers || []);
      setState("ready");
      pause = 1000;
      if (!count) throw new Error("nothing was answered");
      return true;
    }
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
      // One of them cannot be taken at all: find it, so that it does not hold up the rest for ever.
      if (batch.length > 1) return sendBatch(1);
      const said = await answer.json().catch(() => ({}));
      await settleAll(batch, [unreadable(batch[0], said.message)]);
      return true;
    }
    setState("server_down");
    throw new Error(`answered ${answer.status}`);
  };

  const run = async () => {
    if (isRunning) { isAskedAgain = true; return; }
    isRunning = true;
    clearTimeout(timer);
    try {
      do {
        isAskedAgain = false;
        await alone(async () => { while (await sendBatch(BATCH)); });
      } while (isAskedAgain);
    } catch (fault) {
      if (state !== "server_down" || fault instanceof TypeError) setState("offline");
      timer = setTimeout(run, pause);
      pause = Math.min(pause * 2, 15000);
    } finally {
      isRunning = false;
      tell({ kind: "queue" });
    }
  };

  addEventListener("online", () => { pause = 1000; run(); });
  addEventListener("offline", () => setState("offline"));
  // A tab that holds no lock looks again now and then: the one that held it may be gone.
  setInterval(() => { if (state !== "signed_out") run(); }, 20000);

  window.Floor.sender = {
    run,
    alone,
    on: (listener) => listeners.push(listener),
    announce,
    get token() { return token; },
    get isOnline() { return state !== "offline" && navigator.onLine; },
  };

  // The badge and the line above the page, on every page.
  const badge = document.getElementById("badge"), line = document.getElementById("line");
  const draw = async () => {
    const all = await store.waiting().catch(() => null);
    if (all === null) { line.textContent = say("not_kept"); line.hidden = false; return; }
    const conflicts = await store.conflicts();
    badge.hidden = !all.length && !conflicts.length;
    badge.classList.toggle("is-bad", conflicts.length > 0);
    badge.textContent = [conflicts.length ? say("conflicts", { count: conflicts.length }) : "", all.length ? say("waiting", { count: all.length }) : ""].filter(Boolean).join(" · ");
    const other = all.find((scan) => scan.user !== settings.user);
    const mine = all.filter((scan) => scan.user === settings.user).length;
    const said = state === "signed_out" ? say("signed_out", { count: mine })
      : state === "offline" || !navigator.onLine ? say("offline")
      : state === "server_down" ? say("server_down")
      : other ? say("other_user", { count: all.length - mine, name: other.user_name }) : "";
    line.replaceChildren(said);
    line.className = `floor-line${state === "signed_out" ? " is-bad" : ""}`;
    if (state === "signed_out") {
      const link = document.createElement("a");
      link.href = `${settings.urls.sign_in}?next=${encodeURIComponent(location.pathname)}`;
      link.textContent = " →";
      line.append(link);
    }
    line.hidden = !said;
  };
  listeners.push(() => { draw(); });
  draw();
  run();

  if ("serviceWorker" in navigator) {
    const wasKept = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.register(settings.urls.worker, { scope: settings.urls.home }).catch(() => {});
    // The first page was loaded before there was a worker to keep it.
    if (!wasKept) navigator.serviceWorker.ready.then((ready) => ready.active.postMessage({ kind: "keep", url: location.href }));
  }
  // Pages of one person are not shown to the next.
  document.getElementById("sign-out")?.addEventListener("submit", () => {
    navigator.serviceWorker?.controller?.postMessage({ kind: "forget" });
  });
})();
