"""Contributions as a feed of the world's news brings them: which dyads are spoken of, how often a story is told again.

Dyads are drawn by Zipf's law, as states are spoken of in news; each tells one or two events of one of thirty days. The
draws depend on the seed alone.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from models import Actor, Contribution, Dyad, Event, EventType, Precision, Span, Status, Version, event_id
from models.ontology import ontology
from models.states import states
from topics.codec import encode

DAYS = 30
_TYPES = (
    EventType.CONSULT, EventType.AGREE, EventType.COOPERATE, EventType.ACCUSE, EventType.SANCTION, EventType.ASSAULT,
)  # fmt: skip
_STATES = 60
_OUTLETS = 40
_TEXT = "Министр иностранных дел провёл в столице переговоры со своим коллегой о торговле и границе."

Record = tuple[bytes, bytes]
"""Key and value of a message of relations.contributions."""


def flat(count: int, *, seed: int = 1, first: int = 0) -> Iterator[Record]:
    """Contributions of all dyads alike; `first` numbers their articles."""
    draw = random.Random(seed)
    pairs = _pairs()
    for number in range(first, first + count):
        yield _record(draw, number, draw.choice(pairs))


def world(count: int, *, seed: int = 1, first: int = 0) -> Iterator[Record]:
    """Dyads by Zipf's law: the n-th is spoken of 1/n as often as the first."""
    draw = random.Random(seed)
    pairs = _pairs()
    random.Random(0).shuffle(pairs)
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(pairs))))
    for number in range(first, first + count):
        yield _record(draw, number, draw.choices(pairs, cum_weights=weights)[0])


def hot(count: int, *, seed: int = 1, first: int = 0) -> Iterator[Record]:
    """Half of all contributions are of one dyad."""
    draw = random.Random(seed)
    pairs = _pairs()
    for number in range(first, first + count):
        yield _record(draw, number, pairs[0] if number % 2 else draw.choice(pairs))


def story(count: int, *, first: int = 0) -> Iterator[Record]:
    """One event, told by `count` articles."""
    draw = random.Random(1)
    event = _event(draw, ("RUS", "UKR"), "2026-03-02", EventType.CONSULT)
    for number in range(first, first + count):
        yield _contribution(draw, number, ("RUS", "UKR"), (event,))


def _pairs() -> list[tuple[str, str]]:
    return list(itertools.combinations(sorted(states())[:_STATES], 2))


def _record(draw: random.Random, number: int, pair: tuple[str, str]) -> Record:
    day = f"2026-03-{1 + draw.randrange(DAYS):02}"
    types = draw.sample(_TYPES, 1 + (draw.random() < 0.3))
    return _contribution(draw, number, pair, tuple(_event(draw, pair, day, kind) for kind in types))


def _contribution(draw: random.Random, number: int, pair: tuple[str, str], events: tuple[Event, ...]) -> Record:
    dyad = Dyad.of(*pair)
    contribution = Contribution(
        dyad=dyad,
        article=f"agency/{number}",
        version=Version(number),
        events=events,
        source=f"outlet-{draw.randrange(_OUTLETS)}.example",
        url=f"https://outlet.example/{number}",
        coder="bench/1",
    )
    return dyad.encode(), encode(contribution)


def _event(draw: random.Random, pair: tuple[str, str], day: str, kind: EventType) -> Event:
    source, target = draw.sample(pair, 2)
    cameo = next(code for code, row in ontology().cameo.items() if row.type is kind)
    reciprocal = kind is EventType.CONSULT
    return Event(
        id=event_id(
            date=day, source=source, target=target, reciprocal=reciprocal, type=kind, cameo=cameo,
            status=Status.HAPPENED,
        ),
        source=Actor(country=source, sector="GOV"),
        target=Actor(country=target, sector="GOV"),
        type=kind,
        cameo=cameo,
        quad=ontology().quads[kind],
        goldstein=ontology().cameo[cameo].goldstein,
        intensity=ontology().intensity(kind),
        status=Status.HAPPENED,
        reciprocal=reciprocal,
        date=day,
        date_precision=Precision.DAY,
        evidence=Span(text=_TEXT, start=0, end=len(_TEXT)),
        trigger=Span(text=_TEXT[39:49], start=39, end=49),
        confidence=0.9,
        rule="consult.talks",
    )  # fmt: skip
