// Where we are: `#/dyad/BLR-KAZ?quad=3` is the view `dyad` of `BLR-KAZ` with a query.

const SHAPES = { dyad: /^[A-Z]{3}-[A-Z]{3}$/, state: /^[A-Z]{3}$/, event: /^[0-9a-f]{1,64}$/ };

/** The view that the address names; the matrix where it names none that there is. */
export function route(hash = location.hash) {
  const [path, asked = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, id = ""] = path.split("/");
  const query = new URLSearchParams(asked);
  if (SHAPES[view]?.test(id) || ["health", "search"].includes(view)) return { view, id, query };
  return { view: "matrix", id: "", query };
}

/** The address of a view. */
export function address(view, id = "", query = new URLSearchParams()) {
  const asked = new URLSearchParams([...query].filter(([, value]) => value !== "")).toString();
  return `#/${view === "matrix" ? "" : view}${id ? `/${id}` : ""}${asked ? `?${asked}` : ""}`;
}

export const dyadAddress = (code) => address("dyad", code.split("-").sort().join("-"));
