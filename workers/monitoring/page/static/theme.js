// Before anything is drawn: the theme that the reader chose, else that of the system. A script of its own, not a module,
// so that a dark page does not flash white.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  window.setTheme = (choice) => {
    const shown = choice === "dark" || (choice !== "light" && dark.matches) ? "dark" : "light";
    document.documentElement.dataset.theme = shown;
    dispatchEvent(new Event("themechange"));
  };
  const chosen = () => localStorage.getItem("theme") || "auto";
  dark.addEventListener("change", () => window.setTheme(chosen()));
  window.setTheme(chosen());
})();
