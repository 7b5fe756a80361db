"""Consumer groups: sharing the partitions, taking over from the dead, going on where one left off."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import GroupIdNotFound, InvalidSessionTimeoutError, NonEmptyGroup, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.structs import OffsetAndMetadata

from tests.topics.conformance.kafka import Kafka, eventually

SHORT_SESSION = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 500}
"""The shortest session that a broker allows by default."""


@contextlib.asynccontextmanager
async def polling(consumer: AIOKafkaConsumer) -> AsyncIterator[None]:
    """Keep a consumer reading, as a program would."""

    async def poll() -> None:
        while True:
            await consumer.getmany(timeout_ms=100)

    task = asyncio.create_task(poll())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def shares(*consumers: AIOKafkaConsumer) -> list[int]:
    return sorted(len(consumer.assignment()) for consumer in consumers)


async def die(consumer: AIOKafkaConsumer) -> None:
    """End a consumer as a killed process ends: no goodbye, the connections just close."""
    coordinator = consumer._coordinator
    tasks = [task for task in (coordinator._coordination_task, coordinator._heartbeat_task) if task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await consumer._client.close()


async def test_group_goes_on_where_it_left_off(kafka: Kafka) -> None:
    topic, group = await kafka.topic("resumed", 3), kafka.unique("resumed")
    await kafka.send(topic, [{"key": b"%d" % number, "value": b"old"} for number in range(90)])
    async with kafka.consumer(topic, group_id=group, enable_auto_commit=False) as consumer:
        assert len(await kafka.take(consumer, 90)) == 90
        await consumer.commit()
    await kafka.send(topic, [{"key": b"new", "value": b"new"}])
    async with kafka.consumer(topic, group_id=group, enable_auto_commit=False) as consumer:
        assert [record.value for record in await kafka.take(consumer, 1)] == [b"new"]


@pytest.mark.members_only
async def test_two_members_share_and_one_takes_over_when_the_other_leaves(kafka: Kafka) -> None:
    topic, group = await kafka.topic("shared", 4), kafka.unique("shared")
    async with kafka.consumer(topic, group_id=group, **SHORT_SESSION) as first:
        async with kafka.consumer(topic, group_id=group, **SHORT_SESSION) as second, polling(first):

            async def shared() -> bool:
                return shares(first, second) == [2, 2]

            await eventually(shared, "two partitions each")
            assert first.assignment().isdisjoint(second.assignment())
        async with polling(first):

            async def taken_over() -> bool:
                return shares(first) == [4]

            await eventually(taken_over, "all four partitions")


@pytest.mark.members_only
async def test_member_that_dies_is_expelled_after_its_session(kafka: Kafka) -> None:
    topic, group = await kafka.topic("expelled", 4), kafka.unique("expelled")
    async with kafka.consumer(topic, group_id=group, **SHORT_SESSION) as survivor:
        victim = AIOKafkaConsumer(topic, bootstrap_servers=kafka.address, group_id=group, **SHORT_SESSION)
        await victim.start()
        async with polling(survivor):
            async with polling(victim):

                async def shared() -> bool:
                    return shares(survivor, victim) == [2, 2]

                await eventually(shared, "two partitions each")
            await die(victim)

            async def taken_over() -> bool:
                return shares(survivor) == [4]

            assert not await taken_over()
            await eventually(taken_over, "all four partitions")


@pytest.mark.members_only
async def test_static_member_that_returns_disturbs_nobody(kafka: Kafka) -> None:
    """A member with an instance id of its own takes up its old share without a rebalance (KIP-345)."""
    topic, group = await kafka.topic("static", 4), kafka.unique("static")
    settings: dict[str, Any] = {"group_id": group, "session_timeout_ms": 20_000, "heartbeat_interval_ms": 300}
    async with kafka.consumer(topic, group_instance_id="a", **settings) as stays:
        returns = AIOKafkaConsumer(topic, bootstrap_servers=kafka.address, group_instance_id="b", **settings)
        await returns.start()
        async with polling(stays):

            async def shared() -> bool:
                return shares(stays, returns) == [2, 2]

            await eventually(shared, "two partitions each")
            before, generation = returns.assignment(), stays._coordinator.generation
            await die(returns)
            async with kafka.consumer(topic, group_instance_id="b", **settings) as returned:
                assert returned.assignment() == before
                assert stays._coordinator.generation == generation


async def test_group_can_be_listed_and_described_with_its_offsets(kafka: Kafka) -> None:
    topic, group = await kafka.topic("described", 2), kafka.unique("described")
    await kafka.send(topic, [{"value": b"%d" % number, "partition": number % 2} for number in range(6)])
    async with kafka.admin() as admin:
        async with kafka.consumer(topic, group_id=group, enable_auto_commit=False) as consumer:
            await kafka.take(consumer, 6)
            await consumer.commit()
            assert group in [name for name, _ in await admin.list_consumer_groups()]
            [response] = await admin.describe_consumer_groups([group])
            [(error, name, state, kind, protocol, members)] = response.groups
            assert (error, name, state, kind, len(members)) == (0, group, "Stable", "consumer", 1)
            assert protocol
        offsets = await admin.list_consumer_group_offsets(group)
        assert {where: known.offset for where, known in offsets.items()} == {
            TopicPartition(topic, 0): 3,
            TopicPartition(topic, 1): 3,
        }


async def test_group_can_be_deleted_once_it_is_empty(kafka: Kafka) -> None:
    topic, group = await kafka.topic("finished"), kafka.unique("finished")

    async def delete() -> Any:
        async with kafka.admin() as admin:
            node = await admin.find_coordinator(group)
            response = await admin._send_request(DeleteGroupsRequest([group]), node)
            return for_code(response.results[0][1])

    assert await delete() is GroupIdNotFound
    async with kafka.consumer(topic, group_id=group):
        assert await delete() is NonEmptyGroup
    assert (await delete()).errno == 0
    async with kafka.admin() as admin:
        assert group not in [name for name, _ in await admin.list_consumer_groups()]


async def test_offsets_of_a_consumer_without_membership_are_kept_with_their_note(kafka: Kafka) -> None:
    topic, group = await kafka.topic("assigned"), kafka.unique("assigned")
    await kafka.send(topic, [{"value": b"x"}])
    where = TopicPartition(topic, 0)
    async with kafka.consumer(group_id=group, enable_auto_commit=False) as consumer:
        consumer.assign([where])
        await consumer.commit({where: OffsetAndMetadata(1, "so far")})
    async with kafka.admin() as admin:
        assert await admin.list_consumer_group_offsets(group) == {where: OffsetAndMetadata(1, "so far")}


async def test_session_shorter_than_allowed_is_refused(kafka: Kafka) -> None:
    topic, group = await kafka.topic("hasty"), kafka.unique("hasty")
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka.address,
        group_id=group,
        session_timeout_ms=1000,
        heartbeat_interval_ms=300,
    )
    try:
        with pytest.raises(InvalidSessionTimeoutError):
            await asyncio.wait_for(consumer.start(), 10)
    finally:
        await consumer.stop()
