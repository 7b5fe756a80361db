"""Many messages of one transaction, packed: all of them arrive, in order, and the position after them is told."""

from __future__ import annotations

import uuid

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.runtime.scratch import topic
from topics.catalogue import DAILY, RAW, Cleanup, Topic
from topics.partition import partition_of
from topics.reader import Reader
from workers.runtime.overlay import Outgoing, Overlay
from workers.runtime.packing import Packer

LARGE = b"x" * 300_000
"""More than a batch holds."""


def out(topic: str, key: bytes, value: bytes | None, partition: int | None = None) -> Outgoing:
    return Outgoing(topic, key, value, [("schema", b"1")], partition)


async def make(address: str, *topics: Topic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(t.name, 3, 1, topic_configs=t.config()) for t in topics])
    await admin.close()


async def test_what_is_packed_arrives_in_order_wherever_batches_end(broker_address: str) -> None:
    name = uuid.uuid4().hex
    state, counts = (topic(f"{name}.{kind}", Cleanup.DELETE) for kind in ("state", "counts"))
    await make(broker_address, state, counts)
    rows = [out(state.name, b"%d" % n, LARGE if n % 10 == 3 else b"row %d" % n, 1) for n in range(25)]
    sent = [out(counts.name, b"key %d" % (n % 7), b"%d" % n if n % 5 else None) for n in range(2000)]
    client = AIOKafkaProducer(
        bootstrap_servers=broker_address, transactional_id=name, max_batch_size=16 * 1024,
        max_request_size=2_000_000,
    )  # fmt: skip
    ends: list[int] = []
    async with client as producer:
        for _ in range(2):
            async with producer.transaction():
                packer = Packer(producer)
                await packer.add(rows)
                await packer.add(sent)
                ends.append(await packer.end(state.name, 1))
    assert ends == [25, 25 + 1 + 25]  # with the marker of the first transaction between them

    async with Reader(broker_address) as reader:
        there = [(m.key, m.value, m.partition, m.headers) async for m in reader.read(state)]
        assert there == 2 * [(row.key, row.value, 1, {"schema": b"1"}) for row in rows]
        by_partition = [(m.key, m.value, m.partition) async for m in reader.read(counts)]
    expected = 2 * [(s.key, s.value, partition_of(s.key or b"", 3)) for s in sent]
    for number in range(3):
        assert [m for m in by_partition if m[2] == number] == [m for m in expected if m[2] == number]


def test_of_a_row_that_changes_twice_in_a_batch_the_last_is_published() -> None:
    batch = Overlay({}.get)
    for value in (b"1", b"2", None):
        message = batch.above()
        message.publish(DAILY, b"BLR-KAZ|2026-03-02", value)
        message.publish(DAILY, value or b"none", b"another row")
        message.publish(RAW, b"agency/1", value)  # no table: every message of it is news to somebody
        batch.take(message)
    assert [(sent.topic, sent.key, sent.value) for sent in batch.outbox] == [
        ("relations.daily", b"1", b"another row"),
        ("articles.raw", b"agency/1", b"1"),
        ("relations.daily", b"2", b"another row"),
        ("articles.raw", b"agency/1", b"2"),
        ("relations.daily", b"BLR-KAZ|2026-03-02", None),
        ("relations.daily", b"none", b"another row"),
        ("articles.raw", b"agency/1", None),
    ]
