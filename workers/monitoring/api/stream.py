"""Server-sent events: what changes, as it is committed, and what was missed while a listener was away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from litestar import get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream
from msgspec import Struct

from workers.monitoring.api.parameters import DyadQuery, StatesQuery, TypesQuery, dyad_of
from workers.monitoring.api.problems import NotReady
from workers.monitoring.api.source import Source
from workers.monitoring.readmodel.changes import Change, Heard, mark, missed, parse_mark
from workers.monitoring.readmodel.hub import Listener, frame
from workers.monitoring.readmodel.taking import first_unheard, forgotten, kept_changes

MOST_LISTENERS = 5_000
QUIET_SECONDS = 15.0
"""After so long without an event a listener is sent its place alone, so that nobody between takes the line for dead."""
RETRY_MS = 1_000
"""How soon a browser connects again."""
CHUNK = 500
"""Changes read at once for a listener that comes back."""

Kind = Literal["event", "day", "mention"]


class Wanted(Struct, frozen=True):
    """Which changes a listener wants to hear of; empty is all."""

    dyad: str | None = None
    states: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def __call__(self, change: Change) -> bool:
        """Whether this is one of them. A type asks for events and mentions, days have none."""
        if self.dyad is not None and change.dyad != self.dyad:
            return False
        if self.states and not self.states.issubset(change.dyad.split("-")):
            return False
        if self.types and change.type not in self.types:
            return False
        return not self.kinds or change.kind in self.kinds


@get("/stream", summary="What changes, as it happens", operation_id="stream", media_type="text/event-stream")
async def get_stream(
    source: Source,
    dyad: DyadQuery = None,
    states: StatesQuery = None,
    types: TypesQuery = None,
    kinds: Annotated[
        list[Kind] | None, QueryParameter(name="kind", max_items=3, description="only changes of these tables")
    ] = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", max_length=20_000, description="the last id heard")
    ] = None,
    since: Annotated[
        str | None,
        QueryParameter(name="since", max_length=20_000, description="the same, for clients that set no headers"),
    ] = None,
) -> Stream:
    """Server-sent events `event`, `day` and `mention`: a row that is new, changed or gone. Resumes by `Last-Event-ID`.

    `reset` says that what was missed is no longer kept: read anew what you show.
    """
    if source.hub.listeners >= MOST_LISTENERS:
        raise NotReady(f"{MOST_LISTENERS} listen already")
    _ = source.database
    wanted = Wanted(dyad and dyad_of(dyad), frozenset(states or ()), frozenset(types or ()), frozenset(kinds or ()))
    return Stream(
        _told(source, wanted, last_event_id or since),
        media_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _told(source: Source, wanted: Wanted, since: str | None) -> AsyncIterator[bytes]:
    hub = source.hub
    listener = hub.listen()  # before looking back, so that nothing falls between
    try:
        generation, here = hub.generation, dict(hub.heard)
        heard: Heard = here
        told = 0
        if since:
            back = parse_mark(since)
            if back is None or back[0] != generation or missed(back[1], await source.ask(forgotten)):
                yield b"event: reset\ndata: {}\n\n"
            else:
                heard = back[1]
                async for change in _missed(source, heard):
                    told = change.seq
                    if wanted(change):
                        yield frame(change, mark(generation, heard))
        yield b"retry: %d\nid: %b\n\n" % (RETRY_MS, _place(generation, heard, here))
        async for sent in _live(source, listener, wanted, heard, told):
            yield sent
    finally:
        hub.leave(listener)


async def _missed(source: Source, heard: Heard) -> AsyncIterator[Change]:
    """The changes that are kept and not heard of; `heard` goes along."""
    number = await source.ask(first_unheard, dict(heard))
    while number is not None:
        chunk = await source.ask(kept_changes, number, CHUNK)
        for change in chunk:
            if change.offset >= heard[change.topic, change.partition]:
                heard[change.topic, change.partition] = change.offset + 1
                yield change
        number = chunk[-1].seq + 1 if len(chunk) == CHUNK else None


async def _live(source: Source, listener: Listener, wanted: Wanted, heard: Heard, told: int) -> AsyncIterator[bytes]:
    """What comes from now on. A listener that heard another read model may be ahead of this one: that is left out."""
    hub = source.hub
    while True:
        news = await listener.news(QUIET_SECONDS)
        ahead = any(offset > hub.heard.get(where, 0) for where, offset in heard.items())
        sent = b""
        for change, framed in news:
            if change.seq > told and change.offset >= heard.get((change.topic, change.partition), 0) and wanted(change):
                sent += framed
        if sent:
            yield sent
        elif not news and not listener.closed and not ahead:
            yield b"id: %b\n\n" % hub.mark.encode()
        if listener.closed:
            return


def _place(generation: int, heard: Heard, here: Heard) -> bytes:
    """Up to where a listener has heard that was just told all that is kept."""
    return mark(generation, {where: max(offset, here.get(where, 0)) for where, offset in heard.items()}).encode()
