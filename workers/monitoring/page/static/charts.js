// The time series of a dyad, drawn by Plotly, which is fetched when the first chart is drawn.

import { h } from "/page/dom.js";
import { day, say } from "/page/words.js";

const BY_DAY = 120; // days; a longer series is drawn by weeks
const DAY_MS = 86_400_000;

let library = null;

function plotly() {
  library ??= new Promise((loaded, failed) => {
    const script = h("script", { src: "/page/plotly.min.js", onload: () => loaded(window.Plotly), onerror: () => failed(new Error("plotly")) });
    document.head.append(script);
  });
  return library;
}

/** Events by quad class over days of `relations.daily`: one direction above the line, the other below. */
export async function series(element, days, aToB, bToA) {
  const library = await plotly();
  const { times, sums, weekly } = summed(days);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const bars = (direction, sign) =>
    [1, 2, 3, 4].map((quad) => ({
      type: "bar",
      name: say(`quad ${quad}`),
      legendgroup: `q${quad}`,
      showlegend: sign > 0,
      x: times,
      y: sums.map((sum) => sign * sum[direction][quad]),
      customdata: sums.map((sum) => sum[direction][quad]),
      hovertemplate: `${sign > 0 ? aToB : bToA}: %{customdata}<extra>${say(`quad ${quad}`)}</extra>`,
      width: (weekly ? 6 : 0.8) * DAY_MS,
      marker: { color: colour(`--quad-${quad}`) },
    }));
  const text = colour("--text");
  const line = colour("--line");
  const narrow = element.clientWidth < 560;
  const most = Math.max(1, ...sums.flatMap((sum) => ["a_to_b", "b_to_a"].map((way) => total(sum[way]))));
  const ticks = [-most, -Math.floor(most / 2), 0, Math.floor(most / 2), most].filter((tick, at, all) => all.indexOf(tick) === at);
  const note = (text, y, yanchor) => ({ text, xref: "paper", yref: "paper", x: 0, y, xanchor: "left", yanchor, showarrow: false, font: { size: 13 } });
  const layout = {
    barmode: "relative",
    height: narrow ? 340 : 380,
    margin: { l: 36, r: 8, t: 24, b: narrow ? 96 : 64 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 13, color: text },
    hoverlabel: { bgcolor: colour("--raised"), bordercolor: line, font: { color: text } },
    legend: { orientation: "h", x: 0, y: -0.14, yanchor: "top" },
    xaxis: { type: "date", range: [Math.min(times[0], times.at(-1) - 30 * DAY_MS) - 4 * DAY_MS, times.at(-1) + 4 * DAY_MS], gridcolor: line, tickformat: "%Y-%m-%d", nticks: narrow ? 3 : 8, hoverformat: "%Y-%m-%d" },
    yaxis: { gridcolor: line, zerolinecolor: text, tickvals: ticks, ticktext: ticks.map((tick) => String(Math.abs(tick))), range: [-1.12 * most, 1.12 * most], fixedrange: true },
    annotations: [note(`▲ ${aToB}`, 1, "bottom"), note(`▼ ${bToA}`, 0, "bottom")],
  };
  if (!element.isConnected) return;
  await library.react(element, [...bars("a_to_b", 1), ...bars("b_to_a", -1)], layout, { displayModeBar: false, responsive: true });
  element.dataset.drawn = times.length;
  element.dataset.weekly = weekly;
}

/** The same as a table, for those whom a picture tells nothing. */
export function seriesTable(days, aToB, bToA) {
  const counts = (tally) => [1, 2, 3, 4].map((quad) => h("td", { class: "number" }, String(tally?.by_quad?.[quad] ?? 0)));
  const rows = days.toReversed().map((row) => h("tr", {}, h("th", { scope: "row" }, day(row.day)), counts(row.a_to_b), counts(row.b_to_a)));
  const quads = [1, 2, 3, 4, 1, 2, 3, 4].map((quad) => h("th", { scope: "col" }, `Q${quad}`));
  const head = [
    h("tr", {}, h("td"), h("th", { scope: "colgroup", colspan: 4 }, aToB), h("th", { scope: "colgroup", colspan: 4 }, bToA)),
    h("tr", {}, h("th", { scope: "col" }, say("day")), quads),
  ];
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("as a table") }, h("table", { class: "list" }, h("thead", {}, head), h("tbody", {}, rows)));
}

function summed(days) {
  const at = (text) => Date.parse(`${text}T00:00:00Z`);
  const weekly = days.length > 0 && at(days.at(-1).day) - at(days[0].day) > BY_DAY * DAY_MS;
  const sums = new Map();
  for (const row of days) {
    let time = at(row.day);
    if (weekly) time -= ((new Date(time).getUTCDay() + 6) % 7) * DAY_MS; // its Monday
    if (!sums.has(time)) sums.set(time, { a_to_b: none(), b_to_a: none() });
    for (const way of ["a_to_b", "b_to_a"]) {
      for (const [quad, count] of Object.entries(row[way]?.by_quad ?? {})) sums.get(time)[way][quad] += count;
    }
  }
  return { times: [...sums.keys()], sums: [...sums.values()], weekly };
}

const none = () => ({ 1: 0, 2: 0, 3: 0, 4: 0 });
const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
