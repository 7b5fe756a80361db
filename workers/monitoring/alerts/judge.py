"""Which alerts the rows of a dyad make. Pure: an alert of a day rests on the rows of that day and of days before it.

Series are of calendar days: one without a row counts zero. A norm is the mean and the standard deviation of the days of
a window, the deviation at least 1, so that where nothing ever happens a single event is not beyond all measure. A dyad
has a norm only when its first row lies before the whole window: else everything would be news in the first months.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

from models import Alert, DailyRelation, Day, Dyad, Quad, RelationEvent, Status, Tally
from workers.monitoring.alerts.rules import (
    Agreement,
    ConflictAboveNorm,
    ConflictShift,
    FirstMaterialConflict,
    Rule,
    SourceFlood,
)

Counts = Mapping[int, int]
"""A series: the count of each day, by the day's number (`date.toordinal`); days that are not in it count zero."""
LEAST_DEVIATION = 1.0


def alerts(
    rules: Sequence[Rule], dyad: Dyad, days: Iterable[DailyRelation], events: Iterable[RelationEvent]
) -> list[Alert]:
    """The alerts of a dyad's rows, in whatever order those come: by day, then rule in the file's order, then event."""
    rows = {row.day.date.toordinal(): row.together for row in days if row.dyad == dyad}
    mine = sorted((event for event in events if event.dyad == dyad), key=lambda event: event.id)
    found = [alert for rule in rules if rule.watches(dyad) for alert in _of(rule, dyad, rows, mine)]
    return sorted(found, key=lambda alert: alert.day)


def _of(rule: Rule, dyad: Dyad, rows: Mapping[int, Tally], events: Sequence[RelationEvent]) -> Iterator[Alert]:
    match rule:
        case ConflictAboveNorm():
            yield from _above(rule, dyad, rows, _conflict)
        case SourceFlood():
            yield from _above(rule, dyad, rows, lambda tally: tally.sources)
        case ConflictShift():
            yield from _shifts(rule, dyad, rows)
        case FirstMaterialConflict():
            yield from _first(rule, dyad, rows)
        case Agreement():
            for event in events:
                if (
                    event.status is Status.HAPPENED
                    and event.cameo in rule.cameo
                    and event.date
                    and len(event.date) == 10
                ):
                    yield _alert(
                        rule, dyad, dt.date.fromisoformat(event.date).toordinal(), event.mentions, event=event.id
                    )


def _above(
    rule: ConflictAboveNorm | SourceFlood, dyad: Dyad, rows: Mapping[int, Tally], of: Callable[[Tally], int]
) -> Iterator[Alert]:
    counts = {day: of(tally) for day, tally in rows.items()}
    known = min(rows, default=0)
    for day, count in sorted(counts.items()):
        if count < rule.least or day - rule.window < known:
            continue
        mean, deviation = norm(counts, day - rule.window, day)
        if (score := (count - mean) / deviation) >= rule.score:
            yield _alert(rule, dyad, day, count, mean, score)


def _shifts(rule: ConflictShift, dyad: Dyad, rows: Mapping[int, Tally]) -> Iterator[Alert]:
    counts = {day: _conflict(tally) for day, tally in rows.items()}
    if not counts:
        return
    learned = min(counts) + rule.window
    mean, deviation = norm(counts, learned - rule.window, learned)
    above, last = 0.0, learned - 1
    for day in sorted(day for day, count in counts.items() if count):
        if day < learned:
            continue
        # A day without events takes `quiet` away, never below zero: those in between are taken at once.
        quiet = mean / deviation + rule.drift
        above = max(0.0, above - quiet * (day - last - 1))
        above = max(0.0, above + (counts[day] - mean) / deviation - rule.drift)
        last = day
        if above >= rule.threshold:
            yield _alert(rule, dyad, day, counts[day], mean, above)
            learned = day + 1 + rule.window
            mean, deviation = norm(counts, day + 1, learned)
            above, last = 0.0, learned - 1


def _first(rule: FirstMaterialConflict, dyad: Dyad, rows: Mapping[int, Tally]) -> Iterator[Alert]:
    known = min(rows, default=0)
    last: int | None = None
    for day, tally in sorted(rows.items()):
        if count := tally.by_quad.get(Quad.MATERIAL_CONFLICT, 0):
            if day - rule.days >= known and (last is None or day - last > rule.days):
                yield _alert(rule, dyad, day, count)
            last = day


def signed(event: RelationEvent, cameo: Container[str]) -> bool:
    """Whether the event happened on a known day, under one of the codes."""
    on_a_day = event.date is not None and len(event.date) == 10
    return event.status is Status.HAPPENED and event.cameo in cameo and on_a_day


def norm(counts: Counts, first: int, end: int) -> tuple[float, float]:
    """Mean and standard deviation of the days from `first` up to but not including `end`."""
    size = end - first
    inside = [count for day, count in counts.items() if first <= day < end]
    mean = sum(inside) / size
    variance = sum(count * count for count in inside) / size - mean * mean
    return mean, max(LEAST_DEVIATION, math.sqrt(max(0.0, variance)))


def _conflict(tally: Tally) -> int:
    return tally.by_quad.get(Quad.VERBAL_CONFLICT, 0) + tally.by_quad.get(Quad.MATERIAL_CONFLICT, 0)


def _alert(
    rule: Rule,
    dyad: Dyad,
    number: int,
    value: int,
    mean: float | None = None,
    score: float | None = None,
    event: str | None = None,
) -> Alert:
    day = Day.of(dt.date.fromordinal(number))
    identity = "|".join((rule.name, dyad, day, event or ""))
    return Alert(
        id=hashlib.blake2b(identity.encode(), digest_size=8).hexdigest(),
        rule=rule.name,
        kind=str(rule.__struct_config__.tag),
        dyad=dyad,
        day=day,
        value=value,
        norm=None if mean is None else round(mean, 3),
        score=None if score is None else round(score, 2),
        event=event,
    )
