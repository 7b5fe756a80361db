"""What the tables are made of: contributions going in, daily rows, joined events and mentions coming out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from models.articles import ArticleId, Moment
from models.coded import Actor, Event, EventType, Precision, Quad, Span, Status
from models.values import Day, Dyad, Version

Count = Annotated[int, Meta(ge=0)]


class Contribution(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one revision of one article says of one dyad; no events means it takes back what it said before.

    `withdrawn` says that it does so because the article is withdrawn.
    """

    dyad: Dyad
    article: ArticleId
    version: Version
    events: tuple[Event, ...] = ()
    source: str | None = None
    url: str | None = None
    published_at: Moment | None = None
    coder: str | None = None
    withdrawn: bool = False


class Tally(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counts over a set of events.

    `events`, `mentions`, `sources`, `by_type`, `by_quad`, `goldstein` and `intensity` are of events that happened:
    `events` counts each joined event once, `mentions` its articles (one that tells two events counts for both),
    `sources` the distinct outlets of all of them, and the two sums run over joined events. What is planned,
    hypothetical or denied is counted apart, in events. docs/tables.md has the rules with an example.
    """

    events: Count = 0
    mentions: Count = 0
    sources: Count = 0
    by_type: Mapping[EventType, Count] = field(default_factory=dict)
    by_quad: Mapping[Quad, Count] = field(default_factory=dict)
    goldstein: float = 0.0
    intensity: float = 0.0
    planned: Count = 0
    hypothetical: Count = 0
    denied: Count = 0


class DailyRelation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dyad on one day: each direction, and both together.

    A reciprocal event (a meeting, a treaty) counts in both directions and once in `together`.
    """

    dyad: Dyad
    day: Day
    together: Tally = Tally()
    a_to_b: Tally = Tally()
    b_to_a: Tally = Tally()


class RelationEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event joined over outlets: what identifies it, and counters.

    What differs from article to article (evidence, names, mode, place) is in its mentions.
    """

    id: str
    dyad: Dyad
    source: str
    target: str
    reciprocal: bool
    type: EventType
    cameo: str
    quad: Quad
    goldstein: float
    intensity: float
    status: Status
    date: str | None = None
    mentions: Count
    outlets: Count


class Mention(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One article's telling of one event: the evidence, and who is named."""

    event: str
    article: ArticleId
    version: Version
    dyad: Dyad
    source: Actor
    target: Actor
    date_precision: Precision
    evidence: Span
    trigger: Span
    confidence: float
    rule: str
    mode: str | None = None
    contexts: tuple[str, ...] = ()
    place: str | None = None
    outlet: str | None = None
    url: str | None = None
    published_at: Moment | None = None
    coder: str | None = None
