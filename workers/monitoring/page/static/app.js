// The page: one view at a time, the header, and the stream that all views hear.

import { NeedsToken, get } from "/page/api.js";
import { gather, h } from "/page/dom.js";
import { header } from "/page/header.js";
import { listen } from "/page/live.js";
import { route } from "/page/route.js";
import { dyad, knows, learn, named, say, speak } from "/page/words.js";

const VIEWS = ["matrix", "dyad", "state", "event", "search", "health"];
const SPOKEN_MS = 5_000;

const main = document.getElementById("main");
const announcer = document.getElementById("announcer");
const modules = Object.fromEntries(await Promise.all(VIEWS.map(async (name) => [name, await import(`/page/${name}.js`)])));

let at = null; // where we are
let view = null; // what is shown there
let top = null;
let going = 0;
let connected = false;

async function start() {
  await speak(localStorage.getItem("language"));
  document.getElementById("skip").textContent = say("skip");
  document.getElementById("skip").onclick = (event) => (event.preventDefault(), main.focus());
  top = header({ spoken: async (language) => (localStorage.setItem("language", language), await start(), await show(true)) });
  document.getElementById("top").replaceChildren(top.element);
  top.connection(connected ? "live" : "connecting");
  await names();
}

async function names() {
  try {
    learn((await get("states", { limit: 1000 })).items);
  } catch (error) {
    if (error instanceof NeedsToken) askForToken();
  }
}

/** Show what the address names; in the same view only what is asked of it has changed. */
async function show(anew = false) {
  const to = route();
  const mine = ++going;
  top.here(to.view);
  try {
    if (!anew && view?.update && at?.view === to.view && at.id === to.id) {
      at = to;
      await view.update(to);
      return;
    }
    main.setAttribute("aria-busy", "true");
    const opened = await modules[to.view].open(to);
    if (mine !== going) return opened.close?.();
    const first = at === null;
    view?.close?.();
    [at, view] = [to, opened];
    main.replaceChildren(view.element);
    document.title = `${view.title} · Dyads`;
    if (!first && !anew) {
      scrollTo(0, 0);
      main.querySelector("h1")?.focus({ preventScroll: true });
    }
    view.shown?.();
  } catch (error) {
    if (mine === going) fail(error);
  } finally {
    if (mine === going) main.removeAttribute("aria-busy");
  }
}

function fail(error) {
  view?.close?.();
  view = null;
  if (error instanceof NeedsToken) return askForToken();
  const detail = error.status ? error.message : "";
  main.replaceChildren(h("h1", { tabindex: "-1" }, say("no answer")), h("p", {}, detail), h("button", { onclick: () => show(true) }, say("try again")));
}

function askForToken() {
  const input = h("input", { type: "password", autocomplete: "off", "aria-label": say("token") });
  const enter = (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", input.value);
    location.reload();
  };
  main.replaceChildren(h("h1", { tabindex: "-1" }, say("token title")), h("form", { class: "filters", onsubmit: enter }, input, h("button", {}, say("enter"))));
}

/** Say what came, not more often than can be listened to. */
const announce = gather(SPOKEN_MS, (events) => {
  const last = events.at(-1);
  announcer.textContent = say("announced", { n: events.length, dyad: dyad(last.dyad), type: say(`type ${last.type}`) });
});

const strangers = new Set(); // states that nobody could name
let telling = Promise.resolve();

/** Tell the view, one change after the other; of a state that is new its name is asked first. */
function heard(kind, data) {
  telling = telling.then(() => tell(kind, data)).catch((error) => console.warn(error));
}

async function tell(kind, data) {
  if (kind === "reset") return view ? view.refresh?.() : show(true);
  const unknown = data.dyad.split("-").filter((code) => !named(code) && !strangers.has(code));
  if (unknown.length) {
    await names();
    unknown.filter((code) => !named(code)).forEach((code) => strangers.add(code));
  }
  if (data.event && data.change === "new" && knows(`type ${data.type}`)) announce(data.event);
  view?.heard?.(kind, data);
}

function now(state) {
  const back = state === "live" && !connected;
  connected = state === "live";
  top.connection(state);
  if (back && !view && at !== null) show(true); // the server was away when this was to be shown
}

await start();
addEventListener("hashchange", () => show());
await show();
listen({ heard, now });
