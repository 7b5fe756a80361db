"""The audit's comparison: what it finds, and what it rightly lets pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from models import Tally, Version
from tests.aggregation.memory_scope import Agents
from tests.aggregation.stories import article, event, histories
from topics.catalogue import DAILY, EVENTS, MENTIONS
from workers.aggregation.audit import Revision, compare, compare_articles
from workers.aggregation.fold import fold, last_revisions

ROWS = fold([article("a", event("KAZ", "BLR"), version=1), article("b", event("KAZ", "BLR"), version=2)])
(KEY,) = ROWS.daily
ROW = ROWS.daily[KEY]


def revision(version: int, withdrawn: bool = False) -> Revision:
    return Revision(version=Version(version), withdrawn=withdrawn)


@settings(max_examples=50, deadline=None)
@given(histories())
def test_live_tables_have_no_differences(history: list) -> None:
    agents = Agents()
    for step in history:
        agents.aggregate(agents.relate(*step.parts))
    expected, actual = fold(last_revisions(step.parts for step in history).values()), agents.tables
    assert compare(DAILY, expected.daily, actual.daily) == []
    assert compare(EVENTS, expected.events, actual.events) == []
    assert compare(MENTIONS, expected.mentions, actual.mentions) == []


def test_a_wrong_count_is_named_with_its_key_and_field() -> None:
    wrong = replace(ROW, together=replace(ROW.together, mentions=3, by_type={}))
    assert [str(difference) for difference in compare(DAILY, ROWS.daily, {KEY: wrong})] == [
        "relations.daily BLR-KAZ|2025-10-31 together.by_type.CONSULT: expected 1, found nothing",
        "relations.daily BLR-KAZ|2025-10-31 together.mentions: expected 2, found 3",
    ]


def test_a_count_of_zero_is_shown_as_a_number() -> None:
    emptied = replace(ROW, b_to_a=Tally())
    found = compare(DAILY, ROWS.daily, {KEY: emptied})
    assert "relations.daily BLR-KAZ|2025-10-31 b_to_a.events: expected 1, found 0" in map(str, found)


def test_a_missing_row_and_one_too_many() -> None:
    (missing,) = compare(DAILY, ROWS.daily, {})
    assert str(missing).startswith("relations.daily BLR-KAZ|2025-10-31: missing, expected DailyRelation(")
    (extra,) = compare(DAILY, {}, ROWS.daily)
    assert str(extra).startswith("relations.daily BLR-KAZ|2025-10-31: expected nothing, found DailyRelation(")


def test_every_row_of_a_mention_is_compared_to_its_sentence() -> None:
    key = min(ROWS.mentions)
    other = replace(ROWS.mentions[key], evidence=replace(ROWS.mentions[key].evidence, text="They parted."))
    (difference,) = compare(MENTIONS, ROWS.mentions, {**ROWS.mentions, key: other})
    assert (difference.field, difference.expected, difference.actual) == (
        "evidence.text",
        "The ministers met.",
        "They parted.",
    )


@pytest.mark.parametrize(
    ("raw", "coded", "dead"),
    [
        pytest.param(revision(5), revision(5), [], id="coded"),
        pytest.param(revision(5), None, [5], id="dead, and nothing of it was ever coded"),
        pytest.param(revision(5), revision(3), [5], id="dead: the earlier revision stays in force"),
        pytest.param(revision(5), revision(3, withdrawn=True), [5], id="dead after a withdrawal"),
        pytest.param(revision(5), revision(5), [5], id="coded and dead: coded wins"),
        pytest.param(revision(5, withdrawn=True), revision(5, withdrawn=True), [], id="withdrawn"),
        pytest.param(revision(5, withdrawn=True), None, [], id="withdrawn before it was ever coded"),
        pytest.param(revision(5), revision(7), [], id="a stale redriven message"),
        pytest.param(revision(5), revision(7, withdrawn=True), [], id="a stale message after the withdrawal"),
        pytest.param(None, revision(5, withdrawn=True), [], id="the raw tombstone was compacted away"),
    ],
)
def test_an_article_that_is_settled(raw: Revision | None, coded: Revision | None, dead: list[int]) -> None:
    assert compare_articles(_one(raw), _one(coded), {"a": dead}) == []


@pytest.mark.parametrize(
    ("raw", "coded", "dead", "says"),
    [
        pytest.param(revision(5), None, [], "missing, expected version 5", id="lost"),
        pytest.param(revision(5), None, [4], "missing, expected version 5", id="an earlier revision is dead"),
        pytest.param(revision(5), revision(3), [], "revision: expected version 5, found version 3", id="behind"),
        pytest.param(
            revision(5, withdrawn=True),
            revision(3),
            [5],
            "revision: expected version 5, withdrawn, found version 3",
            id="a withdrawal not carried out",
        ),
        pytest.param(
            revision(5),
            revision(5, withdrawn=True),
            [],
            "revision: expected version 5, found version 5, withdrawn",
            id="a revision taken for a withdrawal",
        ),
        pytest.param(None, revision(3), [], "expected nothing, found version 3", id="an article from nowhere"),
    ],
)
def test_an_article_that_is_not(raw: Revision | None, coded: Revision | None, dead: list[int], says: str) -> None:
    (difference,) = compare_articles(_one(raw), _one(coded), {"a": dead})
    assert str(difference).startswith("articles.coded a")
    assert str(difference).endswith(says)


def _one(revision: Revision | None) -> dict[str, Revision]:
    return {"a": revision} if revision else {}
