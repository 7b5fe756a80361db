// Search in the evidence.

import { get } from "/page/api.js";
import { foreign, h, outside } from "/page/dom.js";
import { address } from "/page/route.js";
import { day, dyad as named, say } from "/page/words.js";

export async function open(route) {
  const found = h("div", { role: "status", "aria-live": "polite" });
  const input = h("input", { type: "search", name: "q", maxlength: 200, value: route.query.get("q") ?? "", "aria-label": say("search") });
  const form = h("form", { class: "filters", role: "search", onsubmit }, input, h("button", {}, say("search")));

  function onsubmit(event) {
    event.preventDefault();
    location.hash = address("search", "", new URLSearchParams({ q: input.value }));
  }

  async function look({ query }) {
    const q = query.get("q")?.trim();
    if (!q) return found.replaceChildren(h("p", { class: "faint" }, say("search how")));
    const hits = await get("search", { q, limit: 50 });
    found.replaceChildren(hits.items.length ? h("ol", { class: "events" }, hits.items.map(hit)) : h("p", {}, say("nothing found")));
  }

  await look(route);
  return { element: h("div", {}, h("h1", { tabindex: "-1" }, say("search title")), form, found), title: say("search title"), update: look };
}

function hit({ event, evidence, snippet }) {
  const parts = snippet.split(/[\u0002\u0003]/).map((part, at) => (at % 2 ? h("mark", {}, part) : part));
  return h(
    "li",
    { class: `event quad-${event?.quad ?? 0}` },
    event && h("p", { class: "event-head" }, h("time", {}, day(event.date)), h("a", { href: address("event", event.id) }, named(event.dyad)), say(`type ${event.type}`)),
    h("blockquote", { class: "evidence", dir: "auto" }, parts),
    h("p", { class: "faint" }, foreign(evidence.outlet ?? say("no outlet")), " · ", outside(evidence.url, evidence.article)),
  );
}
