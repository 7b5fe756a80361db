"""`dyads audit` finds what is wrong, waits for what is in motion, and says nothing else."""

import threading
import time
from pathlib import Path

import pytest

from tests.aggregation.stories import PROTEST_NOTE, article, event
from tests.cli.published import coded, dead, fill, grave, raw, relations, story
from tests.cli.runner import Ran, dyads
from topics.catalogue import DAILY, MENTIONS, RAW
from topics.partition import home_partition
from workers.aggregation.fold import fold
from workers.cli.auditing.doubts import Doubts
from workers.cli.auditing.layout import Kind, unit
from workers.cli.auditing.spill import Spill

MEETING = article("tass/1", event("KAZ", "BLR", reciprocal=True), outlet="ТАСС")
PROTEST = article("pap/1", event("POL", "BLR", PROTEST_NOTE))


def audit(address: str, wait: float = 0) -> Ran:
    return dyads("audit", "--wait", str(wait), broker=address)


def test_nothing_published(fresh_broker: str) -> None:
    fill(fresh_broker, [])
    assert audit(fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


def test_articles_all_the_way_through(fresh_broker: str) -> None:
    fill(fresh_broker, story(MEETING))
    ran = audit(fresh_broker)
    assert ran.out.splitlines() == [
        "compared 1 articles in force, 0 dead letters, 1 events, 1 mentions, 1 dyad days",
        "audit: 0 differences",
    ]
    assert ran.code == 0


def test_article_that_was_never_coded(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("a")])
    ran = audit(fresh_broker)
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "articles.coded a: missing, expected version 0"
    assert ran.out.splitlines()[-1] == "audit: 1 differences"


def test_withdrawn_and_dead_articles_are_settled(fresh_broker: str) -> None:
    at = home_partition("bad", 4)
    fill(fresh_broker, [raw("gone"), raw("gone", None), grave("gone", 1), raw("never", None)])
    offset = sum(home_partition(name, 4) == at for name in ("gone", "gone", "never"))
    fill(fresh_broker, [raw("bad"), dead("bad", offset, f"articles.raw:{at}:{offset}")])
    assert audit(fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


def test_message_away_from_home_must_come_home_or_die(fresh_broker: str) -> None:
    away = (home_partition("a", 4) + 1) % 4
    fill(fresh_broker, [raw("a")], partition=away)
    ran = audit(fresh_broker)
    assert ran.out.startswith(f"articles.raw message {away}:0: missing, expected a revision at home or a dead letter")

    fill(fresh_broker, [raw("a"), coded(article("a", version=0))])
    assert audit(fresh_broker).code == 0


def test_message_without_a_readable_key_must_be_dead(fresh_broker: str) -> None:
    fill(fresh_broker, [(RAW.name, b"\xff", b"{}", {})], partition=2)
    assert audit(fresh_broker).out.splitlines()[-1] == "audit: 1 differences"
    fill(fresh_broker, [dead("x", 0, "articles.raw:2:0")])
    assert audit(fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


def test_row_that_is_wrong_is_named_by_field(fresh_broker: str) -> None:
    fill(fresh_broker, story(MEETING))
    another = article("belta/1", *MEETING.events, outlet="БелТА")
    fill(fresh_broker, [row for row in relations(fold([MEETING, another])) if row[0] == DAILY.name])
    lines = audit(fresh_broker).out.splitlines()
    assert "relations.daily BLR-KAZ|2025-10-31 together.mentions: expected 1, found 2" in lines
    assert lines[-1] == "audit: 6 differences"


def test_row_that_is_missing_or_too_many(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("tass/1"), coded(MEETING), *relations(fold([PROTEST]))])
    lines = audit(fresh_broker).out.splitlines()
    assert sum(": missing, expected" in line for line in lines) == 3
    assert sum(": expected nothing, found" in line for line in lines) == 3


def test_row_that_is_no_record(fresh_broker: str) -> None:
    fill(fresh_broker, [(MENTIONS.name, b"x|y", b"no json", {})])
    assert "not JSON" in audit(fresh_broker).out


def test_coded_article_that_does_not_hold_together(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("a"), ("articles.coded", b"a", b"{}", {"version": 0})])
    ran = audit(fresh_broker)
    assert ran.code == 1
    assert "articles.coded a record: expected a sound article, found id: missing" in ran.out


def test_rows_in_motion_are_waited_for(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("tass/1")])
    later = threading.Timer(1.5, fill, (fresh_broker, [coded(MEETING), *relations(fold([MEETING]))]))
    later.start()
    ran = audit(fresh_broker, wait=30)
    later.join()
    assert ran.out.splitlines()[-1] == "audit: 0 differences"


def test_rows_that_do_not_come_right_are_differences(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("tass/1")])
    started = time.monotonic()
    assert audit(fresh_broker, wait=2).code == 1
    assert time.monotonic() - started >= 2


def test_no_topics(fresh_broker: str) -> None:
    assert audit(fresh_broker).code == 2


A, B, C = ("t", "a"), ("t", "b"), ("t", "c")


@pytest.mark.parametrize(
    ("cuts", "doubtful"),
    [
        ([set()], False),
        ([{A}], True),
        ([{A}, set()], False),
        ([{A}, {A}], True),
        ([{A}, {A, B}, {B}], True),  # what began to differ while the first was waited for counts as well
        ([{A}, {B}, set()], False),
        ([{A}, {B}, {B, C}], True),
        ([{A}, {B}, {C}], False),  # a third round is traffic
        ([{A}, {A, B}, {A}, set()], False),
        ([{A, B}, {A}, {A, B}, {B}], True),
        ([{A}, {A, B}, {C}, {A}], False),
    ],
)
def test_which_rows_are_in_doubt(tmp_path: Path, cuts: list[set[tuple[str, str]]], doubtful: bool) -> None:
    """Each row is a unit of its own here."""
    with Spill(tmp_path) as spill:
        doubts = Doubts(spill)
        for cut in cuts:
            for topic, key in (A, B, C):
                doubts.see(unit(Kind.EVENT, key.encode()), {(topic, key): 2} if (topic, key) in cut else {})
            doubts.end_cut()
        rows = [row for _, row in doubts.open()]
        assert bool(doubts) is doubtful
        assert doubtful == bool(rows)
        assert (doubts.rows, doubts.differences) == (len(rows), 2 * len(rows))
