"""The algebra of the tables: what one mention more, or one fewer, does to a joined event and to a daily row.

Pure functions of immutable records. Every step has its inverse, so rows come out the same in whatever order mentions
come and go; the sums are added in tenths, where floats would drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import asdict, replace

from models import DailyRelation, Day, Dyad, Event, RelationEvent, Status, Tally
from models.ontology import ontology
from workers.aggregation.keys import Side

K = TypeVar("K", bound="str | int")
_NOTHING = Tally()


def identity_row(event: Event, dyad: Dyad) -> RelationEvent:
    """The row of an event that nobody has told yet: all that follows from its id, and no mentions.

    Scores and quad come from the ontology, and a reciprocal event names its states in the dyad's order, so that the row
    does not depend on whose telling came first.
    """
    known = ontology()
    source, target = (dyad.a, dyad.b) if event.reciprocal else (event.source.code, event.target.code)
    return RelationEvent(
        id=event.id,
        dyad=dyad,
        source=source,
        target=target,
        reciprocal=event.reciprocal,
        type=event.type,
        cameo=event.cameo,
        quad=known.quads[event.type],
        goldstein=known.cameo[event.cameo].goldstein,
        intensity=known.intensity(event.type),
        status=event.status,
        date=event.date,
        mentions=0,
        outlets=0,
    )


def day_of(event: RelationEvent) -> Day | None:
    """The day under which the event counts; None where its date is coarser or unknown."""
    return Day(event.date) if event.date is not None and len(event.date) == len("2025-10-31") else None


def sides_of(event: RelationEvent) -> tuple[Side, ...]:
    """The tallies of a daily row that an event enters: its direction (both when reciprocal), and always `together`."""
    if event.reciprocal:
        return (Side.TOGETHER, Side.A_TO_B, Side.B_TO_A)
    return (Side.TOGETHER, Side.A_TO_B if event.source == event.dyad.a else Side.B_TO_A)


def mentioned(event: RelationEvent, mentions: int, outlets: int) -> RelationEvent:
    """The event with so many mentions and outlets more (or fewer)."""
    return replace(event, mentions=event.mentions + mentions, outlets=event.outlets + outlets)


def tallied(
    row: DailyRelation, side: Side, event: RelationEvent, *, events: int, mentions: int, sources: int
) -> DailyRelation:
    """The daily row after a change to one of its events.

    `events` is 1 when the event has become part of the row, -1 when it has left it, else 0; `mentions` and `sources`
    are how many more (or fewer) it has.
    """
    tally: Tally = getattr(row, side)
    fields = asdict(tally)
    if event.status is Status.HAPPENED:
        fields["events"] += events
        fields["mentions"] += mentions
        fields["sources"] += sources
        if events:
            fields["by_type"] = _counted(tally.by_type, event.type, events)
            fields["by_quad"] = _counted(tally.by_quad, event.quad, events)
            fields["goldstein"] = _tenths_added(tally.goldstein, event.goldstein, events)
            fields["intensity"] = _tenths_added(tally.intensity, event.intensity, events)
    else:
        fields[event.status.value] += events
    # What is zero is left to its default, and the wire leaves defaults out: rows that are equal are equal bytes.
    tallies = {each: getattr(row, each) for each in Side}
    tallies[side] = Tally(**{name: value for name, value in fields.items() if value})
    return DailyRelation(dyad=row.dyad, day=row.day, **{each: t for each, t in tallies.items() if t != _NOTHING})


def _counted(counts: Mapping[K, int], key: K, change: int) -> dict[K, int]:
    after = {**counts, key: counts.get(key, 0) + change}
    return {k: after[k] for k in sorted(after) if after[k]}


def _tenths_added(total: float, score: float, times: int) -> float:
    """total + times * score, exactly: both have one decimal. Zero is never negative."""
    return (round(total * 10) + times * round(score * 10)) / 10
