// The index of a relation as a colour: one of nine steps from conflict to cooperation.

import { h } from "/page/dom.js";
import { number, say } from "/page/words.js";

const STEPS = 9;

/** The step of an index of 0..100, 0..8. */
export const step = (index) => Math.min(STEPS - 1, Math.floor((index / 100) * STEPS));

/** Give an element the colour of an index. */
export function heat(element, index) {
  if (index === null || index === undefined) element.removeAttribute("data-heat");
  else element.dataset.heat = step(index);
}

/** An index as a coloured number. */
export function chip(index, big = false) {
  const shown = h("span", { class: big ? "chip big" : "chip" }, number(index));
  heat(shown, index);
  return shown;
}

/** What the colours mean. */
export function legend() {
  const steps = Array.from({ length: STEPS }, (_, at) => h("i", { "data-heat": at }));
  return h("p", { class: "legend" }, h("span", {}, say("conflict")), h("span", { class: "steps", "aria-hidden": "true" }, steps), h("span", {}, say("cooperation")));
}
