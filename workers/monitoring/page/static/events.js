// Events: one in a list, with its evidence and who tells it; and a list that goes along with what changes.

import { get } from "/page/api.js";
import { foreign, gather, h, marked, outside } from "/page/dom.js";
import { wanted } from "/page/filters.js";
import { address, dyadAddress } from "/page/route.js";
import { day, moment, number, say, signed, state } from "/page/words.js";

const KEPT = 200;

/** A sentence from an article, its trigger marked. */
export const evidence = (text, start, end) => h("blockquote", { class: "evidence", dir: "auto" }, marked(text, start, end));

/** One event; `open` shows who tells it. */
export function eventItem(event, { open = false } = {}) {
  const arrow = event.reciprocal ? "↔" : "→";
  const item = h("li", { class: `event quad-${event.quad}`, "data-event": event.id });
  const told = h("div", { class: "told" });
  const button = h("button", { type: "button", "aria-expanded": "false", onclick: () => toggle() }, say("told by", { n: event.mentions }));
  item.append(
    h(
      "p",
      { class: "event-head" },
      h("time", { datetime: event.date }, day(event.date)),
      h("a", { class: "parties", href: dyadAddress(event.dyad) }, state(event.source), h("span", { class: "arrow", "aria-label": say(event.reciprocal ? "with" : "towards") , role: "img" }, arrow), state(event.target)),
    ),
    h(
      "p",
      { class: "event-kind" },
      h("span", { class: `badge quad-${event.quad}`, title: say(`quad ${event.quad}`) }, say(`type ${event.type}`)),
      event.status !== "happened" && h("span", { class: "badge status" }, say(`status ${event.status}`)),
      h("span", { class: "faint" }, `CAMEO ${event.cameo} · ${say("goldstein short")} ${signed(event.goldstein)}`),
    ),
  );
  if (event.evidence) item.append(evidence(event.evidence.text, event.evidence.trigger_start, event.evidence.trigger_end));
  item.append(h("p", { class: "event-foot" }, button, h("a", { class: "faint", href: address("event", event.id) }, say("link"))), told);

  async function toggle() {
    const shown = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!shown));
    told.replaceChildren();
    if (shown) return;
    try {
      told.replaceChildren(toldBy(await get(`events/${event.id}`)));
    } catch (error) {
      told.replaceChildren(h("p", { class: "trouble" }, error.status === 404 ? say("gone") : say("no answer")));
    }
  }
  if (open) toggle();
  return item;
}

/** Who tells an event: outlets, then each article with its sentence. */
function toldBy(event) {
  const outlets = event.told_by_outlets.map((one) => h("li", {}, foreign(one.outlet ?? say("no outlet")), ` · ${number(one.mentions)}`));
  return h(
    "div",
    {},
    h("p", { class: "faint" }, `${say("outlets")}: `, h("span", {}, event.cameo_name), ` (${event.cameo})`),
    h("ul", { class: "outlets" }, outlets),
    h("ul", { class: "articles" }, event.told_by.map(article)),
  );
}

function article(mention) {
  const { evidence: sentence, trigger } = mention;
  const said = [mention.published_at && moment(mention.published_at), `${say("confidence")} ${number(mention.confidence, 2)}`, mention.coder];
  return h(
    "li",
    {},
    h("p", {}, foreign(mention.outlet ?? say("no outlet")), " · ", outside(mention.url, mention.article)),
    evidence(sentence.text, trigger.start - sentence.start, trigger.end - sentence.start),
    h("p", { class: "faint" }, said.filter(Boolean).join(" · ")),
  );
}

/** A list of events of a query to the API, that goes along with the stream. */
export class EventList {
  constructor({ query, sort = "-date", limit = 50, here = () => true, label }) {
    this.sort = sort;
    this.limit = limit;
    this.here = here;
    this.list = h("ol", { class: "events", "aria-label": label });
    this.none = h("p", { class: "faint", hidden: true }, say("no events"));
    this.more = h("button", { type: "button", hidden: true, onclick: () => this.load(this.next) }, say("more"));
    this.element = h("div", {}, this.list, this.none, this.more);
    this.query = query;
    this.again = gather(150, (ids) => ids.forEach((id) => this.draw(id)));
  }

  /** Read the first part anew, or the part at a cursor. */
  async load(cursor = null) {
    const asking = (this.asking = {});
    const page = await get("events", { ...this.query(), sort: this.sort, limit: this.limit, cursor });
    if (asking !== this.asking) return;
    if (!cursor) this.list.replaceChildren();
    this.list.append(...page.items.map((event) => eventItem(event)));
    this.next = page.next;
    this.more.hidden = !page.next;
    this.none.hidden = this.list.children.length > 0;
  }

  /** A change of the stream. A new event is shown at once, and with its evidence when that is there. */
  heard(kind, data, filter) {
    if (kind === "event" && this.here(data.event) && wanted(data.event, filter)) {
      const shown = this.find(data.event.id);
      if (data.change === "gone") return shown && this.takeBack(shown);
      if (!shown) this.put(eventItem(data.event));
      this.again(data.event.id);
    }
    if (kind === "mention" && this.find(data.mention.event)) this.again(data.mention.event);
  }

  find(id) {
    return this.list.querySelector(`[data-event="${CSS.escape(id)}"]`);
  }

  put(item) {
    item.classList.add("lit");
    this.none.hidden = true;
    this.list.prepend(item);
    while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
  }

  takeBack(item) {
    item.classList.add("taken-back");
    item.querySelector(".event-kind")?.prepend(h("span", { class: "badge status" }, say("taken back")));
  }

  /** Draw an event anew, unless its reader has it open. */
  async draw(id) {
    const event = await get(`events/${id}`).catch(() => null);
    const shown = this.find(id);
    if (!event || !shown || shown.classList.contains("taken-back") || shown.querySelector("[aria-expanded=true]")) return;
    const [best] = event.told_by;
    const start = best && best.trigger.start - best.evidence.start;
    const sentence = best && { text: best.evidence.text, trigger_start: start, trigger_end: start + best.trigger.end - best.trigger.start };
    const focused = shown.contains(document.activeElement);
    const drawn = eventItem({ ...event, evidence: sentence });
    if (shown.classList.contains("lit")) drawn.classList.add("settled");
    shown.replaceWith(drawn);
    if (focused) drawn.querySelector("a")?.focus();
  }
}
