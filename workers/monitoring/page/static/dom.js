// Elements from strings and values. Text is only ever set as text: nothing here takes HTML.

/** An element: `on…` functions listen, `data-…`, `aria-…` and others are attributes, null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Text from an article, apart from what stands around it: its direction marks end where it ends. */
export const foreign = (text) => h("bdi", {}, text);

/** A link to an article, if it is one to the web; else its text. */
export function outside(url, text) {
  const safe = webAddress(url);
  if (!safe) return foreign(text);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer nofollow" }, foreign(text));
}

function webAddress(url) {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A sentence with some characters of it marked. The places count code points, as Python does. */
export function marked(text, start, end) {
  const points = Array.from(text);
  const part = (from, to) => points.slice(from, to).join("");
  if (!(start >= 0 && start < end && end <= points.length)) return [text];
  return [part(0, start), h("mark", {}, part(start, end)), part(end)];
}

/** What `act` is given, once nothing more comes for some milliseconds; it gets all that came, each once. */
export function gather(milliseconds, act) {
  let waiting = new Set();
  let timer = null;
  const add = (one) => {
    waiting.add(one);
    timer ??= setTimeout(() => {
      const all = [...waiting];
      waiting = new Set();
      timer = null;
      act(all);
    }, milliseconds);
  };
  add.stop = () => clearTimeout(timer);
  return add;
}
