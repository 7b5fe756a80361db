"""`dyads replay`, and what other commands make of generations, on topics filled by hand.

tests/integration/test_replay.py is the whole with real workers.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from models import DailyRelation
from tests.cli.published import Sent, dead, fill, raw, relations
from tests.cli.runner import Ran, dyads
from tests.monitoring.relations import week
from topics.admin import partition_counts
from topics.catalogue import CATALOGUE, DAILY, GENERATIONS, RAW, catalogue, state_topic
from topics.codec import encode
from topics.generations import generations
from topics.partition import home_partition
from workers.aggregation.fold import Tables
from workers.cli.auditing.spill import Spill
from workers.cli.replaying.compare import Counts, compare
from workers.cli.replaying.status import Progress, seconds_left
from workers.runtime.progress import Mark
from workers.runtime.task import APPLIED


class Desk:
    """Commands on one broker."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, *arguments: str) -> Ran:
        return dyads(*arguments, broker=self.address)

    def fill(self, *messages: Sent, generation: int = 1) -> None:
        plain = {topic.name: topic for topic in CATALOGUE}
        fill(self.address, [(plain[topic].of(generation).name, *rest) for topic, *rest in messages])  # type: ignore[misc]

    def applied(self, generation: int, offset: int, agent: str = "enrich", partition: int = 0) -> None:
        """Have a task say that it has come this far."""
        asyncio.run(self._applied(state_topic(agent).of(generation).name, partition, offset))

    async def _applied(self, state: str, partition: int, offset: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.address) as producer:
            await producer.send_and_wait(state, key=APPLIED, value=b"%d" % offset, partition=partition)

    def topics(self) -> set[str]:
        return set(asyncio.run(partition_counts(self.address)))

    def current(self) -> int:
        return asyncio.run(generations(self.address)).current


@pytest.fixture
def desk(fresh_broker: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("DYADS_DATA_DIR", str(tmp_path))
    fill(fresh_broker, [])
    return Desk(fresh_broker)


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A second generation is building."""
    assert desk("replay", "start", "--coder", "new/1").code == 0
    return desk


def last_line(ran: Ran) -> str:
    return (ran.out + ran.err).splitlines()[-1]


def test_where_nobody_has_replayed_there_is_one_generation_and_no_topic_for_it(desk: Desk) -> None:
    status = desk("replay", "status")
    assert (status.code, status.out.splitlines()[0]) == (0, "generation 1  current  by a coder that nobody wrote down")
    assert desk("show", "--generation", "1").code == 0
    assert desk.topics() == {topic.name for topic in CATALOGUE}
    assert desk("replay", "switch", "1").out == "generation 1 is current already\n"


def test_started_twice_is_started_once(desk: Desk) -> None:
    first = desk("replay", "start", "--coder", "new/1")
    assert "made aggregate.state.g2" in first.out
    assert "    DYADS_GENERATION=2 DYADS_NAME=... dyads run" in first.out
    again = desk("replay", "start", "--coder", "new/1")
    assert (again.code, again.out.splitlines()[0]) == (
        0,
        "generation 2 is building, by new/1. Run its workers beside the others:",
    )
    assert desk.topics() == {topic.name for topic in (*catalogue(1, 2), GENERATIONS)}
    assert "generation 3 is building, by newer/1" in desk("replay", "start", "--coder", "newer/1").out
    assert desk("topics", "check").out == "topics: 0 differences\n"


def test_topics_that_an_interrupted_start_left_are_taken(two: Desk) -> None:
    """The record comes last: without it the next start has the same number."""
    asyncio.run(_delete(two.address, GENERATIONS.name, "articles.coded.g2"))
    again = two("replay", "start", "--coder", "new/1")
    assert again.out.startswith("made articles.coded.g2\ngeneration 2 is building")


async def _delete(address: str, *names: str) -> None:
    from topics import admin

    await admin.delete(address, names)


def test_commands_read_the_current_generation_unless_told_otherwise(two: Desk) -> None:
    two.fill(*relations(week()), dead("a", 4, f"articles.raw:{home_partition('a', 4)}:4"))
    shown = two("show").out
    assert "BLR-KAZ" in shown
    assert two("show", "--generation", "2").out == "no relations yet\n"
    assert two("dead", "list", "--generation", "2").out == "0 dead letters\n"
    assert two("replay", "switch", "2", "--force", "--wait", "0").out.endswith("generation 2 is current\n")
    assert two("show").out == "no relations yet\n"
    assert two("dead", "list").out == "0 dead letters\n"
    assert two("show", "--generation", "1").out == shown
    assert two("dead", "list", "--generation", "1").out.endswith("1 dead letter\n")
    planned = two("dead", "redrive", "--all", "--dry-run", "--generation", "1")
    assert last_line(planned) == "redrive: 1 would be sent"
    assert two("dead", "redrive", "--all", "--dry-run").out == "redrive: 0 would be sent\n"
    assert last_line(two("show", "--generation", "3")) == (
        "dyads: there is no generation 3; `dyads replay status` lists them"
    )


def test_tidying_reaches_every_generation(two: Desk) -> None:
    assert two("topics", "tidy").out == "topics: 28 partitions tidied\n"


def test_status_tells_messages_and_lag(two: Desk) -> None:
    two.fill(*(raw(f"article/{n}") for n in range(20)))
    ends = {n: asyncio.run(_end(two.address, n)) for n in range(4)}
    for partition, end in ends.items():
        two.applied(1, end - 1, partition=partition)
    two.applied(2, ends[0] - 1)
    status = two("replay", "status")
    assert status.code == 1
    lag = 20 - ends[0]
    enrich = [line.split() for line in status.out.splitlines() if line.strip().startswith("enrich")]
    assert [line[1:5] for line in enrich] == [
        ["articles.raw", "20", "of", "20"],
        ["articles.raw", str(ends[0]), "of", "20"],
    ]
    assert [line[-2:] for line in enrich] == [["lag", "0"], ["lag", str(lag)]]
    assert two("replay", "status", "1").code == 0
    assert last_line(two("replay", "status", "7")) == (
        "dyads: generation 7 is unknown; `dyads replay status` lists them"
    )
    for partition, end in ends.items():
        two.applied(2, end - 1, partition=partition)
    assert two("replay", "status", "--watch").code == 0


async def _end(address: str, partition: int) -> int:
    from topics.reader import Reader

    async with Reader(address) as reader:
        return {at.partition: end for at, end in (await reader.ends(RAW)).items()}[partition]


def test_a_generation_that_lags_does_not_become_current(two: Desk) -> None:
    two.fill(raw("a"))
    refused = two("replay", "switch", "2", "--wait", "0")
    assert refused.code == 1
    assert "generation 2: enrich lags 1 messages behind articles.raw\n" in refused.out
    assert two.current() == 1
    assert two("replay", "switch", "2", "--wait", "0", "--force").code == 0
    assert two.current() == 2


def test_a_generation_that_is_not_right_does_not_become_current(two: Desk) -> None:
    two.fill(*relations(week()), generation=2)
    refused = two("replay", "switch", "2", "--wait", "0")
    assert refused.code == 1
    assert "differences; `dyads audit --generation 2` prints them" in refused.out
    assert two.current() == 1
    assert two("audit", "--generation", "2", "--wait", "0").code == 1
    assert two("audit", "--wait", "0").code == 0


def test_a_dry_run_changes_nothing(two: Desk) -> None:
    planned = two("replay", "switch", "2", "--dry-run")
    assert planned.code == 0
    assert planned.out.splitlines()[-3:] == [
        "dyad days: 0 equal, 0 different, 0 only in generation 1, 0 only in generation 2",
        "events: 0 equal, 0 different, 0 only in generation 1, 0 only in generation 2",
        "nothing is changed: generation 1 is current",
    ]
    assert asyncio.run(generations(two.address)).pending is None


def test_a_switch_that_was_interrupted_is_told_and_taken_back_or_done_again(two: Desk) -> None:
    asyncio.run(_interrupted(two.address, 2))
    assert last_line(two("replay", "status")) == (
        "a switch to generation 2 was not finished: do it again, or switch to 1"
    )
    assert two.current() == 1
    assert two("replay", "switch", "1").out == "generation 1 is current\n"
    assert asyncio.run(generations(two.address)).pending is None
    asyncio.run(_interrupted(two.address, 2))
    assert two("replay", "switch", "2").out.endswith("generation 2 is current\n")


async def _interrupted(address: str, number: int) -> None:
    from msgspec.structs import replace

    from models import Stage
    from topics.generations import write

    record = (await generations(address)).record(number)
    assert record is not None
    await write(address, replace(record, stage=Stage.NEXT))


def test_a_switch_notices_that_it_does_not_know_the_workers(two: Desk) -> None:
    """Tasks have committed, and under this app id nobody has."""
    two.applied(1, 3)
    refused = two("replay", "switch", "2", "--wait", "0", "--force")
    assert refused.code == 2
    assert "the group dyads has no offsets in articles.raw" in refused.err
    assert two.current() == 1


def test_the_current_generation_is_not_retired_and_an_unknown_one_neither(two: Desk) -> None:
    assert last_line(two("replay", "retire", "1")) == "dyads: generation 1 is current: switch to another one first"
    assert last_line(two("replay", "retire", "3")) == (
        "dyads: there is no generation 3; `dyads replay status` lists them"
    )


def test_a_generation_that_is_given_up_is_gone_and_its_number_too(two: Desk) -> None:
    retired = two("replay", "retire", "2")
    assert (retired.code, retired.out.splitlines()[-1]) == (0, "generation 2 is retired")
    assert "deleted articles.coded.g2" in retired.out
    assert two.topics() == {topic.name for topic in (*CATALOGUE, GENERATIONS)}
    assert two("replay", "retire", "2").out == "generation 2 is retired\n"
    assert last_line(two("replay", "status")) == "generation 2  retired  by new/1"
    assert last_line(two("replay", "switch", "2")) == "dyads: generation 2 is retired; `dyads replay status` lists them"
    assert "generation 3 is building" in two("replay", "start", "--coder", "new/1").out


def test_rows_of_two_generations_are_compared(two: Desk, tmp_path: Path) -> None:
    old, new = week().daily, dict(week().daily)
    keys = sorted(old)
    del new[keys[0]]
    new[keys[1]] = DailyRelation(dyad=old[keys[1]].dyad, day=old[keys[1]].day)
    new[b"KAZ-UZB|2025-10-31"] = DailyRelation(dyad=old[keys[1]].dyad, day=old[keys[1]].day)
    two.fill(*relations(Tables(daily=old, events={}, mentions={})))
    two.fill(*relations(Tables(daily=new, events={}, mentions={})), generation=2)
    two.fill((DAILY.name, b"gone", encode(old[keys[0]]), {}), (DAILY.name, b"gone", None, {}), generation=2)
    with Spill(tmp_path) as spill:
        counts = asyncio.run(compare(two.address, spill, DAILY, 1, 2))
    assert counts == Counts(equal=len(old) - 2, different=1, only_old=1, only_new=1)


NOW = 1_000_000_000


@pytest.mark.parametrize(
    ("marks", "left"),
    [
        ([], None),
        ([Mark(NOW, 50)], None),
        ([Mark(NOW - 10_000, 50), Mark(NOW, 150)], 30.0),
        ([Mark(NOW - 1_000, 50), Mark(NOW, 150)], None),
        ([Mark(NOW - 200_000, 50), Mark(NOW - 100_000, 150)], None),
        ([Mark(NOW - 3_600_000, 0), Mark(NOW - 20_000, 100), Mark(NOW - 10_000, 200)], 30.0),
    ],
    ids=["nothing", "one commit", "a pace", "too short", "none of late", "an hour ago and now"],
)
def test_the_time_left_is_told_where_commits_tell_it(marks: list[Mark], left: float | None) -> None:
    assert seconds_left(300, marks, NOW) == left


def test_a_hundred_percent_is_all() -> None:
    assert Progress("enrich", "articles.raw", 1_000_000, 1, True).percent == 99.9
    assert Progress("enrich", "articles.raw", 1_000_000, 0, True).percent == 100.0
    assert Progress("enrich", "articles.raw", 0, 0, True).percent == 100.0
