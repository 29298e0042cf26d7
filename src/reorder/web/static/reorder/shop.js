// What the portal's pages do beyond HTML; every page works without it.
(() => {
  // A form is sent once: a second tap while the first is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent));

  // How long goods are still held.
  const told = document.querySelector("[data-until]");
  if (told) {
    const until = Date.parse(told.dataset.until);
    const tell = () => {
      const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
      const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      told.textContent = `(${told.dataset.words.replace("{minutes}", clock)})`;
      if (!seconds) clearInterval(ticking);
    };
    const ticking = setInterval(tell, 1000);
    tell();
  }
})();
