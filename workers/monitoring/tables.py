"""What the terminal shows, computed from the records of the relation topics. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from msgspec import Struct

from models import DailyRelation, Day, Dyad, Mention, Quad, RelationEvent, Tally

Quads = tuple[int, int, int, int]
"""Events by quad class: verbal cooperation, material cooperation, verbal conflict, material conflict."""


class DyadRow(Struct, frozen=True):
    """One dyad over all its days: events that happened, each counted once; those of another status counted apart.

    `goldstein` is the mean over the events, -10..10; None without events. `last` is the last day with an event that
    happened.
    """

    dyad: Dyad
    events: int
    mentions: int
    quads: Quads
    goldstein: float | None
    last: Day | None
    other: int
    """Events planned, hypothetical or denied."""


class EventRow(Struct, frozen=True):
    """A joined event with the articles that tell it, by outlet and article id."""

    event: RelationEvent
    mentions: tuple[Mention, ...]


class DyadView(Struct, frozen=True):
    """Everything known of one dyad. Days and events come latest first; outlets with their mentions, most first."""

    summary: DyadRow
    days: tuple[DailyRelation, ...]
    events: tuple[EventRow, ...]
    outlets: tuple[tuple[str, int], ...]


def quads_of(tally: Tally) -> Quads:
    """The counts by quad, zeros included."""
    one, two, three, four = (tally.by_quad.get(quad, 0) for quad in Quad)
    return one, two, three, four


def mean_goldstein(tally: Tally) -> float | None:
    """The Goldstein mean over the joined events that happened; None without any."""
    return tally.goldstein / tally.events if tally.events else None


def dyad_rows(daily: Iterable[DailyRelation]) -> list[DyadRow]:
    """One row a dyad: most events first, then in alphabetical order."""
    days: defaultdict[Dyad, list[DailyRelation]] = defaultdict(list)
    for row in daily:
        days[row.dyad].append(row)
    return sorted((_summary(dyad, rows) for dyad, rows in days.items()), key=lambda row: (-row.events, row.dyad))


def dyad_view(
    dyad: Dyad, daily: Iterable[DailyRelation], events: Iterable[RelationEvent], mentions: Iterable[Mention]
) -> DyadView | None:
    """Everything known of `dyad`, out of the records of all dyads; None where nothing is known."""
    days = sorted((row for row in daily if row.dyad == dyad), key=lambda row: row.day, reverse=True)
    told: defaultdict[str, list[Mention]] = defaultdict(list)
    outlets: Counter[str] = Counter()
    for mention in mentions:
        if mention.dyad == dyad:
            told[mention.event].append(mention)
            outlets[mention.outlet or "(no outlet named)"] += 1
    rows = [
        EventRow(event, tuple(sorted(told[event.id], key=lambda m: (m.outlet or "", m.article))))
        for event in events
        if event.dyad == dyad
    ]
    rows.sort(key=lambda row: row.event.id)
    rows.sort(key=lambda row: row.event.date or "", reverse=True)
    if not days and not rows:
        return None
    return DyadView(
        summary=_summary(dyad, days),
        days=tuple(days),
        events=tuple(rows),
        outlets=tuple(sorted(outlets.items(), key=lambda item: (-item[1], item[0]))),
    )


def _summary(dyad: Dyad, days: list[DailyRelation]) -> DyadRow:
    tallies = [row.together for row in days]
    events = sum(tally.events for tally in tallies)
    one, two, three, four = (sum(tally.by_quad.get(quad, 0) for tally in tallies) for quad in Quad)
    return DyadRow(
        dyad=dyad,
        events=events,
        mentions=sum(tally.mentions for tally in tallies),
        quads=(one, two, three, four),
        goldstein=sum(tally.goldstein for tally in tallies) / events if events else None,
        last=max((row.day for row in days if row.together.events), default=None),
        other=sum(tally.planned + tally.hypothetical + tally.denied for tally in tallies),
    )
