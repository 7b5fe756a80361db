"""Compaction and retention, as a reader sees them."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import TopicPartition

from tests.settled import settled
from tests.topics.conformance.kafka import Kafka, eventually

COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "500",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "0",
}
"""A broker that keeps segments compacts none that is still written to, hence the short ones."""


async def roll(kafka: Kafka, topic: str, **settings: Any) -> None:
    """Let the segment's time pass and write once more, so that what was written before can be compacted."""
    await asyncio.sleep(0.6)
    await kafka.send(topic, [{"key": b"roll", "value": b"roll", "partition": 0}], **settings)


async def test_compaction_leaves_the_last_record_of_each_key(kafka: Kafka) -> None:
    topic = await kafka.topic("compacted", 1, COMPACTED)
    for turn in range(4):
        await kafka.send(
            topic,
            [
                {"key": b"k%d" % (number % 10), "value": b"%d:%d" % (turn, number), "headers": [("turn", b"%d" % turn)]}
                for number in range(500)
            ],
        )
        await roll(kafka, topic)

    async def compacted() -> bool:
        return len(await kafka.read_all(topic)) < 100

    await eventually(compacted, "few records left of 2000")
    records = await kafka.read_all(topic)
    last = {record.key: record for record in records}
    for key in range(10):
        record = last[b"k%d" % key]
        assert record.value == b"3:%d" % (490 + key)
        assert record.headers == (("turn", b"3"),)
        assert record.offset == 3 * 501 + 490 + key  # offsets stay as they were


async def test_compaction_spares_what_readers_of_committed_records_need(kafka: Kafka) -> None:
    """One producer, aborting and committing in turn under the same keys, while compaction goes over it."""
    topic = await kafka.topic("mixed", 1, COMPACTED)
    expected: dict[bytes, bytes] = {}
    async with kafka.producer(transactional_id=kafka.unique("mixed")) as producer:
        for turn in range(40):
            await producer.begin_transaction()
            written = {b"k%d" % ((turn + step) % 7): b"%d" % turn for step in range(3)}
            for key, value in written.items():
                await producer.send_and_wait(topic, value, key=key, partition=0)
            if turn % 3 == 2:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
                expected |= written
            if turn % 10 == 9:
                await asyncio.sleep(0.6)
                await settled(kafka.address, topic)
                seen = {record.key: record.value for record in await kafka.read_all(topic, committed=True)}
                assert seen == expected
    await roll(kafka, topic)
    expected[b"roll"] = b"roll"

    async def compacted() -> bool:
        return len(await kafka.read_all(topic)) < 40

    await eventually(compacted, "few records left of 120")
    assert {record.key: record.value for record in await kafka.read_all(topic, committed=True)} == expected


async def test_deleted_key_disappears_with_its_tombstone(kafka: Kafka) -> None:
    topic = await kafka.topic("deleted", 1, COMPACTED)
    await kafka.send(topic, [{"key": b"gone", "value": b"v"}, {"key": b"kept", "value": b"v"}])
    await kafka.send(topic, [{"key": b"gone", "value": None}])

    async def disappeared() -> bool:
        await roll(kafka, topic)
        return b"gone" not in {record.key for record in await kafka.read_all(topic)}

    await eventually(disappeared, "no record of the key")
    assert b"kept" in {record.key for record in await kafka.read_all(topic)}


async def test_retention_deletes_what_is_too_old(kafka: Kafka) -> None:
    topic = await kafka.topic("retained", 1, {"retention.ms": "1000", "segment.ms": "500"})
    await kafka.send(topic, [{"value": b"old"} for _ in range(200)])
    where = TopicPartition(topic, 0)

    async def deleted() -> bool:
        async with kafka.consumer() as consumer:
            return bool((await consumer.beginning_offsets([where]))[where] == 200)

    await eventually(deleted, "the log starts after the old records")
    [sent] = await kafka.send(topic, [{"value": b"new"}])
    assert sent.offset == 200
