// The switch for notifications in this browser: it asks only when somebody asks for it.
(() => {
  const box = document.querySelector("[data-push-key]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  const { pushKey, pushWorker, pushOn, pushOff } = box.dataset;
  const on = box.querySelector("[data-push-on]");
  const off = box.querySelector("[data-push-off]");
  const said = box.querySelector("[role=status]");
  const csrf = box.querySelector("[name=csrfmiddlewaretoken]").value;

  const bytes = (text) => {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  };
  const post = (url, content) => fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(content),
  });
  const show = (subscription, words = "") => {
    box.hidden = false;
    on.hidden = Boolean(subscription);
    off.hidden = !subscription;
    said.textContent = words;
  };
  const ready = navigator.serviceWorker.register(pushWorker, { scope: "/shop/" }).then(() => navigator.serviceWorker.ready);

  ready.then(async (worker) => show(await worker.pushManager.getSubscription())).catch(() => {});

  on.addEventListener("click", async () => {
    try {
      const worker = await ready;
      const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(pushKey) });
      const answer = await post(pushOn, subscription.toJSON());
      if (!answer.ok) throw new Error(String(answer.status));
      show(subscription, said.dataset.on);
    } catch {
      show(null, said.dataset.failed);
    }
  });
  off.addEventListener("click", async () => {
    const worker = await ready;
    const subscription = await worker.pushManager.getSubscription();
    if (subscription) {
      await post(pushOff, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    show(null, said.dataset.off);
  });
})();
