// Draws every [data-chart] by ECharts from its block of JSON; colours come from the tokens, so themes just work.
const source = document.querySelector('meta[name="echarts"]').content;
const charts = new Map();

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const colour = (name) => token(name) || token("accent");

function line(series, hasPlan) {
  return {
    name: series.name, type: series.kind, data: series.values, stack: series.stack || undefined,
    color: colour(series.colour), symbol: "none", connectNulls: false, smooth: false,
    lineStyle: { width: 2, type: series.is_dashed ? "dashed" : "solid" },
    // What was sold ends where today's line stands: its name goes above its end, not across the line.
    endLabel: series.kind === "line" ? { show: true, formatter: series.name, color: colour(series.colour), ...(hasPlan && !series.is_dashed ? { align: "right", verticalAlign: "bottom", offset: [-8, -6] } : {}) } : undefined,
    emphasis: { disabled: true }, barMaxWidth: 28, z: 3,
  };
}

// A band is two stacked areas: an invisible floor and a visible difference.
function band(one, place) {
  const floor = one.low.map((value) => (value === null ? null : value));
  const height = one.high.map((value, i) => (value === null || one.low[i] === null ? null : value - one.low[i]));
  const common = { type: "line", stack: `band${place}`, symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false }, z: 1 };
  return [
    { ...common, name: `${one.name} `, data: floor, areaStyle: { opacity: 0 } },
    { ...common, name: one.name, data: height, areaStyle: { color: colour("band"), opacity: 0.35 } },
  ];
}

function waterfall(options) {
  let level = 0;
  const floors = [], ups = [], downs = [], totals = [];
  const parts = options.series[0].values;
  const isTotal = options.extra.totals || [];
  parts.forEach((value, i) => {
    const amount = value || 0;
    if (isTotal[i]) { floors.push(0); totals.push(amount); ups.push(null); downs.push(null); level = amount; return; }
    floors.push(amount >= 0 ? level : level + amount);
    ups.push(amount >= 0 ? amount : null);
    downs.push(amount < 0 ? -amount : null);
    totals.push(null);
    level += amount;
  });
  const bar = (name, data, shade) => ({ name, type: "bar", stack: "w", data, color: shade, barMaxWidth: 56, label: { show: true, position: "top", color: colour("ink"), formatter: (p) => (p.value ? Math.round(p.value).toLocaleString() : "") } });
  return [
    { type: "bar", stack: "w", data: floors, itemStyle: { color: "transparent" }, silent: true, tooltip: { show: false } },
    bar(options.series[0].name, totals, colour("accent")),
    bar("+", ups, colour("info")),
    bar("−", downs, colour("soon")),
  ];
}

function translate(options, isNarrow) {
  const hasPlan = options.series.some((one) => one.is_dashed);
  const flagLines = Math.max(1, ...options.flags.map((flag) => flag.text.split("\n").length));
  const series = options.kind === "waterfall" ? waterfall(options) : [...options.bands.flatMap(band), ...options.series.map((one) => line(one, hasPlan))];
  const marked = series.findLast((s) => s.type === "line" && s.z === 3);
  if (marked && options.flags.length) {
    marked.markLine = {
      symbol: "none", silent: true, lineStyle: { color: colour("quiet"), type: "solid", width: 1 },
      label: { color: colour("quiet"), formatter: "{b}", lineHeight: 16 },
      data: options.flags.map((flag) => ({ xAxis: flag.label, name: flag.text })),
    };
  }
  // Several bars side by side have no room for names: a legend above them, where a chart asks for one.
  const legend = options.extra.legend ? { show: true, top: 0, right: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: colour("ink") }, data: options.series.filter((one) => one.kind === "bar").map((one) => one.name) } : undefined;
  return {
    legend,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("ink") },
    grid: { left: 8, right: !options.series.some((one) => one.kind === "line") || options.kind === "waterfall" ? 16 : isNarrow ? 64 : 96, top: 12 + 16 * flagLines + (legend ? 20 : 0), bottom: 8, containLabel: true },
    // Rich text, not HTML: inline styles are not allowed here.
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("surface"), borderColor: colour("line"), textStyle: { color: colour("ink") }, valueFormatter: (v) => (v === null || v === undefined ? "–" : Number(v).toLocaleString(undefined, { maximumFractionDigits: 1 })) },
    xAxis: { type: "category", data: options.labels, axisLine: { lineStyle: { color: colour("line") } }, axisLabel: { color: colour("quiet"), hideOverlap: options.kind === "time", interval: options.kind === "time" ? undefined : 0, width: isNarrow ? Math.max(56, Math.floor(340 / options.labels.length)) : 110, overflow: "break" }, axisTick: { show: false } },
    yAxis: { type: "value", name: options.unit, nameTextStyle: { color: colour("quiet"), align: "left" }, axisLabel: { color: colour("quiet") }, splitLine: { lineStyle: { color: colour("line") } } },
    series,
  };
}

async function draw(root) {
  const found = [...root.querySelectorAll("[data-chart]")].filter((one) => !charts.has(one));
  if (!found.length) return;
  const echarts = await import(source);
  for (const one of found) {
    const options = JSON.parse(document.getElementById(one.dataset.chart).textContent);
    const chart = echarts.init(one, null, { renderer: "canvas" });
    charts.set(one, { chart, options });
    chart.setOption(translate(options, one.clientWidth < 480));
    one.dataset.drawn = "yes";
  }
}

const redraw = () => charts.forEach(({ chart, options }, one) => {
  if (!one.isConnected) { chart.dispose(); charts.delete(one); return; }
  chart.resize();
  chart.setOption(translate(options, one.clientWidth < 480), { notMerge: true });
});

draw(document);
document.addEventListener("htmx:afterSwap", (event) => draw(event.detail.target));
document.addEventListener("reorder:theme", redraw);
let waiting;
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 150); });
