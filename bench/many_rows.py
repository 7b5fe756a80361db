"""Rows as they would be after years of news, made by number: 2,740 dyads, each with an event and a row on 365 days."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import combinations, islice

from msgspec import Struct

from models import DailyRelation, Day, Dyad, EventType, Quad, RelationEvent, Status, Tally
from models.ontology import ontology
from models.states import states

LAST = dt.date(2026, 11, 30)
YEAR = 365
OUTLETS = tuple(f"outlet-{n}.example" for n in range(200))
WORDS = tuple(f"{stem}{end}" for stem in ("договор", "границ", "министр", "товар", "войск", "слов") for end in "ауеыи")


class Made(Struct, frozen=True):
    """One event and the row of its dyad and day, and how many articles tell it."""

    event: RelationEvent
    day: DailyRelation
    articles: int


def dyads(count: int) -> list[Dyad]:
    """So many pairs of states, the same at every call."""
    return [Dyad.of(a, b) for a, b in islice(combinations(sorted(states()), 2), count)]


def made(days: int, seed: int = 1) -> Iterator[Made]:
    """So many rows of days and their events, dyad by dyad."""
    rng = random.Random(seed)
    kinds = [(code.code, code.type, code.goldstein) for code in ontology().cameo.values() if code.type]
    for number, dyad in enumerate(dyads(-(-days // YEAR))):
        for ago in range(min(YEAR, days - number * YEAR)):
            date = Day.of(LAST - dt.timedelta(ago))
            cameo, type_, goldstein = rng.choice(kinds)
            way, articles = rng.choice((0, 1, 1, 2, 2)), rng.choice((1, 1, 1, 2))
            yield _made(dyad, date, cameo, type_, goldstein, way, articles, number * YEAR + ago)


def _made(
    dyad: Dyad, date: Day, cameo: str, type_: EventType, goldstein: float, way: int, articles: int, number: int
) -> Made:
    quad, intensity = ontology().quads[type_], ontology().intensity(type_)
    tally = _tally(type_, quad, goldstein, intensity, articles)
    event = RelationEvent(
        id=f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
        dyad=dyad,
        source=dyad.b if way == 2 else dyad.a,
        target=dyad.a if way == 2 else dyad.b,
        reciprocal=way == 0,
        type=type_,
        cameo=cameo,
        quad=quad,
        goldstein=goldstein,
        intensity=intensity,
        status=Status.HAPPENED,
        date=date,
        mentions=articles,
        outlets=articles,
    )
    day = DailyRelation(
        dyad=dyad,
        day=date,
        together=tally,
        a_to_b=tally if way != 2 else Tally(),
        b_to_a=tally if way != 1 else Tally(),
    )
    return Made(event, day, articles)


def _tally(type_: EventType, quad: Quad, goldstein: float, intensity: float, articles: int) -> Tally:
    return Tally(
        events=1,
        mentions=articles,
        sources=articles,
        by_type={type_: 1},
        by_quad={quad: 1},
        goldstein=goldstein,
        intensity=intensity,
    )
