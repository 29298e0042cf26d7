// The editor of templates: blocks go in at the cursor, and the preview follows what is typed. Without it buttons do.
(function () {
  "use strict";
  const editor = document.querySelector("[data-content-editor]");
  if (!editor) return;
  const frame = editor.querySelector(".content-frame");
  const show = editor.querySelector("[data-content-show]");
  let waits = 0;

  function refresh() {
    window.clearTimeout(waits);
    editor.requestSubmit(show);
  }

  editor.addEventListener("input", function () {
    window.clearTimeout(waits);
    waits = window.setTimeout(refresh, 700);
  });
  editor.querySelectorAll("[data-block]").forEach(function (button) {
    button.addEventListener("click", function () {
      const area = editor.querySelector("textarea[name=mjml]");
      const text = editor.querySelector(`[data-block-text="${button.dataset.block}"]`).content.textContent;
      const end = area.value.lastIndexOf("</mj-body>");
      const isInside = document.activeElement === area || area.selectionStart > 0;
      const at = isInside ? area.selectionStart : Math.max(end, 0);
      area.setRangeText(`\n${text}\n`, at, at, "end");
      area.focus();
      refresh();
    });
  });
  editor.querySelectorAll("[data-content-width]").forEach(function (button) {
    button.addEventListener("click", function () {
      frame.classList.toggle("is-phone", button.dataset.contentWidth === "phone");
      editor.querySelectorAll("[data-content-width]").forEach(function (one) {
        one.setAttribute("aria-pressed", String(one === button));
      });
    });
  });
  refresh();
})();
