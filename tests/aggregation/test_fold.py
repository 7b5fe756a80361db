"""The oracle on a story small enough to count by hand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import DailyRelation, Day, Dyad, EventType, InvalidValue, Quad, RelationEvent, Status, Tally, Version
from tests.aggregation.stories import MEETING, PROTEST_NOTE, article, event
from workers.aggregation.fold import fold, last_revisions


def test_a_day_counted_by_hand() -> None:
    meeting = event("KAZ", "BLR", MEETING, reciprocal=True)
    protest = event("BLR", "KAZ", PROTEST_NOTE)
    tables = fold(
        [
            article("a", meeting, protest, version=1, outlet="tass"),
            article("b", meeting, version=2, outlet="belta"),
            article("c", event("KAZ", "BLR", status=Status.DENIED), version=3, outlet="tass"),
        ]
    )
    a_to_b = Tally(
        events=2,
        mentions=3,
        sources=2,
        by_type={EventType.CONSULT: 1, EventType.ACCUSE: 1},
        by_quad={Quad.VERBAL_COOPERATION: 1, Quad.VERBAL_CONFLICT: 1},
        goldstein=-1.0,
        intensity=-0.5,
    )
    b_to_a = Tally(
        events=1,
        mentions=2,
        sources=2,
        by_type={EventType.CONSULT: 1},
        by_quad={Quad.VERBAL_COOPERATION: 1},
        goldstein=1.0,
        intensity=2.5,
        denied=1,
    )
    assert tables.daily == {
        b"BLR-KAZ|2025-10-31": DailyRelation(
            dyad=Dyad("BLR-KAZ"),
            day=Day("2025-10-31"),
            together=replace(a_to_b, denied=1),
            a_to_b=a_to_b,
            b_to_a=b_to_a,
        )
    }
    assert len(tables.events) == 3
    assert tables.events[meeting.id.encode()] == RelationEvent(
        id=meeting.id,
        dyad=Dyad("BLR-KAZ"),
        source="BLR",
        target="KAZ",
        reciprocal=True,
        type=EventType.CONSULT,
        cameo=MEETING,
        quad=Quad.VERBAL_COOPERATION,
        goldstein=1.0,
        intensity=2.5,
        status=Status.HAPPENED,
        date="2025-10-31",
        mentions=2,
        outlets=2,
    )
    assert len(tables.mentions) == 4
    mention = tables.mentions[f"{meeting.id}|b".encode()]
    assert (mention.outlet, mention.version, mention.source.country) == ("belta", 2, "KAZ")


def test_the_highest_version_is_in_force_and_a_withdrawn_article_is_not() -> None:
    first, second = article("a", version=1), article("a", event("KAZ", "BLR"), version=2)
    gone, back = article("b", version=3), article("c", version=9)
    stream = [
        ("a", Version(2), second),
        ("a", Version(1), first),
        ("b", Version(3), gone),
        ("b", Version(4), None),
        ("c", Version(8), None),
        ("c", Version(9), back),
        ("c", Version(9), back),
    ]
    assert last_revisions(stream) == {"a": second, "c": back}


def test_no_articles_make_no_rows() -> None:
    tables = fold([])
    assert (tables.daily, tables.events, tables.mentions) == ({}, {}, {})


def test_an_event_that_is_not_what_its_id_says_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"events\[1\]\.id"):
        fold([article("a", event("KAZ", "BLR"), replace(event("KAZ", "RUS"), status=Status.DENIED))])
