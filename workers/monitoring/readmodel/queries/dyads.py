"""All dyads: filtered, sorted, in parts."""

from __future__ import annotations

import datetime as dt
import sqlite3
from enum import StrEnum
from typing import Any

from msgspec import Struct

from workers.monitoring.measures import Sums, scores
from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import DyadRow, Dyads, Quads
from workers.monitoring.readmodel.summaries import SUMS


class DyadOrder(StrEnum):
    """What dyads are sorted by; with a minus, the greatest first. Dyads that have no such value come last."""

    EVENTS = "-events"
    MENTIONS = "-mentions"
    LAST = "-last"
    INDEX_DOWN = "-index"
    INDEX_UP = "index"
    GOLDSTEIN_DOWN = "-goldstein_mean"
    GOLDSTEIN_UP = "goldstein_mean"
    DYAD = "dyad"


_KEYS = {
    DyadOrder.EVENTS: "-events",
    DyadOrder.MENTIONS: "-mentions",
    DyadOrder.LAST: "coalesce(-julianday(last), 0)",
    DyadOrder.INDEX_DOWN: "coalesce(-heat, 1)",
    DyadOrder.INDEX_UP: "coalesce(heat, 101)",
    DyadOrder.GOLDSTEIN_DOWN: "coalesce(1.0 * (negative - positive) / events, 101)",
    DyadOrder.GOLDSTEIN_UP: "coalesce(1.0 * (positive - negative) / events, 101)",
    DyadOrder.DYAD: "0",
}
"""What each order sorts by, upwards."""

_COUNTED = (
    "count(*) events, sum(mentions) mentions, sum(max(goldstein, 0)) positive, sum(max(-goldstein, 0)) negative,"
    " sum(intensity) intensity, sum(goldstein * mentions) weighted, "
    + ", ".join(f"sum(quad = {quad}) q{quad}" for quad in (1, 2, 3, 4))
    + ", min(counted) first, max(counted) last"
)
"""The same sums as `SUMS`, from the events themselves."""
_ROW = (
    "dyad, events, mentions, positive, negative, intensity, weighted, first, last, q1, q2, q3, q4,"
    " other, heat, heat_days, heat_day"
)


class DyadFilter(Struct, frozen=True, kw_only=True):
    """Which dyads, and which of their events. Under `types`, `quads` or days only such events are counted."""

    dyads: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    quads: tuple[int, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    min_events: int = 0

    @property
    def narrows(self) -> bool:
        """Whether it leaves out events of a dyad."""
        return bool(self.types or self.quads or self.first or self.last)


def list_dyads(db: sqlite3.Connection, wanted: DyadFilter, order: DyadOrder, limit: int, since: str | None) -> Dyads:
    """A part of the list. Raises `BadCursor`."""
    source, values = _select(wanted)
    where = Where()
    if wanted.min_events:
        where.add("events >= ?", wanted.min_events)
    if since is not None:
        key, dyad = after(since, (int, float), str)
        where.add(f"({_KEYS[order]}, dyad) > (?, ?)", key, dyad)
    found = db.execute(
        f"SELECT {_ROW}, {_KEYS[order]} AS key FROM ({source}){where} ORDER BY key, dyad LIMIT ?",
        (*values, *where.values, limit + 1),
    ).fetchall()
    rows, last = split(found, limit)
    return Dyads(next=last and cursor(last[-1], last[0]), items=[dyad_row(row[:-1], wanted) for row in rows])


def find_dyad(db: sqlite3.Connection, dyad: str) -> DyadRow | None:
    """One dyad over all its time; None where nothing is known of it."""
    wanted = DyadFilter(dyads=(dyad,))
    source, values = _select(wanted)
    row = db.execute(f"SELECT {_ROW} FROM ({source})", values).fetchone()
    return None if row is None else dyad_row(row, wanted)


def dyad_row(row: tuple[Any, ...], wanted: DyadFilter) -> DyadRow:
    """A dyad by the columns selected here."""
    dyad, events, mentions, positive, negative, intensity, weighted, first, last, *quads, other, heat, days, day = row
    come_to = scores(Sums(events, mentions, positive, negative, intensity, weighted))
    return DyadRow(
        dyad=dyad,
        a=dyad[:3],
        b=dyad[4:],
        events=events,
        mentions=mentions,
        quads=Quads(*quads),
        goldstein_mean=come_to.goldstein_mean,
        mention_weighted_mean=come_to.mention_weighted_mean,
        net_cooperation=come_to.net_cooperation,
        net_cooperation_normalised=come_to.net_cooperation_normalised,
        intensity_mean=come_to.intensity_mean,
        other=None if wanted.narrows else other,
        first=_day(first),
        last=_day(last),
        index=heat,
        index_days=days,
        index_day=_day(day),
    )


def _select(wanted: DyadFilter) -> tuple[str, list[object]]:
    """The dyads with their sums, as a query."""
    where = Where()
    where.one_of("dyad", wanted.dyads)
    where.states("dyad", wanted.states)
    if not wanted.narrows:
        return f"SELECT {_ROW} FROM dyads{where}", where.values
    where.one_of("type", wanted.types)
    where.one_of("quad", wanted.quads)
    if wanted.first is None and wanted.last is None:
        sums = f"SELECT dyad, {SUMS} FROM dyad_types{where} GROUP BY dyad"
    else:
        where.add("counted IS NOT NULL")
        where.between("counted", wanted.first, wanted.last)
        sums = f"SELECT dyad, {_COUNTED} FROM events{where} GROUP BY dyad"
    return f"SELECT s.*, other, heat, heat_days, heat_day FROM ({sums}) s JOIN dyads USING (dyad)", where.values


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
