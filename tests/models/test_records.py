"""Every record comes back from the wire as it went, and a wrong one is refused by field."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import (
    Actor,
    CodedArticle,
    Contribution,
    Correction,
    DailyRelation,
    Day,
    Dyad,
    Entity,
    EntityKind,
    Event,
    EventType,
    Generation,
    Mention,
    Precision,
    Quad,
    RawArticle,
    RelationEvent,
    Span,
    Stage,
    Status,
    Tally,
    Told,
    Version,
    Why,
    event_id,
)
from models.states import states
from topics.codec import Undecodable, decode, encode

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
NAME = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)
MAYBE = st.none() | TEXT
OFFSET = st.integers(0, 400_000)
COUNT = st.integers(0, 10**9)
SCORE = st.integers(-100, 100).map(lambda tenths: tenths / 10)
STATE = st.sampled_from(sorted(states()))
DAY = st.dates(min_value=dt.date(1000, 1, 1)).map(Day.of)
DATE = st.none() | DAY.map(str) | DAY.map(lambda day: day[:7]) | DAY.map(lambda day: day[:4])
DYAD = st.lists(STATE, min_size=2, max_size=2, unique=True).map(lambda pair: Dyad.of(*pair))
VERSION = st.integers(0, 2**63 - 1).map(Version)
ZONE = st.integers(-12, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours)))
MOMENT = st.none() | st.datetimes(timezones=ZONE).filter(lambda moment: moment.year >= 1000)

SPAN = st.builds(Span, TEXT, OFFSET, OFFSET)
ACTOR = st.builds(Actor, country=STATE | st.just("CSTO"), sector=MAYBE, name=MAYBE, office=MAYBE)
ENTITY = st.builds(
    Entity, kind=st.sampled_from(EntityKind), text=TEXT, start=OFFSET, end=OFFSET, country=st.none() | STATE, name=MAYBE
)
EVENT = st.builds(
    Event,
    id=NAME,
    source=ACTOR,
    target=ACTOR,
    type=st.sampled_from(EventType),
    cameo=st.from_regex(r"\A[0-9]{2,4}\Z"),
    quad=st.sampled_from(Quad),
    goldstein=SCORE,
    intensity=SCORE,
    status=st.sampled_from(Status),
    reciprocal=st.booleans(),
    date=DATE,
    date_precision=st.sampled_from(Precision),
    evidence=SPAN,
    trigger=SPAN,
    confidence=st.floats(0, 1),
    rule=TEXT,
    mode=MAYBE,
    contexts=st.lists(TEXT, max_size=3).map(tuple),
    place=MAYBE,
)
EVENTS = st.lists(EVENT, max_size=3).map(tuple)
TALLY = st.builds(
    Tally,
    events=COUNT,
    by_type=st.dictionaries(st.sampled_from(EventType), COUNT),
    by_quad=st.dictionaries(st.sampled_from(Quad), COUNT),
    goldstein=SCORE,
    planned=COUNT,
)
RELATION_EVENT = st.builds(
    RelationEvent,
    id=NAME,
    dyad=DYAD,
    source=STATE,
    target=STATE,
    reciprocal=st.booleans(),
    type=st.sampled_from(EventType),
    cameo=NAME,
    quad=st.sampled_from(Quad),
    goldstein=SCORE,
    intensity=SCORE,
    status=st.sampled_from(Status),
    date=DATE,
    mentions=COUNT,
    outlets=COUNT,
)
TOLD = st.builds(Told, version=VERSION, event=RELATION_EVENT, outlet=MAYBE, coder=MAYBE)
RECORDS = [
    st.builds(RawArticle, id=NAME, text=NAME, title=MAYBE, source=MAYBE, published_at=MOMENT),
    st.builds(
        CodedArticle,
        id=NAME,
        version=VERSION,
        language=TEXT,
        coder=TEXT,
        depth=st.lists(TEXT, max_size=3).map(tuple),
        entities=st.lists(ENTITY, max_size=3).map(tuple),
        events=EVENTS,
        published_at=MOMENT,
        source=MAYBE,
    ),
    st.builds(
        Contribution, dyad=DYAD, article=NAME, version=VERSION, events=EVENTS, source=MAYBE, withdrawn=st.booleans()
    ),
    st.builds(DailyRelation, dyad=DYAD, day=DAY, together=TALLY, a_to_b=TALLY),
    RELATION_EVENT,
    st.builds(
        Correction,
        dyad=DYAD,
        article=NAME,
        version=VERSION,
        why=st.sampled_from(Why),
        before=TOLD,
        after=st.none() | TOLD,
    ),
    st.builds(
        Mention,
        event=NAME,
        article=NAME,
        version=VERSION,
        dyad=DYAD,
        source=ACTOR,
        target=ACTOR,
        date_precision=st.sampled_from(Precision),
        evidence=SPAN,
        trigger=SPAN,
        confidence=st.floats(0, 1),
        rule=TEXT,
        outlet=MAYBE,
        published_at=MOMENT,
    ),
    st.builds(
        Generation,
        number=st.integers(1, 10**6),
        stage=st.sampled_from(Stage),
        at=st.datetimes(timezones=ZONE).filter(lambda moment: moment.year >= 1000),
        coder=MAYBE,
        upkeep=st.dictionaries(st.integers(0, 1023), st.integers(0, 2**63 - 1), max_size=3),
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(RECORDS))
def test_a_record_comes_back_as_it_went(record: msgspec.Struct) -> None:
    data = encode(record)
    back = decode(type(record), data)
    assert back == record
    assert encode(back) == data


@settings(max_examples=100, deadline=None)
@given(st.one_of(RECORDS), NAME.map(lambda name: f"x-{name}"), TEXT)
def test_a_field_of_a_later_schema_is_ignored(record: msgspec.Struct, field: str, value: str) -> None:
    later = {**orjson.loads(encode(record)), field: value}
    assert decode(type(record), orjson.dumps(later)) == record


@settings(max_examples=100, deadline=None)
@given(st.one_of(RECORDS))
def test_value_objects_come_back_as_what_they_are(record: msgspec.Struct) -> None:
    back = decode(type(record), encode(record))
    for field, kind in (("dyad", Dyad), ("day", Day), ("version", Version)):
        if field in record.__struct_fields__:
            assert type(getattr(back, field)) is kind


RAW = {"id": "a", "text": "В Минске встретились министры."}
CODED = {"id": "a", "version": 1, "language": "ru", "coder": "test/1", "depth": []}


@pytest.mark.parametrize(
    ("kind", "wrong", "says"),
    [
        (RawArticle, {"id": "a"}, "text"),
        (RawArticle, {**RAW, "id": ""}, "id: "),
        (RawArticle, {**RAW, "id": "a" * 513}, "id: "),
        (RawArticle, {**RAW, "id": 7}, "id: "),
        (RawArticle, {**RAW, "text": ""}, "text: "),
        (RawArticle, {**RAW, "text": "я" * 400_001}, "text: "),
        (RawArticle, {**RAW, "published_at": "2025-10-31T12:00:00"}, "published_at: "),
        (RawArticle, {**RAW, "published_at": "yesterday"}, "published_at: "),
        (CodedArticle, {**CODED, "version": -1}, "a version is an offset"),
        (CodedArticle, {**CODED, "version": True}, "expected Version, got bool"),
        (CodedArticle, {**CODED, "version": "1"}, "expected Version, got str"),
        (CodedArticle, {**CODED, "events": [{}]}, "events[0]"),
        (Contribution, {"dyad": "KAZ-BLR", "article": "a", "version": 1}, "not in alphabetical order"),
        (Contribution, {"dyad": 7, "article": "a", "version": 1}, "expected Dyad, got int"),
        (DailyRelation, {"dyad": "BLR-KAZ", "day": "2025-02-30"}, "is not a day"),
        (DailyRelation, {"dyad": "BLR-KAZ", "day": "2025-02-28", "together": {"events": -1}}, "together.events: "),
        (DailyRelation, {"dyad": "BLR-KAZ", "day": "2025-02-28", "together": {"by_type": {"PEACE": 1}}}, "together"),
    ],
)
def test_a_wrong_record_is_refused_by_field(kind: type[msgspec.Struct], wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(kind, orjson.dumps(wrong))
    assert says in str(refused.value)


def test_a_day_alone_is_its_midnight_in_utc() -> None:
    article = decode(RawArticle, orjson.dumps({**RAW, "published_at": "2022-05-06"}))
    assert article.published_at == dt.datetime(2022, 5, 6, tzinfo=dt.UTC)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(Undecodable, match="published_at"):
        decode(RawArticle, orjson.dumps({**RAW, "published_at": "2022-02-30"}))


def test_records_do_not_change() -> None:
    article = RawArticle(**RAW)
    with pytest.raises(AttributeError):
        article.id = "b"  # type: ignore[misc]


@given(STATE, STATE, DATE, st.sampled_from(EventType), st.sampled_from(Status))
def test_an_event_is_one_from_both_sides_only_if_it_is_reciprocal(
    one: str, other: str, date: str | None, type_: EventType, status: Status
) -> None:
    def identity(source: str, target: str, reciprocal: bool) -> str:
        return event_id(
            date=date, source=source, target=target, reciprocal=reciprocal, type=type_, cameo="040", status=status
        )

    assert identity(one, other, True) == identity(other, one, True) != identity(one, other, False)
    assert (identity(one, other, False) == identity(other, one, False)) == (one == other)


@given(EVENT)
def test_an_event_enters_a_day_only_if_its_day_is_known(event: Event) -> None:
    if event.date_precision not in (Precision.DAY, Precision.REPORTED) or event.date is None:
        assert event.day is None
    elif len(event.date) == 10:
        assert event.day == event.date


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_json_has_no_numbers_that_are_none(number: float) -> None:
    assert encode(Tally(goldstein=number)) == b'{"goldstein":null}'
    with pytest.raises(Undecodable, match="goldstein"):
        decode(Tally, encode(Tally(goldstein=number)))
