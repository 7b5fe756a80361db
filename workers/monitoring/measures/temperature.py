"""An index of a relation from 0 (conflict) over 50 (neither) to 100 (cooperation).

The "relationship temperature" of GeoPrizm (https://github.com/Haullk/relationship-temperature, MIT; processing.py):

    w(e) = ln(1 + max(mentions(e), 1))                  a loud event weighs more, ever less so
    d(t) = sum of Goldstein(e) w(e) / sum of w(e)       over the events e of day t
    r    = mean of d(t) over those of the last 14 days that have events
    index = 50 + 12 r, not below 0 nor above 100

It is kept as published, with one difference: where none of the 14 days has an event there is no index, not 50.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

DAYS = 14
"""Days, the last one included, that the index looks back on."""
SCALE = 12.0
NEUTRAL = 50.0
FORMULA = (
    "50 + 12 r, cut to 0..100; r: over those of the last 14 days that have events, the mean of their Goldstein means,"
    " weighted by ln(1 + mentions)"
)
SOURCE = "https://github.com/Haullk/relationship-temperature"


class Told(Struct, frozen=True):
    """What the index needs of one event, or of several alike: its day, Goldstein score in tenths, and mentions."""

    day: str
    goldstein: int
    mentions: int
    events: int = 1


class Temperature(Struct, frozen=True):
    """The index, 0..100 with one decimal, and on how many days with events it rests."""

    index: float
    days: int


def temperature(events: Iterable[Told]) -> Temperature | None:
    """The index of events of the last `DAYS` days; None without any."""
    score: defaultdict[str, float] = defaultdict(float)
    weight: defaultdict[str, float] = defaultdict(float)
    for event in events:
        one = event.events * math.log1p(max(event.mentions, 1))
        score[event.day] += event.goldstein / 10 * one
        weight[event.day] += one
    if not weight:
        return None
    mean = sum(score[day] / weight[day] for day in sorted(weight)) / len(weight)
    return Temperature(round(min(100.0, max(0.0, NEUTRAL + SCALE * mean)), 1), len(weight))
