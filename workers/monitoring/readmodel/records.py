"""What the API says: one record for each kind of answer, and how rows of the read model become them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from models import DailyRelation, Mention
from workers.monitoring.measures import Direction, Reciprocity, Scores, Trend

DyadCode = Annotated[str, Meta(pattern="^[A-Z]{3}-[A-Z]{3}$")]
StateCode = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Count = Annotated[int, Meta(ge=0)]
Cursor = str | None


class Event(Struct, frozen=True, kw_only=True):
    """A joined event. `updated_at` is when its row was last published."""

    id: str
    dyad: DyadCode
    source: StateCode
    target: StateCode
    reciprocal: bool
    type: str
    cameo: str
    quad: int
    goldstein: float
    intensity: float
    status: str
    date: str | None
    mentions: Count
    outlets: Count
    updated_at: dt.datetime


class Evidence(Struct, frozen=True, kw_only=True):
    """A sentence that tells an event, with the place of its trigger in it, in characters; and who tells it."""

    text: str
    trigger_start: int
    trigger_end: int
    article: str
    outlet: str | None
    url: str | None
    published_at: dt.datetime | None
    confidence: float


class ListedEvent(Event, frozen=True, kw_only=True):
    """An event with the most confident of its tellings; None while that is still on its way."""

    evidence: Evidence | None


class Outlet(Struct, frozen=True, kw_only=True):
    """An outlet, None for articles that name none; of how many events, in how many articles' tellings."""

    outlet: str | None
    events: Count
    mentions: Count


class OutletMentions(Struct, frozen=True, kw_only=True):
    """An outlet, None for articles that name none, and in how many articles it tells."""

    outlet: str | None
    mentions: Count


class EventInFull(Event, frozen=True, kw_only=True):
    """An event with its articles, the most confident first, and outlets: 100 of each, /mentions has all."""

    cameo_name: str
    told_by: list[Mention]
    told_by_outlets: list[Outlet]


class Quads(Struct, frozen=True):
    """A count by quad class: verbal and material cooperation, verbal and material conflict."""

    q1: Count
    q2: Count
    q3: Count
    q4: Count


class DyadRow(Struct, frozen=True, kw_only=True):
    """A dyad as a whole, or as far as the filters reach: joined events that happened.

    `index` is the temperature, 0..100, of the dyad as it was on `index_day`, the last day with an event, whatever the
    filters. `other` counts events planned, hypothetical or denied; None under a filter.
    """

    dyad: DyadCode
    a: StateCode
    b: StateCode
    events: Count
    mentions: Count
    quads: Quads
    goldstein_mean: float | None
    mention_weighted_mean: float | None
    net_cooperation: float
    net_cooperation_normalised: float | None
    intensity_mean: float | None
    other: Count | None
    first: dt.date | None
    last: dt.date | None
    index: float | None
    index_days: Count
    index_day: dt.date | None


class QuadMeasures(Struct, frozen=True):
    """Counts of one quad class."""

    events: Count
    mentions: Count
    sources: Count


class QuadsMeasured(Struct, frozen=True):
    """Counts by quad class: verbal and material cooperation, verbal and material conflict."""

    q1: QuadMeasures
    q2: QuadMeasures
    q3: QuadMeasures
    q4: QuadMeasures


class DirectedMeasures(Struct, frozen=True, kw_only=True):
    """One direction, or both together, over a window. `sources` are different outlets."""

    events: Count
    mentions: Count
    sources: Count
    quads: QuadsMeasured
    scores: Scores
    trend: Trend


class WindowMeasures(Struct, frozen=True, kw_only=True):
    """The last so many days. `together` counts a reciprocal event once, each direction counts it too."""

    days: int
    first: dt.date
    last: dt.date
    together: DirectedMeasures
    a_to_b: DirectedMeasures
    b_to_a: DirectedMeasures
    reciprocity: Reciprocity


class Index(Struct, frozen=True, kw_only=True):
    """The temperature of the relation on a day; None where the last 14 days have no event."""

    value: float | None
    days: Count
    on: dt.date
    formula: str
    source: str


class DyadInFull(Struct, frozen=True, kw_only=True):
    """A dyad: over all its time, and over windows that end on `until`; the outlets of the longest window."""

    until: dt.date
    total: DyadRow
    index: Index
    windows: list[WindowMeasures]
    outlets: list[OutletMentions]


class State(Struct, frozen=True, kw_only=True):
    """A state and how much is known of it."""

    code: StateCode
    name: str
    name_ru: str
    dyads: Count
    events: Count
    mentions: Count
    last: dt.date | None


class Neighbour(Struct, frozen=True, kw_only=True):
    """Another state, and the dyad with it; `quads_out` counts what the state does to it, `quads_in` what it does."""

    state: StateCode
    name: str
    name_ru: str
    relation: DyadRow
    quads_out: Quads
    quads_in: Quads


class Neighbourhood(Struct, frozen=True, kw_only=True):
    """A state with all its neighbours, most events first, over the days from `first` to `last`."""

    state: State
    first: dt.date | None
    last: dt.date | None
    neighbours: list[Neighbour]


class Found(Struct, frozen=True, kw_only=True):
    """A telling whose evidence sentence has what was looked for; `snippet` has it between \\x02 and \\x03."""

    event: Event | None
    evidence: Evidence
    snippet: str


class Page(Struct, frozen=True):
    """Part of a list; `next` is the cursor of the part that follows, None at the end."""

    next: Cursor


class Dyads(Page, frozen=True):
    """Dyads, as sorted."""

    items: list[DyadRow]


class Days(Page, frozen=True):
    """Days of a dyad, earliest first, each as `relations.daily` has it: columns that are zero are left out."""

    dyad: DyadCode
    items: list[DailyRelation]


class Events(Page, frozen=True):
    """Events, latest first."""

    items: list[ListedEvent]


class Mentions(Page, frozen=True):
    """Tellings, each as `relations.mentions` has it."""

    items: list[Mention]


class Outlets(Page, frozen=True):
    """Outlets, most mentions first."""

    items: list[Outlet]


class States(Page, frozen=True):
    """States, most events first."""

    items: list[State]


class Hits(Page, frozen=True):
    """What was found, latest first. `considered` is up to how many of the tellings that came last were looked at."""

    items: list[Found]
    considered: Count


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter: a message that could not be handled."""

    place: str
    at: dt.datetime
    reason: str
    stage: str
    error: str
    article: str
    origin: str
    attempt: str


class Letters(Page, frozen=True):
    """Dead letters, newest first."""

    items: list[Letter]


EVENT_COLUMNS = "id, dyad, direction, type, quad, cameo, status, date, goldstein, intensity, mentions, outlets, at"


def event_fields(row: tuple[Any, ...]) -> Mapping[str, Any]:
    """What `EVENT_COLUMNS` say, as the fields of an event."""
    id, dyad, direction, type, quad, cameo, status, date, goldstein, intensity, mentions, outlets, at = row
    a, b = dyad[:3], dyad[4:]
    return {
        "id": id,
        "dyad": dyad,
        "source": b if direction == Direction.B_TO_A else a,
        "target": a if direction == Direction.B_TO_A else b,
        "reciprocal": direction == Direction.BOTH,
        "type": type,
        "cameo": cameo,
        "quad": quad,
        "goldstein": goldstein / 10,
        "intensity": intensity / 10,
        "status": status,
        "date": date or None,
        "mentions": mentions,
        "outlets": outlets,
        "updated_at": moment(at),
    }


def event_of(row: tuple[Any, ...]) -> Event:
    """The event of a row of `EVENT_COLUMNS`."""
    return Event(**event_fields(row))


def evidence_of(row: bytes) -> Evidence:
    """What a published mention says with: the trigger's offsets from the beginning of the sentence."""
    told = msgspec.json.decode(row, type=_Told)
    at = told.evidence.start
    length = len(told.evidence.text)
    return Evidence(
        text=told.evidence.text,
        trigger_start=min(max(0, told.trigger.start - at), length),
        trigger_end=min(max(0, told.trigger.end - at), length),
        article=told.article,
        outlet=told.outlet,
        url=told.url,
        published_at=told.published_at,
        confidence=told.confidence,
    )


def moment(at: int) -> dt.datetime:
    """A time in milliseconds since 1970."""
    return dt.datetime.fromtimestamp(at // 1000, dt.UTC).replace(microsecond=at % 1000 * 1000)


class _Span(Struct):
    text: str
    start: int
    end: int


class _Told(Struct):
    """The fields of a mention that evidence is made of: read without the checks that it passed when it was taken in."""

    article: str
    evidence: _Span
    trigger: _Span
    confidence: float
    outlet: str | None = None
    url: str | None = None
    published_at: dt.datetime | None = None
