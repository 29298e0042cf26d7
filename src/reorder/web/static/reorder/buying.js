// The running total of what is ticked, and boxes that tick a supplier's lines. The page decides the same without it.
(() => {
  const form = () => document.getElementById("buy");
  const unticked = new Set();
  const keyOf = (line) => `line ${line.value.split(".")[0]}`;

  const say = (minor, [sign, digits]) => sign + (minor / 10 ** digits).toLocaleString("en-US",
    { minimumFractionDigits: minor % 10 ** digits ? digits : 0, maximumFractionDigits: digits });

  // A supplier's box means all of it, less the lines that are shown and not ticked.
  const total = () => {
    const buy = form();
    const button = buy?.querySelector("[data-total]");
    if (!button) return;
    let count = 0;
    const costs = {};
    const add = (currency, minor, sign) => { costs[currency] = (costs[currency] || 0) + sign * minor; };
    buy.querySelectorAll("[data-supplier]").forEach((section) => {
      const head = section.querySelector("[data-count]");
      const isWhole = section.querySelector("[data-whole]")?.checked;
      const lines = [...section.querySelectorAll("input[name=line]")];
      if (isWhole) {
        count += Number(head.dataset.count);
        Object.entries(JSON.parse(head.dataset.costs)).forEach(([currency, minor]) => add(currency, minor, 1));
      }
      lines.filter((line) => line.checked !== isWhole).forEach((line) => {
        count += isWhole ? -1 : 1;
        add(line.dataset.currency, Number(line.dataset.cost), isWhole ? -1 : 1);
      });
    });
    const signs = JSON.parse(buy.dataset.currencies);
    const cost = Object.entries(costs).filter(([, minor]) => minor).map(([currency, minor]) => say(minor, signs[currency] || [currency + " ", 2])).join(" + ");
    button.textContent = buy.dataset.words.replace("{count}", count.toLocaleString("en-US")).replace("{cost}", cost || "0");
    button.disabled = count === 0;
  };

  document.addEventListener("change", (event) => {
    const whole = event.target.closest("[data-whole]");
    if (whole) {
      if (whole.checked) unticked.delete(whole.value); else unticked.add(whole.value);
      whole.closest("[data-supplier]").querySelectorAll("input[name=line]").forEach((line) => {
        line.checked = whole.checked;
        unticked.delete(keyOf(line));
      });
    }
    const line = event.target.closest("input[name=line]");
    if (line && line.checked) unticked.delete(keyOf(line));
    else if (line) unticked.add(keyOf(line));
    if (event.target.form === form()) total();
  });

  // Lines that come later follow their supplier's box, and what is redrawn is as it was left.
  document.addEventListener("htmx:afterSettle", (event) => {
    document.querySelectorAll("[data-whole]").forEach((whole) => { if (unticked.has(whole.value)) whole.checked = false; });
    const isLate = event.detail.target?.id !== "side";
    document.querySelectorAll("input[name=line]").forEach((line) => {
      if (unticked.has(keyOf(line))) line.checked = false;
      else if (isLate && !line.dataset.known && !line.closest("[data-supplier]").querySelector("[data-whole]").checked) line.checked = false;
      line.dataset.known = "yes";
    });
    total();
  });

  addEventListener("pageshow", () => {
    document.querySelectorAll("[data-whole]").forEach((whole) => { if (!whole.checked) unticked.add(whole.value); });
    document.querySelectorAll("input[name=line]").forEach((line) => {
      line.dataset.known = "yes";
      if (!line.checked) unticked.add(keyOf(line));
    });
    total();
  });
})();
