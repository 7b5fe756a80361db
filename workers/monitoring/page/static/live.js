// What changes, as the server tells it (server-sent events). Comes back by itself, and hears what it missed meanwhile.
//
// Read by fetch rather than EventSource, which can send no token and gives up for good when a server that is starting
// answers 503. The format and Last-Event-ID are the same.

import { NeedsToken, credentials } from "/page/api.js";

const SILENT_MS = 40_000; // the server says something every 15 s
const SHORTEST_MS = 500;
const LONGEST_MS = 4_000;

/** Listen for ever. `heard(kind, data)` is told each change, `now(state)` whether it is connected. */
export async function listen({ heard, now }) {
  let last = "";
  let pause = SHORTEST_MS;
  for (;;) {
    now("connecting");
    try {
      await follow(last, {
        begun: () => {
          pause = SHORTEST_MS;
          now("live");
        },
        told: (event) => {
          last = event.id || last;
          if (event.data) heard(event.kind, JSON.parse(event.data));
        },
      });
    } catch (error) {
      if (error instanceof NeedsToken) {
        now("token");
        return;
      }
    }
    now("lost");
    await new Promise((resume) => setTimeout(resume, pause));
    pause = Math.min(2 * pause, LONGEST_MS);
  }
}

async function follow(last, { begun, told }) {
  const ending = new AbortController();
  let silence = setTimeout(() => ending.abort(), SILENT_MS);
  try {
    const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }), ...credentials() };
    const answer = await fetch("/api/v1/stream", { headers, signal: ending.signal, cache: "no-store" });
    if (answer.status === 401) throw new NeedsToken();
    if (!answer.ok) throw new Error(answer.statusText);
    begun();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => ending.abort(), SILENT_MS);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      blocks.map(parse).forEach(told);
    }
  } finally {
    clearTimeout(silence);
  }
}

function parse(block) {
  const event = { kind: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") event.kind = value;
    if (field === "id") event.id = value;
    if (field === "data") event.data += value;
  }
  return event;
}
