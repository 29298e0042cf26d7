// The few behaviours that HTML does not have; every page works without them.
(() => {
  const side = () => document.getElementById("side");
  let opener = null;

  // "/" goes to the search, Escape closes what is open.
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      const box = document.getElementById("top-search");
      if (box) { event.preventDefault(); box.focus(); }
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open], details.why[open]").forEach((one) => {
        one.open = false;
        one.querySelector("summary").focus();
      });
      closeSide();
    }
  });

  const closeSide = () => {
    const panel = side();
    if (!panel || !panel.childElementCount) return;
    panel.replaceChildren();
    document.body.classList.remove("has-side");
    if (opener) opener.focus();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-side]")) closeSide();
    const copied = event.target.closest("[data-copy]");
    if (copied) {
      navigator.clipboard.writeText(copied.dataset.copy);
      copied.classList.add("is-copied");
    }
    // One open menu at a time; a click elsewhere closes it.
    document.querySelectorAll("details.menu[open], details.why[open]").forEach((one) => {
      if (!one.contains(event.target)) one.open = false;
    });
    const row = event.target.closest("tr[data-side]");
    if (row && !event.target.closest("a, button, input, label, summary, select")) {
      opener = row.querySelector("a");
      htmx.ajax("GET", row.dataset.side, { target: "#side", swap: "innerHTML" });
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "side") {
      document.body.classList.add("has-side");
      const head = document.getElementById("side-title");
      if (head) head.focus();
    }
  });

  // What the server answers is shown, whatever its status: an error fragment says how to mend it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // A form is sent once: a second click while the first is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-pick-all]");
    if (all) {
      const boxes = all.closest("table").querySelectorAll("tbody .pick input");
      boxes.forEach((box) => { box.checked = all.checked; });
      boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const automatic = event.target.closest("form[data-auto]");
    if (automatic) automatic.requestSubmit();
    const count = document.querySelectorAll("tbody .pick input:checked").length;
    document.querySelectorAll("[data-picked-count]").forEach((one) => { one.textContent = String(count); });
  });

  // A reason stands where it can be read whole, even inside a table that scrolls.
  const placeSheet = (one) => {
    const sheet = one.querySelector(".why-sheet");
    const mark = one.querySelector("summary").getBoundingClientRect();
    sheet.style.position = "fixed";
    const wide = sheet.offsetWidth, high = sheet.offsetHeight;
    sheet.style.left = `${Math.max(8, Math.min(mark.left - 8, innerWidth - wide - 8))}px`;
    sheet.style.top = `${mark.bottom + 6 + high > innerHeight && mark.top > high ? mark.top - high - 6 : mark.bottom + 6}px`;
  };
  // A menu stays on the screen, wherever its button stands.
  const placeMenu = (one) => {
    const sheet = one.querySelector(".menu-sheet");
    if (!sheet) return;
    sheet.style.transform = "";
    const { left, right, top } = sheet.getBoundingClientRect();
    const bar = document.querySelector(".rail").getBoundingClientRect();
    const floor = bar.top > innerHeight / 2 ? bar.top : innerHeight;
    if (!sheet.matches(".up")) sheet.style.maxHeight = `${Math.max(160, floor - top - 8)}px`;
    const aside = left < 8 ? 8 - left : Math.min(0, document.documentElement.clientWidth - 8 - right);
    if (aside) sheet.style.transform = `translateX(${aside}px)`;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.why[open]")) placeSheet(event.target);
    if (event.target.matches?.("details.menu[open]")) placeMenu(event.target);
  }, true);
  // A link to a part of the page that asks for something opens it and puts the cursor there.
  const openPart = () => {
    const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const folded = part && part.querySelector("details.form-below");
    if (folded) folded.open = true;
    part?.querySelector?.("form textarea, form input:not([type=hidden])")?.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => { if (event.target.closest('.page-actions a[href^="#"]')) setTimeout(openPart); });
  // Where one is, in a row of desks or filters that is wider than the screen.
  document.querySelectorAll(".rail [aria-current], .tabs [aria-current]").forEach((one) => {
    const row = one.closest(".rail, .tabs");
    if (one.offsetLeft + one.offsetWidth > row.clientWidth) row.scrollLeft = one.offsetLeft - row.clientWidth / 2;
  });
  addEventListener("scroll", () => document.querySelectorAll("details.why[open]").forEach(placeSheet), true);
})();
