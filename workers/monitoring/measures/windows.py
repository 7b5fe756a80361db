"""The last 7, 30, 90 and 365 days up to some day, each with the window of the same length before it.

Windows overlap, so events are first added up in buckets between the days at which any window begins or ends; windows
are sums of buckets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec import Struct

from models import Quad
from workers.monitoring.measures.sums import NOTHING, Direction, Sums

WINDOWS = (7, 30, 90, 365)
"""Lengths in days."""
BUCKETS = tuple(sorted({length * times for length in WINDOWS for times in (1, 2)}))
"""How many days back each bucket reaches, the last day included: 7, 14, 30, 60, ..."""

Cells = Mapping[tuple[int, Direction, Quad], Sums]
"""Sums by bucket (its place in `BUCKETS`), direction and quad class."""


class Window(Struct, frozen=True):
    """One window: its length and days, and sums by direction and quad class, for it and the window before."""

    days: int
    first: dt.date
    last: dt.date
    now: Mapping[tuple[Direction, Quad], Sums]
    before: Mapping[tuple[Direction, Quad], Sums]


def bucket_edges(last: dt.date) -> tuple[dt.date, ...]:
    """The first day of each bucket when the last day is `last`."""
    return tuple(_back(last, days) for days in BUCKETS)


def windows(last: dt.date, cells: Cells) -> tuple[Window, ...]:
    """Each window that ends on `last`, from cells of the buckets before it."""
    return tuple(
        Window(
            days=days,
            first=_back(last, days),
            last=last,
            now=_between(cells, 0, days),
            before=_between(cells, days, 2 * days),
        )
        for days in WINDOWS
    )


def towards(sums: Mapping[tuple[Direction, Quad], Sums], *directions: Direction) -> dict[Quad, Sums]:
    """Sums by quad class over these directions."""
    found = dict.fromkeys(Quad, NOTHING)
    for (direction, quad), part in sums.items():
        if direction in directions:
            found[quad] = found[quad] + part if found[quad].events else part
    return found


def _between(cells: Cells, nearer: int, farther: int) -> dict[tuple[Direction, Quad], Sums]:
    """Sums of the buckets that reach back more than `nearer` and at most `farther` days."""
    found: dict[tuple[Direction, Quad], Sums] = {}
    for (bucket, direction, quad), sums in cells.items():
        if nearer < BUCKETS[bucket] <= farther:
            so_far = found.get((direction, quad))
            found[direction, quad] = sums if so_far is None else so_far + sums
    return found


def _back(last: dt.date, days: int) -> dt.date:
    """The first of so many days that end with `last`; dates end at the year 1."""
    return dt.date.fromordinal(max(1, last.toordinal() - days + 1))
