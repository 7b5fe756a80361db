"""Outlets: who tells, and how much."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection

from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import Outlet, Outlets

_COUNTED = (
    "SELECT m.outlet id, count(DISTINCT event) events, count(*) n FROM events e CROSS JOIN mentions m ON m.event = e.id"
)


def outlet_names(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, str | None]:
    """The names of outlets by their numbers."""
    where = Where()
    where.one_of("id", ids)
    return dict(db.execute(f"SELECT id, name FROM outlets{where}", where.values)) if ids else {}


def list_outlets(
    db: sqlite3.Connection,
    *,
    dyad: str | None,
    states: Collection[str],
    first: dt.date | None,
    last: dt.date | None,
    limit: int,
    since: str | None,
) -> Outlets:
    """Outlets by mentions, most first. Raises `BadCursor`."""
    where = Where()
    where.one_of("e.dyad", [dyad] if dyad else None)
    where.states("e.dyad", states)
    where.between("e.date", first, last)
    later = Where()
    if since is not None:
        mentions, outlet = after(since, int, str)
        later.add("(-n, coalesce(name, '')) > (?, ?)", -int(mentions), outlet)
    found = db.execute(
        f"SELECT name, events, n FROM ({_COUNTED}{where} GROUP BY 1) JOIN outlets USING (id){later}"
        " ORDER BY -n, coalesce(name, '') LIMIT ?",
        (*where.values, *later.values, limit + 1),
    ).fetchall()
    rows, end = split(found, limit)
    return Outlets(
        next=end and cursor(end[2], end[0] or ""),
        items=[Outlet(outlet=outlet, events=events, mentions=mentions) for outlet, events, mentions in rows],
    )
