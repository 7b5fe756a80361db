"""Records: what goes in comes out, and what may not go in is refused."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from tests.topics.conformance.kafka import FOR_EVER, Kafka

MEGABYTE = 1 << 20
LONG_AGO_MS = 1_700_000_000_000


async def test_key_value_headers_and_timestamp_come_back(kafka: Kafka) -> None:
    topic = await kafka.topic("whole", 1, FOR_EVER)
    headers = [("a", b"1"), ("b", b"")]
    await kafka.send(
        topic,
        [
            {"key": b"k", "value": b"v", "headers": headers, "timestamp_ms": LONG_AGO_MS + 123},
            {"key": b"gone", "value": None},
        ],
    )
    first, tombstone = await kafka.read_all(topic)
    assert (first.key, first.value, first.timestamp) == (b"k", b"v", LONG_AGO_MS + 123)
    assert first.headers == tuple(headers)
    assert (tombstone.key, tombstone.value) == (b"gone", None)


@pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd", "snappy"])
async def test_compressed_batches_come_back(kafka: Kafka, codec: str) -> None:
    topic = await kafka.topic(codec)
    value = b"abc" * 700
    await kafka.send(
        topic,
        [{"key": b"%d" % number, "value": value} for number in range(300)],
        compression_type=codec,
        linger_ms=20,
    )
    records = await kafka.read_all(topic)
    assert [record.offset for record in records] == list(range(300))
    assert [record.key for record in records] == [b"%d" % number for number in range(300)]
    assert all(record.value == value for record in records)


@pytest.mark.parametrize("megabytes", [1, 2, 5, 12])
async def test_record_larger_than_a_fetch_comes_back(kafka: Kafka, megabytes: int) -> None:
    topic = await kafka.topic("large", 1, {"max.message.bytes": str(16 * MEGABYTE)})
    value = bytes(megabytes * MEGABYTE)
    await kafka.send(topic, [{"value": value}], max_request_size=16 * MEGABYTE)
    async with kafka.consumer(topic, max_partition_fetch_bytes=MEGABYTE) as consumer:
        [record] = await kafka.take(consumer, 1)
    assert record.value == value


async def test_record_above_the_limit_of_the_topic_is_refused(kafka: Kafka) -> None:
    topic = await kafka.topic("limited")
    with pytest.raises(MessageSizeTooLargeError):
        await kafka.send(topic, [{"value": bytes(3 * MEGABYTE)}], max_request_size=16 * MEGABYTE)
    assert await kafka.read_all(topic) == []


async def test_record_without_key_is_refused_by_a_compacted_topic(kafka: Kafka) -> None:
    topic = await kafka.topic("keyed", 1, {"cleanup.policy": "compact"})
    with pytest.raises(KafkaError):
        await kafka.send(topic, [{"value": b"whose?"}])
    assert await kafka.read_all(topic) == []


async def test_idempotent_producer_stores_each_record_once(kafka: Kafka) -> None:
    topic = await kafka.topic("idempotent", 3)
    records = [{"key": b"%d" % number, "value": b"v"} for number in range(500)]
    await kafka.send(topic, records, enable_idempotence=True)
    found = [record.key for partition in range(3) for record in await kafka.read_all(topic, partition)]
    assert sorted(found) == sorted(record["key"] for record in records)


async def test_records_sent_without_acknowledgement_arrive(kafka: Kafka) -> None:
    topic = await kafka.topic("acks")
    await kafka.send(topic, [{"value": b"0"} for _ in range(50)], acks=0)
    await kafka.send(topic, [{"value": b"1"} for _ in range(50)], acks=1)
    assert len(await kafka.read_all(topic)) == 100


async def test_consumer_can_go_to_an_offset(kafka: Kafka) -> None:
    topic = await kafka.topic("seek", 1)
    await kafka.send(topic, [{"value": b"%d" % number} for number in range(20)])
    where = TopicPartition(topic, 0)
    async with kafka.consumer() as consumer:
        consumer.assign([where])
        assert await consumer.beginning_offsets([where]) == {where: 0}
        assert await consumer.end_offsets([where]) == {where: 20}
        for offset in (13, 19, 4):
            consumer.seek(where, offset)
            record = await consumer.getone()
            assert (record.offset, record.value) == (offset, b"%d" % offset)


@pytest.mark.parametrize("batches", ["one batch", "a batch each"])
async def test_offset_is_found_by_time(kafka: Kafka, batches: str) -> None:
    topic = await kafka.topic("times", 1, FOR_EVER)
    records = [{"value": b"%d" % number, "timestamp_ms": LONG_AGO_MS + number * 1000} for number in range(12)]
    if batches == "one batch":
        await kafka.send(topic, records, linger_ms=50)
    else:
        async with kafka.producer() as producer:
            for record in records:
                await producer.send_and_wait(topic, **record)
    where = TopicPartition(topic, 0)

    async with kafka.consumer() as consumer:
        consumer.assign([where])

        async def first_at(timestamp: int) -> int | None:
            found = (await consumer.offsets_for_times({where: timestamp}))[where]
            return None if found is None else int(found.offset)

        assert await first_at(LONG_AGO_MS + 7500) == 8
        assert await first_at(LONG_AGO_MS + 8000) == 8
        assert await first_at(LONG_AGO_MS - 1) == 0
        assert await first_at(LONG_AGO_MS + 100_000) is None
