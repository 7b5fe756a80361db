"""One dyad: its windows up to a day, its outlets, its days."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from typing import cast

import msgspec

from models import DailyRelation, Quad
from workers.monitoring.measures import (
    BUCKETS,
    WINDOWS,
    Direction,
    Sums,
    Temperature,
    Told,
    Window,
    bucket_edges,
    reciprocity,
    scores,
    temperature,
    total,
    trend,
    windows,
)
from workers.monitoring.measures.temperature import DAYS, FORMULA, SOURCE
from workers.monitoring.measures.windows import towards
from workers.monitoring.readmodel.queries.dyads import find_dyad
from workers.monitoring.readmodel.queries.filters import Where, last_day
from workers.monitoring.readmodel.queries.outlets import dyad_outlets
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import (
    Days,
    DirectedMeasures,
    DyadInFull,
    Index,
    QuadMeasures,
    WindowMeasures,
)

OUTLETS = 20
"""Outlets told of a dyad."""

_TOGETHER = (Direction.BOTH, Direction.A_TO_B, Direction.B_TO_A)
_A_TO_B = (Direction.BOTH, Direction.A_TO_B)
_B_TO_A = (Direction.BOTH, Direction.B_TO_A)

Tellers = Mapping[tuple[Direction, Quad], Mapping[str | None, str]]
"""The last day on which each outlet told an event of this direction and quad class."""


def dyad_in_full(db: sqlite3.Connection, dyad: str, until: dt.date | None, today: dt.date) -> DyadInFull | None:
    """Everything measured of a dyad up to a day, the last one with news unless told; None where nothing is known."""
    row = find_dyad(db, dyad)
    if row is None:
        return None
    until = until or last_day(db, today)
    tellers = _tellers(db, dyad, until)
    heat = _temperature(db, dyad, until)
    return DyadInFull(
        until=until,
        total=row,
        index=Index(
            value=heat.index if heat else None, days=heat.days if heat else 0, on=until, formula=FORMULA, source=SOURCE
        ),
        windows=[_measures(window, tellers) for window in windows(until, _cells(db, dyad, until))],
        outlets=dyad_outlets(db, dyad, OUTLETS),
    )


def dyad_days(
    db: sqlite3.Connection, dyad: str, first: dt.date | None, last: dt.date | None, limit: int, since: str | None
) -> Days:
    """Days of a dyad, earliest first, as they were published. Raises `BadCursor`."""
    where = Where()
    where.add("dyad = ?", dyad)
    where.between("day", first, last)
    if since is not None:
        where.add("day > ?", *after(since, str))
    found = db.execute(f"SELECT day, row FROM days{where} ORDER BY day LIMIT ?", (*where.values, limit + 1)).fetchall()
    rows, end = split(found, limit)
    # As they lie there: a year of days is not taken apart and put together again for each who asks.
    items = cast(list[DailyRelation], [msgspec.Raw(row) for _, row in rows])
    return Days(next=end and cursor(end[0]), dyad=dyad, items=items)


def _measures(window: Window, tellers: Tellers) -> WindowMeasures:
    first = window.first.isoformat()

    def directed(*directions: Direction) -> DirectedMeasures:
        now, before = towards(window.now, *directions), towards(window.before, *directions)
        outlets = {
            quad: {
                outlet
                for direction in directions
                for outlet, last in tellers.get((direction, quad), {}).items()
                if last >= first
            }
            for quad in Quad
        }
        sums = total(now.values())
        return DirectedMeasures(
            events=sums.events,
            mentions=sums.mentions,
            sources=len(set[str | None]().union(*outlets.values())),
            quads={
                str(quad.value): QuadMeasures(now[quad].events, now[quad].mentions, len(outlets[quad])) for quad in Quad
            },
            scores=scores(sums),
            trend=trend(sums, total(before.values())),
        )

    def sums_of(*directions: Direction) -> Sums:
        return total(towards(window.now, *directions).values())

    return WindowMeasures(
        days=window.days,
        first=window.first,
        last=window.last,
        together=directed(*_TOGETHER),
        a_to_b=directed(*_A_TO_B),
        b_to_a=directed(*_B_TO_A),
        reciprocity=reciprocity(sums_of(*_A_TO_B), sums_of(*_B_TO_A)),
    )


def _cells(db: sqlite3.Connection, dyad: str, until: dt.date) -> dict[tuple[int, Direction, Quad], Sums]:
    edges = [edge.isoformat() for edge in bucket_edges(until)]
    bucket = " ".join(f"WHEN counted >= ?{place + 3} THEN {place}" for place in range(len(BUCKETS)))
    found = db.execute(
        f"SELECT CASE {bucket} END bucket, direction, quad, count(*), sum(mentions), sum(max(goldstein, 0)),"
        " sum(max(-goldstein, 0)), sum(intensity), sum(goldstein * mentions) FROM events"
        f" WHERE dyad = ?1 AND counted BETWEEN ?{len(BUCKETS) + 2} AND ?2 GROUP BY 1, 2, 3",
        (dyad, until.isoformat(), *edges),
    )
    return {(place, Direction(direction), Quad(quad)): Sums(*sums) for place, direction, quad, *sums in found}


def _tellers(db: sqlite3.Connection, dyad: str, until: dt.date) -> Tellers:
    first = dt.date.fromordinal(max(1, until.toordinal() - WINDOWS[-1] + 1))
    found = db.execute(
        "SELECT direction, quad, outlet, max(counted) FROM events e CROSS JOIN mentions m ON m.event = e.id"
        " WHERE e.dyad = ? AND counted BETWEEN ? AND ? GROUP BY 1, 2, 3",
        (dyad, first.isoformat(), until.isoformat()),
    )
    tellers: defaultdict[tuple[Direction, Quad], dict[str | None, str]] = defaultdict(dict)
    for direction, quad, outlet, last in found:
        tellers[Direction(direction), Quad(quad)][outlet] = last
    return tellers


def _temperature(db: sqlite3.Connection, dyad: str, until: dt.date) -> Temperature | None:
    found = db.execute(
        "SELECT counted, goldstein, mentions, count(*) FROM events WHERE dyad = ?1 AND counted BETWEEN"
        " date(?2, ?3) AND ?2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (dyad, until.isoformat(), f"-{DAYS - 1} days"),
    )
    return temperature(Told(*row) for row in found)
