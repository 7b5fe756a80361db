"""What enrichment says of an article: the entities it names and the events it tells."""

from __future__ import annotations

import hashlib
from enum import IntEnum, StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from models.articles import ArticleId, Moment
from models.values import Day, Version

ActorCode = Annotated[str, Meta(pattern=r"^[A-Z0-9]{2,10}$")]


class EntityKind(StrEnum):
    """What a span of text names."""

    STATE = "state"
    ORGANIZATION = "organization"
    PERSON = "person"
    PLACE = "place"
    DATE = "date"
    OFFICE = "office"
    """An office, a rank or a profession, whoever holds it: министр обороны, генерал, хирург."""


class Status(StrEnum):
    """Whether the act took place, as the text has it."""

    HAPPENED = "happened"
    """The text says it took place (or is taking place)."""
    PLANNED = "planned"
    """It lies in the future: intended, agreed or scheduled."""
    HYPOTHETICAL = "hypothetical"
    """Under a condition, possible, wished for."""
    DENIED = "denied"
    """The text says that it did not take place."""


class Precision(StrEnum):
    """How exactly an event's date is known."""

    DAY = "day"
    """The text gives the day."""
    REPORTED = "reported"
    """The text gives no date: the day of publication, else of the message's timestamp."""
    MONTH = "month"
    YEAR = "year"
    NONE = "none"
    """Background with no date to tell; never today's."""


class EventType(StrEnum):
    """The sixteen PLOVER 2.0 event types."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    PROTEST = "PROTEST"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"


class Quad(IntEnum):
    """The four quad classes of event data."""

    VERBAL_COOPERATION = 1
    MATERIAL_COOPERATION = 2
    VERBAL_CONFLICT = 3
    MATERIAL_CONFLICT = 4


class Span(Struct, frozen=True):
    """A stretch of the article's text: `text == article.text[start:end]`, offsets in characters as received."""

    text: str
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]


class Entity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named thing and what it resolved to. `sector` is PLOVER's (GOV, MIL, LEG, ...).

    `country` is the state that it names or belongs to; of an organization and its offices it is the organization.
    """

    kind: EntityKind
    text: str
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    country: ActorCode | None = None
    name: str | None = None
    office: str | None = None
    sector: str | None = None
    date: str | None = None


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who acts or is acted upon, with the agent if named.

    Either a state (`country`; the European Union and the United Nations count as states) or another intergovernmental
    organization (`organization`: CSTO, NATO, ...), which acts but makes no dyad. Raises ValueError on both or neither.
    """

    country: ActorCode | None = None
    organization: ActorCode | None = None
    sector: str | None = None
    name: str | None = None
    office: str | None = None

    def __post_init__(self) -> None:
        if (self.country is None) == (self.organization is None):
            raise ValueError("an actor is either of a country or an organization")

    @property
    def code(self) -> str:
        """The code of the state or the organization."""
        return self.country or self.organization or ""


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did what to whom.

    `id` is the same in every article that tells the event (`event_id`). `date` is `2025-10-31`, `2025-10`, `2025` or
    absent, as `date_precision` says. `goldstein` is the CAMEO code's, -10..10; `intensity` the PLOVER score of the
    type, -10..10. `confidence` is the coder's, 0..1. `rule` names the frame that fired.
    """

    id: str
    source: Actor
    target: Actor
    type: EventType
    cameo: Annotated[str, Meta(pattern=r"^[0-9]{2,4}$")]
    quad: Quad
    goldstein: float
    intensity: float
    status: Status
    reciprocal: bool
    date_precision: Precision
    evidence: Span
    trigger: Span
    confidence: Annotated[float, Meta(ge=0, le=1)]
    rule: str
    mode: str | None = None
    contexts: tuple[str, ...] = ()
    date: Annotated[str, Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    place: str | None = None

    @property
    def day(self) -> Day | None:
        """The day under which the event enters the daily tables, if it is known to the day."""
        if self.date_precision in (Precision.DAY, Precision.REPORTED) and self.date is not None:
            return Day.parse(self.date)
        return None


class CodedArticle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of an article, read. `coder` is name/version; `depth` lists the stages that ran, in order.

    `events` are between states; `organization_events` have an intergovernmental organization (CSTO, NATO, ...) for a
    party and make no dyad.
    """

    id: ArticleId
    version: Version
    language: str
    coder: str
    depth: tuple[str, ...]
    entities: tuple[Entity, ...] = ()
    events: tuple[Event, ...] = ()
    organization_events: tuple[Event, ...] = ()
    published_at: Moment | None = None
    source: str | None = None
    url: str | None = None
    title: str | None = None


def event_id(
    *, date: str | None, source: str, target: str, reciprocal: bool, type: EventType, cameo: str, status: Status
) -> str:
    """The identity of an event over all articles: 16 hexadecimal digits of a BLAKE2b hash.

    Two reports of one day, direction (the unordered pair when reciprocal), type, CAMEO code and status are one event,
    so two meetings of one pair on one day under one code are one event too (docs/tables.md says so to the readers).
    """
    arrow = "=" if reciprocal else ">"
    actors = arrow.join(sorted((source, target)) if reciprocal else (source, target))
    text = "|".join((date or "", actors, type, cameo, status))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
