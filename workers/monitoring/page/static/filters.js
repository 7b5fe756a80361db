// A form whose values stand in the address, so that a link shows what its sender saw.

import { h } from "/page/dom.js";
import { address } from "/page/route.js";
import { allStates, say, state } from "/page/words.js";

export const TYPES =
  "AGREE CONSULT SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE COERCE ASSAULT".split(" ");
export const QUADS = ["1", "2", "3", "4"];
export const STATUSES = ["happened", "planned", "hypothetical", "denied"];

const CHOICES = {
  state: () => allStates().map((code) => [code, state(code)]),
  type: () => TYPES.map((type) => [type, say(`type ${type}`)]),
  quad: () => QUADS.map((quad) => [quad, say(`quad ${quad}`)]),
  status: () => STATUSES.map((status) => [status, say(`status ${status}`)]),
};

/** A form for these filters; a change goes into the address. */
export function filters(names, { view, id, query }) {
  const form = h("form", { class: "filters", "aria-label": say("filters"), onsubmit: (event) => event.preventDefault() });
  const changed = () => {
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    location.hash = address(view, id, new URLSearchParams(filled));
  };
  form.addEventListener("change", changed);
  const fields = names.map((name) => h("label", {}, h("span", {}, say(`filter ${name}`)), field(name, query.get(name) ?? "")));
  const clear = h("button", { type: "button", onclick: () => (form.querySelectorAll("select, input").forEach((one) => (one.value = "")), changed()) }, say("clear"));
  form.append(...fields, clear);
  const set = names.some((name) => query.get(name));
  return h("details", { class: "filter-box", open: set || matchMedia("(min-width: 700px)").matches }, h("summary", {}, say("filters")), form);
}

/** What of the query these filters are, as the API asks for it. */
export const asked = (names, query) => Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""]));

/** Whether an event is one of those that the query asks for. */
export function wanted(event, query) {
  const is = (name, ...values) => !query.get(name) || values.includes(query.get(name));
  const date = event.date ?? "";
  return (
    is("type", event.type) &&
    is("quad", String(event.quad)) &&
    is("status", event.status) &&
    is("state", ...event.dyad.split("-")) &&
    (!query.get("from") || date >= query.get("from")) &&
    (!query.get("to") || (date && date <= query.get("to")))
  );
}

function field(name, value) {
  if (CHOICES[name]) {
    const options = [["", say("all")], ...CHOICES[name]()];
    return h("select", { name }, options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  }
  const type = name === "min_events" ? "number" : "date";
  return h("input", { name, type, value, min: type === "number" ? 1 : null, max: type === "number" ? 999999 : null });
}
