"""Small charts of a line: how many events each week. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from models import DailyRelation, Day, Quad, Tally

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"

CONFLICT = (Quad.VERBAL_CONFLICT, Quad.MATERIAL_CONFLICT)


def spark(counts: Sequence[int], most: int | None = None) -> str:
    """A bar for each count, the highest for `most`, unless given the greatest of them; a dot for zero."""
    top = max(counts, default=0) if most is None else most
    return "".join(NOTHING if count <= 0 else BARS[min(7, (8 * count - 1) // top)] for count in counts)


def weekly(
    daily: Iterable[DailyRelation], until: Day, weeks: int, of: Callable[[Tally], int] = lambda tally: tally.events
) -> list[int]:
    """Counts of both directions together in each of the last weeks of seven days, the last one ending on `until`."""
    end = until.date
    counts = [0] * weeks
    for row in daily:
        back = (end - row.day.date) // dt.timedelta(days=7)
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += of(row.together)
    return counts


def cooperative(tally: Tally) -> int:
    """Events of cooperation."""
    return tally.events - conflictual(tally)


def conflictual(tally: Tally) -> int:
    """Events of conflict."""
    return sum(tally.by_quad.get(quad, 0) for quad in CONFLICT)
