"""Transactions: all or nothing, hidden until decided, and closed to whoever was replaced."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, OutOfOrderSequenceNumber, ProducerFenced

from tests.settled import settled
from tests.topics.conformance.kafka import Kafka, eventually
from tests.topics.conformance.transactional import RawProducer, ok

COMMIT, ABORT = True, False


async def values(kafka: Kafka, topic: str, *, committed: bool = True) -> list[bytes]:
    return [record.value for record in await kafka.read_all(topic, committed=committed)]


async def test_committed_is_seen_and_aborted_is_not(kafka: Kafka) -> None:
    topic = await kafka.topic("outcomes", 2)
    async with kafka.producer(transactional_id=kafka.unique("outcomes")) as producer:
        for batch in (b"first", b"aborted", b"last"):
            await producer.begin_transaction()
            for number in range(5):
                await producer.send_and_wait(topic, batch + b" %d" % number, partition=0)
            if batch == b"aborted":
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
    await settled(kafka.address, topic)
    committed = await kafka.read_all(topic, committed=True)
    assert [record.value for record in committed] == [
        batch + b" %d" % number for batch in (b"first", b"last") for number in range(5)
    ]
    # Each transaction ends with a marker, which takes an offset of its own.
    assert [record.offset for record in committed] == [0, 1, 2, 3, 4, 12, 13, 14, 15, 16]
    assert len(await kafka.read_all(topic)) == 15


async def test_open_transaction_hides_itself_and_what_comes_after_it(kafka: Kafka) -> None:
    topic = await kafka.topic("open")
    await kafka.send(topic, [{"value": b"before"}])
    async with kafka.producer(transactional_id=kafka.unique("open")) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"inside", partition=0)
        await kafka.send(topic, [{"value": b"after"}])
        assert await values(kafka, topic) == [b"before"]
        assert await values(kafka, topic, committed=False) == [b"before", b"inside", b"after"]
        await producer.commit_transaction()
        await settled(kafka.address, topic)
        assert await values(kafka, topic) == [b"before", b"inside", b"after"]


async def test_offsets_sent_in_a_transaction_count_from_its_commit(kafka: Kafka) -> None:
    topic, group = await kafka.topic("consumed"), kafka.unique("consumed")
    await kafka.send(topic, [{"value": b"x"} for _ in range(10)])
    where = TopicPartition(topic, 0)

    async def committed() -> int | None:
        async with kafka.admin() as admin:
            known = await admin.list_consumer_group_offsets(group, partitions=[where])
            return int(known[where].offset)

    async with kafka.producer(transactional_id=kafka.unique("consumed")) as producer:
        await producer.begin_transaction()
        await producer.send_offsets_to_transaction({where: 7}, group)
        assert await committed() == -1
        await producer.commit_transaction()

        async def seven() -> bool:
            return await committed() == 7

        await eventually(seven, "offset 7 is committed")
        await producer.begin_transaction()
        await producer.send_offsets_to_transaction({where: 9}, group)
        await producer.abort_transaction()
    assert await committed() == 7


async def test_producer_that_was_replaced_is_fenced(kafka: Kafka) -> None:
    topic, transactional_id = await kafka.topic("fenced"), kafka.unique("fenced")
    async with kafka.producer(transactional_id=transactional_id) as old:
        await old.begin_transaction()
        await old.send_and_wait(topic, b"old", partition=0)
        async with kafka.producer(transactional_id=transactional_id) as new:
            # What the old one left open was aborted before the new one could begin.
            assert await values(kafka, topic) == []
            with pytest.raises(ProducerFenced):
                await asyncio.wait_for(old.send_and_wait(topic, b"late", partition=0), 8)
            async with new.transaction():
                await new.send_and_wait(topic, b"new", partition=0)
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == [b"new"]


async def test_fenced_producer_is_refused_whatever_it_tries(kafka: Kafka, client: AIOKafkaClient) -> None:
    topic, other, group = await kafka.topic("in"), await kafka.topic("other"), kafka.unique("fenced")
    old, new = (RawProducer(client, group) for _ in range(2))
    await old.init()
    assert ok(await old.add(topic))
    assert ok(await old.write(topic, b"old"))
    await new.init()
    assert new.producer_id == old.producer_id
    assert new.epoch > old.epoch
    assert await old.write(topic, b"late") is InvalidProducerEpoch
    assert await old.add(topic) is InvalidProducerEpoch
    assert await old.add(other) is InvalidProducerEpoch
    assert await old.write(other, b"late elsewhere") is InvalidProducerEpoch
    assert await old.add_offsets(group) is InvalidProducerEpoch
    assert await old.commit_offset(group, topic, 3) is InvalidProducerEpoch
    assert await old.end(COMMIT) is InvalidProducerEpoch
    assert await old.end(ABORT) is InvalidProducerEpoch
    # Nor can it act in the transaction of its successor.
    assert ok(await new.add(topic))
    assert ok(await new.write(topic, b"new"))
    assert await old.write(topic, b"late") is InvalidProducerEpoch
    assert await old.end(ABORT) is InvalidProducerEpoch
    assert ok(await new.end(COMMIT))
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == [b"new"]
    assert await values(kafka, other, committed=False) == []


async def test_write_after_the_end_of_its_transaction_is_refused(kafka: Kafka, client: AIOKafkaClient) -> None:
    """Or it would open one that nobody ends, and hide everything after it for ever (KIP-890)."""
    topic = await kafka.topic("late")
    producer = RawProducer(client, kafka.unique("late"))
    await producer.init()
    assert ok(await producer.add(topic))
    assert ok(await producer.write(topic, b"in time"))
    assert ok(await producer.end(COMMIT))
    await settled(kafka.address, topic)
    assert await producer.write(topic, b"late") is InvalidTxnState
    await kafka.send(topic, [{"value": b"plain"}])
    assert await values(kafka, topic) == [b"in time", b"plain"]


@pytest.mark.parametrize("outcome", [COMMIT, ABORT])
async def test_write_on_the_heels_of_the_end_shares_its_outcome_or_is_refused(
    kafka: Kafka, client: AIOKafkaClient, outcome: bool
) -> None:
    """The answer to the end comes before its markers. What the producer writes between them, a broker of whatever make
    may take or refuse, since the client speaks a protocol without an epoch for each transaction (KIP-890). If it takes
    it, then into the transaction that was just ended; it never opens another."""
    topic = await kafka.topic("heels")
    producer = RawProducer(client, kafka.unique("heels"))
    await producer.init()
    expected = []
    for turn in range(10):
        assert ok(await producer.add(topic))
        assert ok(await producer.write(topic, b"%d in time" % turn))
        assert ok(await producer.end(outcome))
        late = await producer.write(topic, b"%d late" % turn)
        assert ok(late) or late is InvalidTxnState
        expected += [b"%d in time" % turn] + ([b"%d late" % turn] if ok(late) else [])
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == (expected if outcome is COMMIT else [])


async def test_write_to_a_partition_outside_the_transaction_is_refused(kafka: Kafka, client: AIOKafkaClient) -> None:
    inside, outside = await kafka.topic("inside"), await kafka.topic("outside")
    producer = RawProducer(client, kafka.unique("outside"))
    await producer.init()
    assert await producer.write(outside, b"before any") is InvalidTxnState
    assert ok(await producer.add(inside))
    assert await producer.write(outside, b"unannounced") is InvalidTxnState
    assert ok(await producer.write(inside, b"announced"))
    assert ok(await producer.end(COMMIT))
    assert await values(kafka, outside, committed=False) == []


async def test_what_was_sent_after_a_refused_batch_is_refused_until_that_came(
    kafka: Kafka, client: AIOKafkaClient
) -> None:
    """Or the first could not be sent again: its number would come after that of the second."""
    topic = await kafka.topic("ordered")
    producer = RawProducer(client, kafka.unique("ordered"))
    await producer.init()
    assert await producer.write(topic, b"0", sequence=0) is InvalidTxnState
    assert ok(await producer.add(topic))
    assert await producer.write(topic, b"1", sequence=1) is OutOfOrderSequenceNumber
    for number in range(2):
        assert ok(await producer.write(topic, b"%d" % number, sequence=number))
    assert ok(await producer.end(COMMIT))
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == [b"0", b"1"]


async def test_end_said_twice_succeeds_and_its_contrary_is_refused(kafka: Kafka, client: AIOKafkaClient) -> None:
    topic = await kafka.topic("twice")
    producer = RawProducer(client, kafka.unique("twice"))
    await producer.init()
    assert await producer.end(COMMIT) is InvalidTxnState
    assert ok(await producer.add(topic))
    assert ok(await producer.write(topic, b"once"))
    assert ok(await producer.end(COMMIT))
    assert ok(await producer.end(COMMIT))
    assert await producer.end(ABORT) is InvalidTxnState
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == [b"once"]


async def test_batch_sent_again_is_stored_once(kafka: Kafka, client: AIOKafkaClient) -> None:
    topic = await kafka.topic("repeated")
    producer = RawProducer(client, kafka.unique("repeated"))
    await producer.init()
    assert ok(await producer.add(topic))
    for number in range(5):
        assert ok(await producer.write(topic, b"%d" % number))
    for number in range(5):
        assert ok(await producer.write(topic, b"%d" % number, sequence=number))
    gap = await producer.write(topic, b"8", sequence=8)
    assert gap is OutOfOrderSequenceNumber
    assert ok(await producer.end(COMMIT))
    await settled(kafka.address, topic)
    assert await values(kafka, topic) == [b"%d" % number for number in range(5)]


async def test_transaction_open_for_too_long_is_aborted_and_its_producer_fenced(
    kafka: Kafka, client: AIOKafkaClient
) -> None:
    topic = await kafka.topic("overdue")
    producer = RawProducer(client, kafka.unique("overdue"))
    await producer.init(timeout_ms=1000)
    assert ok(await producer.add(topic))
    assert ok(await producer.write(topic, b"forgotten"))
    await kafka.send(topic, [{"value": b"waiting"}])

    async def released() -> bool:
        return await values(kafka, topic) == [b"waiting"]

    assert not await released()
    await eventually(released, "the transaction is aborted")
    assert await producer.write(topic, b"late") is InvalidProducerEpoch
    assert await producer.end(COMMIT) is InvalidProducerEpoch
