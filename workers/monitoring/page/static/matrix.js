// All dyads: a matrix coloured by the index that lights as events arrive, the same as a list, and what comes in.

import { get } from "/page/api.js";
import { gather, h } from "/page/dom.js";
import { EventList } from "/page/events.js";
import { asked, filters } from "/page/filters.js";
import { chip, heat, legend } from "/page/heat.js";
import { address, dyadAddress } from "/page/route.js";
import { day, dyad as named, number, say, signed, state } from "/page/words.js";

const FILTERS = ["state", "type", "quad", "from", "to", "min_events"];
const OF_DYADS = FILTERS;
const OF_EVENTS = ["state", "type", "quad", "from", "to"];
const LISTED = 40;
const MANY = 25; // from so many changed dyads on all are read anew

const STATES_SHOWN = () => (innerWidth < 600 ? 8 : innerWidth < 1100 ? 16 : 20);

export async function open(route) {
  let { query } = route;
  let rows = new Map();
  const grid = h("div", { class: "grid-box", tabindex: "0", role: "region", "aria-label": say("matrix") });
  const list = h("div");
  const events = new EventList({ query: () => asked(OF_EVENTS, query), sort: "-updated_at", limit: innerWidth < 1000 ? 5 : 15, label: say("as it happens") });
  const changed = gather(150, read);

  async function load() {
    const [dyads] = await Promise.all([get("dyads", { ...asked(OF_DYADS, query), limit: 1000 }), events.load()]);
    rows = new Map(dyads.items.map((row) => [row.dyad, row]));
    draw();
  }

  /** Read some dyads anew, light them. */
  async function read(dyads) {
    if (dyads.length > MANY) return load();
    const found = await Promise.all(
      dyads.map((code) => get("dyads", { ...asked(OF_DYADS, query), state: code.split("-") }).catch(() => null)),
    );
    dyads.forEach((code, at) => {
      if (!found[at]) return;
      const [row] = found[at].items;
      const fits = row && (!query.get("state") || code.split("-").includes(query.get("state")));
      if (fits) rows.set(code, row);
      else rows.delete(code);
    });
    draw(new Set(dyads));
  }

  function draw(lit = new Set()) {
    const focused = document.activeElement?.closest("[data-cell]")?.dataset.cell;
    grid.replaceChildren(rows.size ? matrix(rows, lit) : h("p", { class: "faint" }, say("no dyads")));
    list.replaceChildren(rows.size ? table(rows, lit) : "");
    if (focused) grid.querySelector(`[data-cell="${focused}"] a`)?.focus();
  }

  const element = h(
    "div",
    {},
    h("h1", { tabindex: "-1" }, say("matrix title")),
    h("p", { class: "lead" }, say("matrix lead")),
    filters(FILTERS, route),
    h(
      "div",
      { class: "columns" },
      h("section", {}, legend(), grid),
      h("section", { class: "side" }, h("h2", {}, say("as it happens")), events.element),
      h("section", {}, h("h2", {}, say("dyads")), list),
    ),
  );
  const resized = () => draw();
  addEventListener("resize", resized);
  await load();
  return {
    element,
    title: say("matrix title"),
    refresh: load,
    update: (now) => ((query = now.query), load()),
    heard(kind, data) {
      events.heard(kind, data, query);
      if (kind !== "mention") changed(data.dyad);
    },
    close() {
      changed.stop();
      removeEventListener("resize", resized);
    },
  };
}

function matrix(rows, lit) {
  const weight = new Map();
  for (const row of rows.values()) for (const code of [row.a, row.b]) weight.set(code, (weight.get(code) ?? 0) + row.events);
  const codes = [...weight.keys()].sort((a, b) => weight.get(b) - weight.get(a) || a.localeCompare(b)).slice(0, STATES_SHOWN());
  const head = h("tr", {}, h("td"), codes.map((code) => h("th", { scope: "col" }, h("a", { href: address("state", code), title: state(code), tabindex: "-1" }, code))));
  const body = codes.map((row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("a", { href: address("state", row), title: state(row) , tabindex: "-1"}, row)),
      codes.map((column) => cell(row, column, rows, lit)),
    ),
  );
  const table = h("table", { class: "matrix" }, h("caption", { class: "unseen" }, say("matrix caption")), h("thead", {}, head), h("tbody", {}, body));
  table.addEventListener("keydown", (event) => move(event, table));
  table.querySelector("td a")?.setAttribute("tabindex", "0");
  return table;
}

function cell(row, column, rows, lit) {
  if (row === column) return h("td", { class: "self" });
  const code = [row, column].sort().join("-");
  const known = rows.get(code);
  if (!known) return h("td");
  const label = say("cell", { dyad: named(code), index: number(known.index), events: say("events", { n: known.events }) });
  const made = h("td", { "data-cell": `${row}-${column}`, "data-dyad": code }, h("a", { href: dyadAddress(code), tabindex: "-1", title: label, "aria-label": label }, number(known.index)));
  heat(made, known.index);
  if (lit.has(code)) made.classList.add("lit");
  return made;
}

/** Arrow keys go from cell to cell, over those that are empty; Tab leaves the matrix. */
function move(event, table) {
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  const from = event.target.closest("td, th");
  if (!by || !from) return;
  event.preventDefault();
  for (let row = from.parentElement.rowIndex, column = from.cellIndex; ; ) {
    row += by[0];
    column += by[1];
    const to = table.rows[row]?.cells[column];
    if (!to) return;
    const link = to.querySelector("a");
    if (!link) continue;
    table.querySelectorAll("[tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
    link.setAttribute("tabindex", "0");
    link.focus();
    return;
  }
}

function table(rows, lit) {
  const sorted = [...rows.values()].sort((a, b) => b.events - a.events || a.dyad.localeCompare(b.dyad));
  const head = ["dyad", "index", "events head", "quads", "goldstein short", "last"];
  const line = (row) =>
    h(
      "tr",
      { class: lit.has(row.dyad) ? "lit" : null, "data-row": row.dyad },
      h("th", { scope: "row" }, h("a", { href: dyadAddress(row.dyad) }, named(row.dyad))),
      h("td", {}, chip(row.index)),
      h("td", { class: "number" }, number(row.events)),
      h("td", { class: "number quads" }, ["q1", "q2", "q3", "q4"].map((quad) => number(row.quads[quad])).join(" · ")),
      h("td", { class: "number wide" }, signed(row.goldstein_mean)),
      h("td", { class: "wide" }, row.last ? day(row.last) : "–"),
    );
  const body = h("tbody", {}, sorted.slice(0, LISTED).map(line));
  const more = h("button", { type: "button", onclick: () => (body.append(...sorted.slice(LISTED).map(line)), more.remove()) }, say("more"));
  return h(
    "div",
    {},
    h("table", { class: "list" }, h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col", class: ["goldstein short", "last"].includes(name) ? "wide" : null }, say(name))))), body),
    sorted.length > LISTED && more,
  );
}
