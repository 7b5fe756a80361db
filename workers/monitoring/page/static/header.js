// The header: where one can go, whether we hear the server, the language and the theme.

import { h } from "/page/dom.js";
import { address } from "/page/route.js";
import { current, languages, say } from "/page/words.js";

const THEMES = ["auto", "light", "dark"];

export function header({ spoken }) {
  const links = ["matrix", "search", "health"].map((view) => h("a", { href: address(view), "data-view": view }, say(`nav ${view}`)));
  const light = h("span", { class: "connection", role: "status", "data-state": "connecting" });
  const theme = h(
    "select",
    { "aria-label": say("theme"), onchange: () => (localStorage.setItem("theme", theme.value), window.setTheme(theme.value)) },
    THEMES.map((name) => h("option", { value: name, selected: name === (localStorage.getItem("theme") ?? "auto") }, say(`theme ${name}`))),
  );
  const language = h(
    "select",
    { "aria-label": say("language"), onchange: () => spoken(language.value) },
    languages().map(([code, name]) => h("option", { value: code, lang: code, selected: code === current() }, name)),
  );
  return {
    element: h("div", { class: "bar" }, h("a", { class: "brand", href: "#/" }, "Dyads"), h("nav", { "aria-label": say("navigation") }, links), h("div", { class: "bar-end" }, light, language, theme)),

    /** Mark the view that is shown. */
    here(view) {
      for (const link of links) {
        if (link.dataset.view === view) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },

    /** Show whether we hear the server. */
    connection(state) {
      const text = say(`connection ${state}`);
      if (light.textContent !== text) light.textContent = text;
      light.dataset.state = state;
    },
  };
}
