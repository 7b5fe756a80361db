// Questions to the API.

const ROOT = "/api/v1/";

export class NeedsToken extends Error {}

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Headers by which the server lets us in, where it asks for a token. */
export function credentials() {
  const token = sessionStorage.getItem("token");
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** What a GET answers. `query` has values or lists of them; empty ones are left out. */
export async function get(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== "" && one !== null && one !== undefined) parameters.append(name, one);
  }
  const asked = parameters.size ? `?${parameters}` : "";
  const answer = await fetch(ROOT + path + asked, { headers: { Accept: "application/json", ...credentials() } });
  if (answer.status === 401) throw new NeedsToken();
  if (!answer.ok) throw new Refused(answer.status, (await answer.json().catch(() => ({}))).detail ?? answer.statusText);
  return answer.json();
}
