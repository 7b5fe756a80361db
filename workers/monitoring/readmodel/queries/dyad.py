"""One dyad: its windows up to a day, its outlets, its days."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter, defaultdict
from typing import cast

import msgspec
from msgspec import Struct

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
from workers.monitoring.readmodel.queries.outlets import outlet_names
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import (
    Days,
    DirectedMeasures,
    DyadInFull,
    Index,
    OutletMentions,
    QuadMeasures,
    QuadsMeasured,
    WindowMeasures,
)

OUTLETS = 20
"""Outlets listed of a dyad: those with most mentions in the longest window."""

_DIRECTIONS = dict(enumerate(Direction))
_QUADS = {quad.value: quad for quad in Quad}
_TOGETHER = (Direction.BOTH, Direction.A_TO_B, Direction.B_TO_A)
_A_TO_B = (Direction.BOTH, Direction.A_TO_B)
_B_TO_A = (Direction.BOTH, Direction.B_TO_A)


class Teller(Struct, frozen=True):
    """An outlet, by its number, and when it last told an event of a direction and quad class; how many articles."""

    direction: Direction
    quad: Quad
    outlet: int
    last: str
    mentions: int


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
        outlets=_outlets(db, tellers),
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


def _measures(window: Window, tellers: list[Teller]) -> WindowMeasures:
    first = window.first.isoformat()
    outlets: defaultdict[tuple[Direction, Quad], set[int]] = defaultdict(set)
    for teller in tellers:
        if teller.last >= first:
            outlets[teller.direction, teller.quad].add(teller.outlet)

    def directed(*directions: Direction) -> tuple[Sums, DirectedMeasures]:
        now = towards(window.now, *directions)
        told = {quad: set[int]().union(*(outlets[way, quad] for way in directions)) for quad in Quad}
        sums = total(now.values())
        return sums, DirectedMeasures(
            events=sums.events,
            mentions=sums.mentions,
            sources=len(set[int]().union(*told.values())),
            quads=QuadsMeasured(*(QuadMeasures(s.events, s.mentions, len(told[quad])) for quad, s in now.items())),
            scores=scores(sums),
            trend=trend(sums, total(towards(window.before, *directions).values())),
        )

    (_, together), (out, a_to_b), (back, b_to_a) = directed(*_TOGETHER), directed(*_A_TO_B), directed(*_B_TO_A)
    return WindowMeasures(
        days=window.days,
        first=window.first,
        last=window.last,
        together=together,
        a_to_b=a_to_b,
        b_to_a=b_to_a,
        reciprocity=reciprocity(out, back),
    )


def _cells(db: sqlite3.Connection, dyad: str, until: dt.date) -> dict[tuple[int, Direction, Quad], Sums]:
    edges = [edge.isoformat() for edge in bucket_edges(until)]
    bucket = " ".join(f"WHEN counted >= ?{place + 3} THEN {place}" for place in range(len(BUCKETS)))
    found = db.execute(
        f"SELECT (CASE {bucket} END) << 6 | (direction << 3) | quad cell, count(*), sum(mentions),"
        " sum(max(goldstein, 0)), sum(max(-goldstein, 0)), sum(intensity), sum(goldstein * mentions) FROM events"
        f" WHERE dyad = ?1 AND counted BETWEEN ?{len(BUCKETS) + 2} AND ?2 GROUP BY cell",
        (dyad, until.isoformat(), *edges),
    )
    return {(cell >> 6, _DIRECTIONS[cell >> 3 & 7], _QUADS[cell & 7]): Sums(*sums) for cell, *sums in found}


def _tellers(db: sqlite3.Connection, dyad: str, until: dt.date) -> list[Teller]:
    """Who told the events of the longest window."""
    first = dt.date.fromordinal(max(1, until.toordinal() - WINDOWS[-1] + 1))
    found = db.execute(
        # One number for all three: to group by it is what takes the time.
        "SELECT (direction << 3 | quad) << 40 | outlet told, max(counted), count(*)"
        " FROM events e CROSS JOIN mentions m ON m.event = e.id"
        " WHERE e.dyad = ? AND counted BETWEEN ? AND ? GROUP BY told",
        (dyad, first.isoformat(), until.isoformat()),
    )
    return [
        Teller(_DIRECTIONS[told >> 43], _QUADS[told >> 40 & 7], told % 2**40, last, mentions)
        for told, last, mentions in found
    ]


def _outlets(db: sqlite3.Connection, tellers: list[Teller]) -> list[OutletMentions]:
    """Those that told most."""
    mentions: Counter[int] = Counter()
    for teller in tellers:
        mentions[teller.outlet] += teller.mentions
    most = mentions.most_common(OUTLETS)
    names = outlet_names(db, [outlet for outlet, _ in most])
    listed = [OutletMentions(outlet=names[outlet], mentions=count) for outlet, count in most]
    return sorted(listed, key=lambda one: (-one.mentions, one.outlet or ""))


def _temperature(db: sqlite3.Connection, dyad: str, until: dt.date) -> Temperature | None:
    found = db.execute(
        "SELECT counted, goldstein, mentions, count(*) FROM events WHERE dyad = ?1 AND counted BETWEEN"
        " date(?2, ?3) AND ?2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (dyad, until.isoformat(), f"-{DAYS - 1} days"),
    )
    return temperature(Told(*row) for row in found)
