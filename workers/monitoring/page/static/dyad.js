// One dyad: its index, windows, time series, outlets and events.

import { get } from "/page/api.js";
import { series, seriesTable } from "/page/charts.js";
import { foreign, gather, h } from "/page/dom.js";
import { EventList } from "/page/events.js";
import { asked, filters } from "/page/filters.js";
import { chip } from "/page/heat.js";
import { address } from "/page/route.js";
import { day, dyad as named, number, say, signed, state } from "/page/words.js";
import { windows } from "/page/windows.js";

const FILTERS = ["type", "quad", "status", "from", "to"];

export async function open(route) {
  const code = route.id.split("-").sort().join("-");
  const [a, b] = code.split("-");
  const aToB = `${state(a)} → ${state(b)}`;
  const bToA = `${state(b)} → ${state(a)}`;
  let { query } = route;
  let days = [];
  const summary = h("div", { class: "summary" });
  const chart = h("div", { class: "chart", role: "img", "aria-label": say("chart label", { a: state(a), b: state(b) }) });
  const numbers = h("div");
  const measured = h("div");
  const outlets = h("div");
  const events = new EventList({
    query: () => ({ dyad: code, ...asked(FILTERS, query) }),
    here: (event) => event.dyad === code,
    label: say("events title"),
  });

  async function measure() {
    const full = await get(`dyads/${code}`).catch(missing);
    summary.replaceChildren(...(full ? head(full) : [h("p", { class: "faint" }, say("unknown dyad"))]));
    measured.replaceChildren(full ? windows(full, aToB, bToA) : "");
    outlets.replaceChildren(full ? told(full.outlets) : "");
    days = full ? (await get(`dyads/${code}/days`, { from: yearBefore(full.until), limit: 366 })).items : [];
    chart.hidden = days.length === 0;
    numbers.replaceChildren(days.length ? h("details", {}, h("summary", {}, say("as a table")), seriesTable(days, aToB, bToA)) : "");
    draw();
  }

  function draw() {
    if (days.length) series(chart, days, aToB, bToA).catch(() => chart.replaceChildren(say("no chart")));
  }

  const changed = gather(200, measure);
  const themed = () => draw();
  addEventListener("themechange", themed);
  const element = h(
    "div",
    {},
    h("h1", { tabindex: "-1" }, h("a", { href: address("state", a) }, state(a)), " – ", h("a", { href: address("state", b) }, state(b))),
    summary,
    h("section", {}, h("h2", {}, say("series title")), chart, numbers),
    h("section", {}, h("h2", {}, say("windows title")), measured),
    h(
      "div",
      { class: "columns" },
      h("section", {}, h("h2", {}, say("events title")), filters(FILTERS, route), events.element),
      h("section", { class: "side" }, h("h2", {}, say("outlets title")), outlets),
    ),
  );
  await Promise.all([measure(), events.load()]);
  return {
    element,
    title: named(code),
    shown: draw,
    refresh: () => Promise.all([measure(), events.load()]),
    update: (now) => ((query = now.query), events.load()),
    heard(kind, data) {
      if (data.dyad !== code) return;
      events.heard(kind, data, query);
      changed(code);
    },
    close() {
      changed.stop();
      removeEventListener("themechange", themed);
    },
  };
}

function missing(error) {
  if (error.status === 404) return null;
  throw error;
}

/** The index as it is now, else as it was when there was an event last. */
function head({ index, total }) {
  const now = index.value !== null;
  const [value, on, days] = now ? [index.value, index.on, index.days] : [total.index, total.index_day, total.index_days];
  return [
    chip(value, true),
    h(
      "div",
      {},
      h("p", {}, say("index on", { day: day(on), days: say("days", { n: days }) })),
      h("p", {}, say("dyad total", { events: say("events", { n: total.events }), mentions: say("mentions", { n: total.mentions }), first: day(total.first), last: day(total.last) })),
      h("p", { class: "faint" }, `${say("goldstein")} ${signed(total.goldstein_mean)} · ${say("net")} ${signed(total.net_cooperation)} (${signed(total.net_cooperation_normalised, 2)})`),
      h("details", {}, h("summary", {}, say("how the index is made")), h("p", {}, h("code", {}, index.formula)), h("p", { class: "faint" }, index.source)),
    ),
  ];
}

function told(outlets) {
  return h("ul", { class: "outlets tall" }, outlets.slice(0, 30).map((one) => h("li", {}, foreign(one.outlet ?? say("no outlet")), ` · ${number(one.mentions)}`)));
}

function yearBefore(text) {
  const then = new Date(`${text}T00:00:00Z`);
  then.setUTCDate(then.getUTCDate() - 364);
  return then.toISOString().slice(0, 10);
}
