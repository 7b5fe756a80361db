"""Of all generations one writes into articles.raw: which, and from which message on."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping

import pytest
from aiokafka import AIOKafkaProducer

from models import Generation, Stage
from topics import admin
from topics.catalogue import CATALOGUE, GENERATIONS, RAW, state_topic
from topics.generations import write
from topics.message import Message
from workers.enrichment.upkeep import Upkeep
from workers.runtime.settings import Settings
from workers.runtime.task import APPLIED


class Broker:
    """A broker with generations 1 and 2, whose tasks are said to have come this far."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def says(self, number: int, stage: Stage, upkeep: Mapping[int, int] | None = None) -> None:
        at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        await write(self.address, Generation(number=number, stage=stage, at=at, upkeep=upkeep or {}))

    async def comes_to(self, generation: int, partition: int, offset: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.address) as producer:
            state = state_topic("enrich").of(generation).name
            await producer.send_and_wait(state, key=b"a row", value=b"x", partition=partition)
            await producer.send_and_wait(state, key=APPLIED, value=b"%d" % offset, partition=partition)

    def upkeep(self, generation: int) -> Upkeep:
        return Upkeep(Settings(broker=self.address, generation=generation))


def at(offset: int, partition: int = 0) -> Message:
    return Message(topic=RAW.name, partition=partition, offset=offset, timestamp=0, key=b"a", value=None, headers={})


@pytest.fixture
async def broker(fresh_broker: str) -> Broker:
    await admin.create(fresh_broker, partitions=2)
    await admin.create_like(fresh_broker, {t.name: t.of(2) for t in CATALOGUE if not t.shared})
    return Broker(fresh_broker)


@pytest.fixture
async def both(broker: Broker) -> AsyncIterator[tuple[Upkeep, Upkeep]]:
    await admin.create(broker.address, 1, topics=(GENERATIONS,), generations=())
    await broker.says(2, Stage.BUILDING)
    one, two = broker.upkeep(1), broker.upkeep(2)
    for each in (one, two):
        await each.start()
    yield one, two
    for each in (one, two):
        await each.stop()


async def waits(upkeep: Upkeep, message: Message) -> bool:
    """Whether the upkeep waits for something; a second tells."""
    try:
        async with asyncio.timeout(1):
            await upkeep.is_ours(message)
    except TimeoutError:
        return True
    return False


async def test_where_nobody_has_replayed_the_only_generation_writes(broker: Broker) -> None:
    upkeep = broker.upkeep(1)
    await upkeep.start()
    assert await upkeep.is_ours(at(0))
    await upkeep.stop()


async def test_another_generation_leaves_it_to_the_current_one_and_waits_for_it(
    broker: Broker, both: tuple[Upkeep, Upkeep]
) -> None:
    current, building = both
    assert await current.is_ours(at(5))
    assert await waits(building, at(5))
    await broker.comes_to(1, 0, 5)
    assert not await building.is_ours(at(5))
    assert await waits(building, at(6))
    assert await waits(building, at(5, partition=1))
    waiting = asyncio.create_task(building.is_ours(at(6)))
    await broker.comes_to(1, 0, 9)
    assert await waiting is False


async def test_a_switch_hands_it_over_from_where_the_one_before_has_come(
    broker: Broker, both: tuple[Upkeep, Upkeep]
) -> None:
    one, two = both
    await broker.comes_to(1, 0, 5)
    await broker.says(2, Stage.NEXT)
    # Nobody writes while it is pending, and what was settled before needs no answer of a task that is fenced.
    assert await waits(one, at(6))
    assert await waits(two, at(6))
    waiting = asyncio.create_task(one.is_ours(at(6)))
    await broker.says(2, Stage.CURRENT, {0: 5})
    assert not await two.is_ours(at(5))
    assert await two.is_ours(at(6))
    assert await two.is_ours(at(0, partition=1))
    await broker.comes_to(2, 0, 6)
    assert await waiting is False

    await broker.says(1, Stage.NEXT)
    await broker.says(1, Stage.CURRENT, {0: 6})
    assert not await one.is_ours(at(6))
    assert await one.is_ours(at(7))
    assert not await two.is_ours(at(5))


async def test_those_who_ask_together_are_answered(both: tuple[Upkeep, Upkeep]) -> None:
    current, _ = both
    assert set(await asyncio.gather(*(current.is_ours(at(offset)) for offset in range(50)))) == {True}
