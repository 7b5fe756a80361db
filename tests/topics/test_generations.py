"""Names of generations' topics, and which generation is current by the records."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Generation, Stage
from topics import admin
from topics.catalogue import CATALOGUE, CODED, GENERATIONS, RAW, catalogue, state_topic
from topics.errors import MissingTopics
from topics.generations import Generations, Standing, generations, write

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def record(number: int, stage: Stage, **more: object) -> Generation:
    return Generation(number=number, stage=stage, at=AT, **more)  # type: ignore[arg-type]


def told(*history: tuple[int, Stage]) -> Generations:
    """What is known after these records were written: of each number the last one, in the order of writing."""
    last = {number: place for place, (number, _) in enumerate(history)}
    return Generations(tuple(record(*history[place]) for place in sorted(last.values())))


BUILDING, NEXT, CURRENT, RETIRED = Stage.BUILDING, Stage.NEXT, Stage.CURRENT, Stage.RETIRED


def test_the_first_generation_has_the_plain_names_and_shares_only_the_articles() -> None:
    assert (CODED.of(1), CODED.of(2).name) == (CODED, "articles.coded.g2")
    assert state_topic("enrich").of(12).name == "enrich.state.g12"
    assert RAW.of(2) == RAW
    assert set(catalogue(1)) & set(catalogue(2)) == {RAW}
    assert catalogue(1) == CATALOGUE
    assert len(catalogue(1, 2, 7)) == 3 * len(CATALOGUE) - 2
    assert CODED.of(2).config() == CODED.config()


def test_names_are_what_kafka_takes() -> None:
    """Up to 249 of these characters; and of names that differ only in dots and underscores it takes one."""
    names = [topic.name for topic in (*catalogue(1, 2, 10**6), GENERATIONS)]
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) for name in names)
    assert len({name.replace(".", "_") for name in names}) == len(names)


def test_without_a_record_the_first_generation_is_current() -> None:
    nobody = Generations()
    assert (nobody.current, nobody.live, nobody.pending, nobody.upkeep) == (1, (1,), None, {})
    assert [nobody.standing(number) for number in (1, 2)] == [Standing.CURRENT, Standing.UNKNOWN]


def test_the_last_record_that_says_current_counts() -> None:
    known = told((2, BUILDING))
    assert (known.current, known.live, known.standing(2)) == (1, (1, 2), Standing.BUILDING)
    known = told((2, BUILDING), (2, NEXT), (2, CURRENT))
    assert (known.current, known.standing(1)) == (2, Standing.STANDBY)
    known = told((2, CURRENT), (1, NEXT), (1, CURRENT), (3, BUILDING))
    assert (known.current, known.standing(2), known.standing(3)) == (1, Standing.STANDBY, Standing.BUILDING)
    known = told((2, CURRENT), (1, RETIRED), (3, BUILDING), (3, RETIRED))
    assert (known.current, known.live, known.numbers) == (2, (2,), (1, 2, 3))


def test_a_switch_is_pending_until_some_generation_is_current_after_it() -> None:
    assert told((2, BUILDING), (2, NEXT)).pending == 2
    assert told((2, NEXT), (3, BUILDING)).pending == 2
    assert told((2, NEXT), (2, CURRENT)).pending is None
    taken_back = told((2, CURRENT), (3, NEXT), (2, CURRENT))
    assert (taken_back.pending, taken_back.current, taken_back.standing(3)) == (None, 2, Standing.BUILDING)
    assert told((2, CURRENT), (3, NEXT), (3, RETIRED)).pending is None


@given(st.lists(st.tuples(st.integers(2, 5), st.sampled_from(Stage)), max_size=8))
def test_one_generation_is_current_and_none_is_two_things(history: list[tuple[int, Stage]]) -> None:
    known = told(*history)
    assert [number for number in known.numbers if known.standing(number) is Standing.CURRENT] == [known.current]
    assert known.current in known.live
    assert known.pending is None or known.pending in known.live


async def test_records_are_written_and_found(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=2)
    with pytest.raises(MissingTopics):
        await write(fresh_broker, record(2, BUILDING))
    assert await generations(fresh_broker) == Generations()
    assert GENERATIONS.name not in await admin.partition_counts(fresh_broker)

    await admin.create(fresh_broker, 1, topics=(GENERATIONS,), generations=())
    for each in (record(2, BUILDING, coder="new/1"), record(2, CURRENT, coder="new/1", upkeep={0: 7})):
        await write(fresh_broker, each)
    known = await generations(fresh_broker)
    assert (known.current, known.upkeep, len(known.records)) == (2, {0: 7}, 1)


async def test_a_generation_has_the_partitions_and_settings_of_another(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=3, topics=catalogue(1))
    originals = {topic.name: topic.of(2) for topic in CATALOGUE if not topic.shared}
    made = await admin.create_like(fresh_broker, originals)
    assert set(made) == {topic.name for topic in originals.values()}
    assert await admin.create_like(fresh_broker, originals) == ()
    assert await admin.check(fresh_broker, generations=(1, 2)) == []
    assert set((await admin.partition_counts(fresh_broker)).values()) == {3}

    assert set(await admin.delete(fresh_broker, made)) == set(made)
    assert await admin.delete(fresh_broker, made) == ()
    assert (await admin.partition_counts(fresh_broker)).keys() == {topic.name for topic in CATALOGUE}
    missing = await admin.check(fresh_broker, generations=(2,))
    assert str(missing[0]) == "aggregate.state.g2: topic is missing, expected there"
