// How the pipeline does.

import { get } from "/page/api.js";
import { foreign, h } from "/page/dom.js";
import { knows, moment, number, say } from "/page/words.js";

const EVERY_MS = 5_000;

export async function open() {
  const box = h("div");

  async function load() {
    const [health, letters] = await Promise.all([get("health"), get("letters", { limit: 20 })]);
    box.replaceChildren(...draw(health, letters.items));
  }

  await load();
  const timer = setInterval(() => load().catch(() => {}), EVERY_MS);
  return {
    element: h("div", {}, h("h1", { tabindex: "-1" }, say("health title")), box),
    title: say("health title"),
    refresh: load,
    close: () => clearInterval(timer),
  };
}

function draw({ status, problems, read_model, pipeline, dead_letters, audit }, letters) {
  return [
    h("p", { class: `state-of ${status}` }, say(`health ${status}`)),
    h("ul", {}, problems.map((problem) => h("li", { class: "trouble" }, problem))),
    h(
      "dl",
      { class: "facts" },
      fact("read model lag", number(read_model.lag)),
      fact("generation", read_model.generation ?? "–"),
      fact("listeners", number(read_model.listeners)),
      fact("unreadable", number(read_model.unreadable)),
      fact("dead letters", dead_letters ? number(dead_letters.total) : "–"),
      fact("last audit", audit ? say("audit said", { differences: number(audit.differences), at: moment(audit.at) }) : say("no audit")),
      fact("looked at", moment(pipeline.looked_at)),
    ),
    h("h2", {}, say("lag title")),
    agents(pipeline.agents),
    h("h2", {}, say("letters title")),
    letters.length ? dead(letters) : h("p", { class: "faint" }, say("no letters")),
  ];
}

const fact = (name, value) => h("div", {}, h("dt", {}, say(name)), h("dd", {}, value));

function agents(all) {
  const rows = all.map((agent) =>
    h("tr", {}, h("th", { scope: "row" }, knows(`agent ${agent.agent}`) ? say(`agent ${agent.agent}`) : agent.agent), h("td", {}, agent.source), h("td", { class: "number" }, number(agent.lag)), h("td", { class: "number wide" }, agent.partitions.map((one) => number(one.lag)).join(" · "))),
  );
  const head = h("tr", {}, h("th", { scope: "col" }, say("agent")), h("th", { scope: "col" }, say("topic")), h("th", { scope: "col" }, say("lag")), h("th", { scope: "col", class: "wide" }, say("by partition")));
  return h("table", { class: "list" }, h("thead", {}, head), h("tbody", {}, rows));
}

function dead(letters) {
  const rows = letters.map((one) => h("li", {}, h("p", {}, h("strong", {}, one.reason), ` · ${moment(one.at)} · `, h("code", {}, one.place)), h("p", { class: "faint" }, foreign(one.article), " ", foreign(one.error))));
  return h("ul", { class: "letters" }, rows);
}
