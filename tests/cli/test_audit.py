"""`dyads audit` finds what is wrong, waits for what is in motion, and says nothing else."""

import itertools
import json
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.aggregation.stories import PROTEST_NOTE, article, event
from tests.cli.published import Sent, coded, dead, fill, grave, raw, relations, story
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


def test_version_that_no_offset_is(fresh_broker: str) -> None:
    huge = {"version": "9" * 30}
    letter = dead("b", 0, "articles.raw:0:0")
    fill(fresh_broker, [("articles.coded", b"a", None, huge), (*letter[:3], {**letter[3], "version": "9" * 5000})])
    assert audit(fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


def test_rows_in_motion_are_waited_for(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("tass/1")])
    later = threading.Timer(1.5, fill, (fresh_broker, [coded(MEETING), *relations(fold([MEETING]))]))
    later.start()
    ran = audit(fresh_broker, wait=30)
    later.join()
    assert ran.out.splitlines()[-1] == "audit: 0 differences"


def test_there_is_always_something_in_motion_and_nothing_wrong(fresh_broker: str) -> None:
    """Articles are published all the time, each step on its own: at every cut some article or row is behind."""
    fill(fresh_broker, [])
    ended = threading.Event()

    def publish() -> None:
        offsets: Counter[int] = Counter()
        for number in itertools.count(1000):
            home = home_partition(str(number), 4)
            told = article(str(number), event("KAZ", "BLR", on=f"{number}-10-31"), version=offsets[home])
            offsets[home] += 1
            for step in ([raw(told.id)], [coded(told)], relations(fold([told]))):
                fill(fresh_broker, step)
                if ended.is_set():
                    return

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        while "compared 0 articles" in (ran := audit(fresh_broker, wait=30)).out:
            pass
    finally:
        ended.set()
        publisher.join()
    assert ran.out.splitlines()[-1] == "audit: 0 differences"


def test_rows_that_do_not_come_right_are_differences(fresh_broker: str) -> None:
    fill(fresh_broker, [raw("tass/1")])
    started = time.monotonic()
    assert audit(fresh_broker, wait=2).code == 1
    assert time.monotonic() - started >= 2


def test_no_topics(fresh_broker: str) -> None:
    assert audit(fresh_broker).code == 2


def wrong_days(count: int) -> list[Sent]:
    """So many rows of relations.daily that no article tells, a day each from 2025-11-01 on."""
    tables = fold([article("x", *(event("KAZ", "RUS", on=f"2025-11-{n + 1:02}") for n in range(count)))])
    return [row for row in relations(tables) if row[0] == DAILY.name]


def test_rows_beyond_the_limit_are_counted_all_the_same(fresh_broker: str) -> None:
    fill(fresh_broker, wrong_days(5))
    lines = dyads("audit", "--wait", "0", "--limit", "2", broker=fresh_broker).out.splitlines()
    assert [line[: line.index(":")] for line in lines[:2]] == [
        "relations.daily KAZ-RUS|2025-11-01",
        "relations.daily KAZ-RUS|2025-11-02",
    ]
    assert lines[2:] == [
        "2 of 5 rows that differ are shown (--limit)",
        "compared 0 articles in force, 0 dead letters, 0 events, 0 mentions, 5 dyad days",
        "audit: 5 differences",
    ]


def test_for_machines(fresh_broker: str) -> None:
    fill(fresh_broker, [*story(MEETING), *wrong_days(1)])
    ran = dyads("audit", "--wait", "0", "--json", broker=fresh_broker)
    row, last = map(json.loads, ran.out.splitlines())
    assert (row["topic"], row["key"], row["actual"]["day"]) == (DAILY.name, "KAZ-RUS|2025-11-01", "2025-11-01")
    assert "expected" not in row or row["expected"] is None
    audit_ = last["audit"]
    assert (audit_["differences"], audit_["rows_differing"], audit_["rows_shown"], audit_["cuts"]) == (1, 1, 1, 1)
    assert (audit_["articles"], audit_["events"], audit_["mentions"], audit_["days"]) == (1, 1, 1, 2)
    assert sum(audit_["cut"]["relations.daily"].values()) == 2
    assert ran.code == 1


def test_days(fresh_broker: str) -> None:
    """Articles are not followed then: one that is not coded yet has no day."""
    fill(fresh_broker, [*story(MEETING), raw("not coded"), *wrong_days(9)])
    lines = dyads(
        "audit", "--wait", "0", "--from", "2025-11-03", "--to", "2025-11-05", broker=fresh_broker
    ).out.splitlines()
    assert [line.split()[1] for line in lines[:3]] == [f"KAZ-RUS|2025-11-0{n}:" for n in (3, 4, 5)]
    assert lines[3:] == [
        "compared 0 events, 0 mentions, 3 dyad days (days from 2025-11-03 to 2025-11-05); "
        "whether every article is coded was not looked at",
        "audit: 3 differences",
    ]
    assert dyads("audit", "--to", "2025-10-31", broker=fresh_broker).out.splitlines()[-1] == "audit: 0 differences"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "1.11.2025"), "'1.11.2025' is not a day such as 2025-10-31"),
        (("--from", "2025-11-02", "--to", "2025-11-01"), "no day is from 2025-11-02 to 2025-11-01"),
    ],
)
def test_days_that_are_none(options: tuple[str, ...], said: str) -> None:
    ran = dyads("audit", *options)
    assert (ran.code, ran.err) == (2, f"dyads: {said}\n")


def test_metrics_tell_when_it_ran_and_what_it_found(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, [*story(MEETING), *wrong_days(2)])
    file = tmp_path / "dyads.prom"
    dyads("audit", "--wait", "0", "--metrics-file", str(file), broker=fresh_broker)
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
        if sample.labels == {"scope": "all"}
    }
    assert abs(found.pop("dyads_audit_last_timestamp_seconds") - time.time()) < 60
    assert 0 < found.pop("dyads_audit_last_seconds") < 60
    assert found == {
        "dyads_audit_last_rows": 5,
        "dyads_audit_last_differences": 2,
        "dyads_audit_last_differing_rows": 2,
    }
    elsewhere = dyads("audit", "--metrics-file", str(tmp_path / "none" / "dyads.prom"), broker=fresh_broker)
    assert (elsewhere.code, elsewhere.err) == (2, f"dyads: {tmp_path / 'none'}: no such directory\n")
    before = file.read_text()
    assert dyads("audit", "--metrics-file", str(file), broker="127.0.0.1:1").code == 2
    assert file.read_text() == before, "an audit that could not be done says nothing"


def test_directory_for_what_does_not_fit_in_memory(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, story(MEETING))
    assert dyads("audit", "--scratch", str(tmp_path / "new"), broker=fresh_broker).code == 0
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").touch()
    ran = dyads("audit", "--scratch", str(tmp_path / "file"), broker=fresh_broker)
    assert ran.code == 2
    assert ran.err.startswith(f"dyads: {tmp_path / 'file'}: ")


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
