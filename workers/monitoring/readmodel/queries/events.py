"""Events, and the articles that tell them."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection
from enum import StrEnum
from typing import cast

import msgspec
from msgspec import Struct

from models import Mention
from models.ontology import ontology
from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import (
    EVENT_COLUMNS,
    EventInFull,
    Events,
    ListedEvent,
    Mentions,
    Outlet,
    event_fields,
    evidence_of,
)

TOLD_BY = 100
"""Articles, and outlets, that come with one event; all articles are a list of their own."""

_BEST = "(SELECT row FROM mentions m WHERE m.event = events.id ORDER BY confidence DESC, article LIMIT 1)"


class EventOrder(StrEnum):
    """What events are sorted by, latest first."""

    DATE = "-date"
    UPDATED = "-updated_at"


class EventFilter(Struct, frozen=True, kw_only=True):
    """Which events."""

    dyad: str | None = None
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    quads: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    min_mentions: int = 0


def list_events(
    db: sqlite3.Connection, wanted: EventFilter, order: EventOrder, limit: int, since: str | None
) -> Events:
    """A part of the list. Raises `BadCursor`."""
    where = Where()
    where.one_of("dyad", [wanted.dyad] if wanted.dyad else None)
    where.states("dyad", wanted.states)
    where.one_of("type", wanted.types)
    where.one_of("quad", wanted.quads)
    where.one_of("status", wanted.statuses)
    where.between("date", wanted.first, wanted.last)
    if wanted.min_mentions:
        where.add("mentions >= ?", wanted.min_mentions)
    key, kind, place = ("date", str, 7) if order is EventOrder.DATE else ("at", int, 12)
    if since is not None:
        where.add(f"({key}, id) < (?, ?)", *after(since, kind, str))
    found = db.execute(
        f"SELECT {EVENT_COLUMNS}, {_BEST} FROM events{where} ORDER BY {key} DESC, id DESC LIMIT ?",
        (*where.values, limit + 1),
    ).fetchall()
    rows, end = split(found, limit)
    return Events(
        next=end and cursor(end[place], end[0]),
        items=[ListedEvent(**event_fields(row), evidence=best and evidence_of(best)) for *row, best in rows],
    )


def event_in_full(db: sqlite3.Connection, id: str) -> EventInFull | None:
    """One event with who tells it; None where there is none of this id."""
    row = db.execute(f"SELECT {EVENT_COLUMNS} FROM events WHERE id = ?", (id,)).fetchone()
    if row is None:
        return None
    told = db.execute(
        "SELECT row FROM mentions WHERE event = ? ORDER BY confidence DESC, article LIMIT ?", (id, TOLD_BY)
    )
    outlets = db.execute(
        "SELECT name, count(*) n FROM mentions JOIN outlets ON outlets.id = outlet WHERE event = ?"
        " GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?",
        (id, TOLD_BY),
    )
    fields = event_fields(row)
    named = ontology().cameo.get(fields["cameo"])
    return EventInFull(
        **fields,
        cameo_name=named.name if named else "",
        told_by=_as_published(told.fetchall()),
        told_by_outlets=[Outlet(outlet=outlet, events=1, mentions=count) for outlet, count in outlets],
    )


def list_mentions(
    db: sqlite3.Connection, *, event: str | None, article: str | None, limit: int, since: str | None
) -> Mentions:
    """Who tells an event, or what an article tells, or all there is, by event and article. Raises `BadCursor`."""
    where = Where()
    where.one_of("event", _given(event))
    where.one_of("article", _given(article))
    if since is not None:
        where.add("(event, article) > (?, ?)", *after(since, str, str))
    found = db.execute(
        f"SELECT row, event, article FROM mentions{where} ORDER BY event, article LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    rows, end = split(found, limit)
    return Mentions(next=end and cursor(end[1], end[2]), items=_as_published(rows))


def _as_published(rows: Collection[tuple[bytes, ...]]) -> list[Mention]:
    return cast(list[Mention], [msgspec.Raw(row[0]) for row in rows])


def _given(value: str | None) -> list[str] | None:
    return None if value is None else [value]
