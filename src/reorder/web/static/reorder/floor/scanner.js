// Scanners that type: what they send arrives in the scan field, however it ends, with its separators.
(() => {
  const field = document.getElementById("scan");
  if (!field) return;
  const FAST_MS = 35, QUIET_MS = 250, SHORTEST = 6;
  const listeners = [];
  let last = 0, fast = 0, timer = null;
  // A scanner that was seen to send an end key always does: silence then ends nothing, however slow the handheld is.
  const SEEN = "floor.scanner.ends";
  let sendsEnd = false;
  try { sendsEnd = localStorage.getItem(SEEN) === "1"; } catch { /* no storage: silence ends scans */ }
  const noteEnd = () => {
    if (sendsEnd) return;
    sendsEnd = true;
    try { localStorage.setItem(SEEN, "1"); } catch { /* only for this page, then */ }
  };

  const finish = (text) => {
    clearTimeout(timer);
    field.value = "";
    fast = 0;
    if (text.trim()) listeners.forEach((listener) => listener(text));
  };

  const put = (character) => {
    const at = field.selectionStart ?? field.value.length;
    field.setRangeText(character, at, field.selectionEnd ?? at, "end");
  };

  const isElsewhere = (target) => target !== field && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

  document.addEventListener("keydown", (event) => {
    if (isElsewhere(event.target) || event.isComposing) return;
    // Scanners send the GS1 separator as Ctrl+] or F8.
    if ((event.ctrlKey && (event.key === "]" || event.code === "BracketRight")) || event.key === "F8") {
      event.preventDefault();
      field.focus();
      put("\x1d");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (field.value && (event.key === "Enter" || fast >= SHORTEST - 2)) {
        event.preventDefault();
        if (fast >= SHORTEST - 2) noteEnd();
        finish(field.value);
      }
      return;
    }
    if (event.key.length !== 1) return;
    if (document.activeElement !== field) {
      // A button has the focus: the character belongs to the scan all the same, and must press nothing.
      field.focus();
      if (event.key === " " || event.target.tagName === "BUTTON" || event.target.tagName === "A") {
        event.preventDefault();
        put(event.key);
      }
    }
    const now = performance.now();
    fast = now - last < FAST_MS ? fast + 1 : 0;
    last = now;
    clearTimeout(timer);
    // A scanner without an end key: typed faster than any hand, then silent.
    timer = sendsEnd ? null : setTimeout(() => { if (fast >= SHORTEST - 1 && field.value.length >= SHORTEST) finish(field.value); }, QUIET_MS);
  });

  document.getElementById("scan-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(field.value);
  });
  field.addEventListener("paste", () => { setTimeout(() => field.value.length >= SHORTEST && finish(field.value), 0); });

  // On a phone the keyboard stays away until it is asked for.
  document.getElementById("keyboard")?.addEventListener("click", () => {
    field.inputMode = field.inputMode === "none" ? "text" : "none";
    field.blur();
    field.focus();
  });

  const focus = () => { if (document.activeElement === document.body || document.activeElement === null) field.focus({ preventScroll: true }); };
  addEventListener("focus", focus);
  document.addEventListener("pointerup", () => setTimeout(() => { if (!isElsewhere(document.activeElement)) field.focus({ preventScroll: true }); }, 0));
  document.addEventListener("visibilitychange", focus);
  field.focus({ preventScroll: true });

  window.Floor.scanner = { on: (listener) => listeners.push(listener), finish, focus: () => field.focus({ preventScroll: true }) };
})();
