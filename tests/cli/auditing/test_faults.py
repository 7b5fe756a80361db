"""Every kind of wrong row that is written into the topics is found, and nothing beside it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import CodedArticle
from tests.aggregation.stories import PROTEST_NOTE, article, event
from tests.cli.published import Sent, coded, fill, grave, raw, relations, story
from tests.cli.runner import dyads
from topics.catalogue import DAILY, EVENTS, MENTIONS, Topic
from topics.codec import encode
from workers.aggregation.fold import Tables, fold

MEETING = event("KAZ", "BLR", reciprocal=True)
FIRST = article("tass/1", MEETING, outlet="ТАСС")
SECOND = article("belta/1", MEETING, event("BLR", "KAZ", PROTEST_NOTE), outlet="БелТА")
RIGHT = fold([FIRST, SECOND])
REVISED = replace(FIRST, version=type(FIRST.version)(1), events=(replace(MEETING, confidence=0.5),))
"""The first article after a revision that changed no count, but the version of its mention."""

DAY, MEETING_KEY, MENTION = b"BLR-KAZ|2025-10-31", MEETING.id.encode(), f"{MEETING.id}|tass/1".encode()


def gone(topic: Topic, key: bytes) -> list[Sent]:
    return [(topic.name, key, None, {})]


def row(topic: Topic, rows: Tables, key: bytes) -> list[Sent]:
    """The row under this key in other tables."""
    return [sent for sent in relations(rows) if sent[:2] == (topic.name, key)]


def only(topic: Topic, *articles: CodedArticle) -> list[Sent]:
    """All rows of one topic that these articles would make."""
    return [sent for sent in relations(fold(articles)) if sent[0] == topic.name]


ANOTHER = article("pap/1", event("POL", "BLR", PROTEST_NOTE))
OTHER_WORDS = replace(MEETING, evidence=replace(MEETING.evidence, text="They parted."))


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        pytest.param(gone(DAILY, DAY), "relations.daily BLR-KAZ|2025-10-31: missing", id="a day is missing"),
        pytest.param(gone(EVENTS, MEETING_KEY), f"relations.events {MEETING.id}: missing", id="an event is missing"),
        pytest.param(
            gone(MENTIONS, MENTION), f"relations.mentions {MEETING.id}|tass/1: missing", id="a mention is missing"
        ),
        pytest.param(
            only(DAILY, ANOTHER),
            "relations.daily BLR-POL|2025-10-31: expected nothing, found",
            id="a day too many",
        ),
        pytest.param(
            only(EVENTS, ANOTHER),
            f"relations.events {ANOTHER.events[0].id}: expected nothing, found",
            id="an event too many",
        ),
        pytest.param(
            only(MENTIONS, ANOTHER),
            f"relations.mentions {ANOTHER.events[0].id}|pap/1: expected nothing, found",
            id="a mention too many",
        ),
        pytest.param(
            row(DAILY, fold([SECOND]), DAY),
            "relations.daily BLR-KAZ|2025-10-31 a_to_b.mentions: expected 3, found 2",
            id="a day's count is wrong",
        ),
        pytest.param(
            row(EVENTS, fold([SECOND]), MEETING_KEY),
            f"relations.events {MEETING.id} mentions: expected 2, found 1",
            id="an event's count is wrong",
        ),
        pytest.param(
            row(MENTIONS, fold([replace(FIRST, events=(OTHER_WORDS,))]), MENTION),
            f"relations.mentions {MEETING.id}|tass/1 evidence.text: expected The ministers met., found They parted.",
            id="the evidence is wrong",
        ),
        pytest.param(
            [raw("tass/1"), coded(REVISED)],
            f"relations.mentions {MEETING.id}|tass/1 confidence: expected 0.5, found 0.9",
            id="a mention is of the revision before",
        ),
        pytest.param(
            [raw("tass/1", None), grave("tass/1", 1)],
            f"relations.mentions {MEETING.id}|tass/1: expected nothing, found",
            id="a withdrawn article still counts",
        ),
    ],
)
def test_fault(fresh_broker: str, wrong: list[Sent], found: str) -> None:
    fill(fresh_broker, [*story(FIRST, SECOND), *wrong])
    ran = dyads("audit", "--wait", "0", broker=fresh_broker)
    assert ran.code == 1
    differences = [line for line in ran.out.splitlines() if line.startswith(("relations.", "articles."))]
    assert any(line.startswith(found) for line in differences), ran.out
    assert ran.out.splitlines()[-1] == f"audit: {len(differences)} differences"
    written = {sent[0] for sent in wrong if sent[0].startswith("relations.")}
    assert not written or {line.split()[0] for line in differences} == written


def test_a_row_is_printed_as_it_is_and_as_it_should_be_and_with_what_it_is_made_of(fresh_broker: str) -> None:
    wrong = replace(RIGHT.events[MEETING_KEY], outlets=7)
    fill(fresh_broker, [*story(FIRST, SECOND), (EVENTS.name, MEETING_KEY, encode(wrong), {})])
    assert dyads("audit", "--wait", "0", broker=fresh_broker).out.splitlines() == [
        f"relations.events {MEETING.id} outlets: expected 2, found 7",
        f"    is         {encode(wrong).decode()}",
        f"    should be  {encode(RIGHT.events[MEETING_KEY]).decode()}",
        "    made of    belta/1 (version 0), tass/1 (version 0)",
        "compared 2 articles in force, 0 dead letters, 2 events, 3 mentions, 1 dyad days",
        "audit: 1 differences",
    ]
