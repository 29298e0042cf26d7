// Runs before the first paint: "system" follows the device, so that no page flashes in the wrong colours.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme || "system";
    const shown = wanted === "system" ? (dark.matches ? "dark" : "light") : wanted;
    root.setAttribute("data-bs-theme", shown);
    document.dispatchEvent(new Event("reorder:theme"));
  };
  apply();
  dark.addEventListener("change", apply);
})();
