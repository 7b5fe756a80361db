// One state: all its neighbours, and what was told of it last.

import { get } from "/page/api.js";
import { gather, h } from "/page/dom.js";
import { EventList } from "/page/events.js";
import { asked, filters } from "/page/filters.js";
import { chip } from "/page/heat.js";
import { dyadAddress } from "/page/route.js";
import { current, day, number, say, signed, state } from "/page/words.js";

const FILTERS = ["from", "to"];

export async function open(route) {
  const code = route.id;
  let { query } = route;
  const around = h("div");
  const count = h("p", { class: "lead" });
  const events = new EventList({
    query: () => ({ state: code, ...asked(FILTERS, query) }),
    here: (event) => event.dyad.split("-").includes(code),
    label: say("events title"),
  });

  async function read() {
    const found = await get(`states/${code}`, asked(FILTERS, query)).catch((error) => {
      if (error.status === 404) return null;
      throw error;
    });
    count.textContent = found
      ? say("state total", { dyads: say("neighbours", { n: found.neighbours.length }), events: say("events", { n: found.state.events }) })
      : say("unknown state");
    around.replaceChildren(found ? table(code, found.neighbours) : "");
  }

  const load = () => Promise.all([read(), events.load()]);
  const changed = gather(200, read);
  const element = h(
    "div",
    {},
    h("h1", { tabindex: "-1" }, state(code)),
    count,
    filters(FILTERS, route),
    h(
      "div",
      { class: "columns" },
      h("section", {}, h("h2", {}, say("neighbours title")), around),
      h("section", { class: "side" }, h("h2", {}, say("events title")), events.element),
    ),
  );
  await load();
  return {
    element,
    title: state(code),
    refresh: load,
    update: (now) => ((query = now.query), load()),
    heard(kind, data) {
      if (!data.dyad.split("-").includes(code)) return;
      events.heard(kind, data, query);
      changed(code);
    },
    close: () => changed.stop(),
  };
}

function table(code, neighbours) {
  const counts = (quads) => ["q1", "q2", "q3", "q4"].map((quad, at) => h("span", { class: `count quad-${at + 1}`, title: say(`quad ${at + 1}`) }, number(quads[quad])));
  const rows = neighbours.map((one) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: dyadAddress(one.relation.dyad) }, current() === "ru" ? one.name_ru : one.name)),
      h("td", {}, chip(one.relation.index)),
      h("td", { class: "number" }, counts(one.quads_out)),
      h("td", { class: "number" }, counts(one.quads_in)),
      h("td", { class: "number wide" }, signed(one.relation.goldstein_mean)),
      h("td", { class: "wide" }, one.relation.last ? day(one.relation.last) : "–"),
    ),
  );
  const head = [["state head"], ["index"], ["out"], ["in"], ["goldstein short", "wide"], ["last", "wide"]];
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": say("neighbours title") },
    h("table", { class: "list" }, h("thead", {}, h("tr", {}, head.map(([name, wide]) => h("th", { scope: "col", class: wide }, say(name, { state: state(code) }))))), h("tbody", {}, rows)),
    h("p", { class: "faint" }, say("quads note")),
  );
}
