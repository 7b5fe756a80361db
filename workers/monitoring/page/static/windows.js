// The measures of a dyad over its windows.

import { h } from "/page/dom.js";
import { number, say, signed } from "/page/words.js";

const QUADS = ["q1", "q2", "q3", "q4"];

/** A table: a column for each window, a row for each measure. */
export function windows(full, aToB, bToA) {
  const rows = [
    [say("events head"), (one) => [number(one.together.events), change(one.together.trend.events, 0)]],
    [aToB, (one) => quads(one.a_to_b)],
    [bToA, (one) => quads(one.b_to_a)],
    [say("mentions head"), (one) => number(one.together.mentions)],
    [say("sources"), (one) => number(one.together.quads && one.together.sources)],
    [say("goldstein"), (one) => [signed(one.together.scores.goldstein_mean), change(one.together.trend.goldstein_mean, 1)]],
    [say("weighted"), (one) => signed(one.together.scores.mention_weighted_mean)],
    [say("net"), (one) => [signed(one.together.scores.net_cooperation), change(one.together.trend.net_cooperation, 1)]],
    [say("net normalised"), (one) => signed(one.together.scores.net_cooperation_normalised, 2)],
    [say("intensity"), (one) => signed(one.together.scores.intensity_mean)],
    [say("reciprocity"), (one) => number(one.reciprocity.events, 2)],
  ];
  const head = h("tr", {}, h("td"), full.windows.map((one) => h("th", { scope: "col" }, say("days", { n: one.days }))));
  const body = rows.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), full.windows.map((one) => h("td", { class: "number" }, value(one)))));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": say("windows title") },
    h("table", { class: "list" }, h("thead", {}, head), h("tbody", {}, body)),
    h("p", { class: "faint" }, say("windows note")),
  );
}

/** Counts by quad class, each in its colour. */
function quads(direction) {
  return QUADS.map((quad, at) => h("span", { class: `count quad-${at + 1}`, title: say(`quad ${at + 1}`) }, number(direction.quads[quad].events)));
}

/** The change against the window before. */
function change(value, digits) {
  if (value === null) return "";
  return h("span", { class: "change" }, ` ${value > 0 ? "▲" : value < 0 ? "▼" : "="} ${number(Math.abs(value), digits)}`);
}
