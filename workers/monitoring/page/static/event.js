// One event, by a link of its own.

import { get } from "/page/api.js";
import { gather, h } from "/page/dom.js";
import { eventItem } from "/page/events.js";
import { dyad as named, say } from "/page/words.js";

export async function open({ id }) {
  const box = h("div");
  const heading = h("h1", { tabindex: "-1" }, say("event title"));

  async function load() {
    const event = await get(`events/${id}`).catch((error) => {
      if (error.status === 404) return null;
      throw error;
    });
    heading.textContent = event ? named(event.dyad) : say("event title");
    box.replaceChildren(event ? h("ol", { class: "events" }, eventItem(event, { open: true })) : h("p", {}, say("gone")));
  }

  const changed = gather(200, load);
  await load();
  return {
    element: h("div", {}, heading, box),
    title: heading.textContent,
    refresh: load,
    heard(kind, data) {
      if (data.event?.id === id || data.mention?.event === id) changed(id);
    },
    close: () => changed.stop(),
  };
}
