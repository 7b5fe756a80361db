"""A read is finite, sees what was committed, and ends although the last entries of a log yield no message."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer

from tests.settled import settled
from topics import admin
from topics.catalogue import CATALOGUE, CONTRIBUTIONS, DAILY, MAX_MESSAGE_BYTES, RAW
from topics.embedded import BrokerSettings, EmbeddedBroker
from topics.errors import MissingTopics, Unreachable
from topics.message import Message
from topics.reader import Reader


@asynccontextmanager
async def producer(address: str, transactional_id: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
    client = AIOKafkaProducer(
        bootstrap_servers=address, transactional_id=transactional_id, max_request_size=MAX_MESSAGE_BYTES
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def send(address: str, rows: Iterable[tuple[bytes | None, bytes | None]], partition: int | None = None) -> None:
    async with producer(address) as client:
        for key, value in rows:
            await client.send_and_wait(DAILY.name, key=key, value=value, partition=partition)


async def read(address: str) -> list[Message]:
    async with Reader(address, stall=10) as reader:
        return [message async for message in reader.read(DAILY)]


async def test_empty_topic_is_read_at_once(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    assert await read(fresh_broker) == []


async def test_message_comes_as_it_was_sent(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with producer(fresh_broker) as client:
        sent = await client.send_and_wait(
            DAILY.name, key=b"BLR-KAZ|2025-10-31", value=b"{}", partition=2, headers=[("schema", b"1")]
        )

    assert await read(fresh_broker) == [
        Message(
            topic=DAILY.name,
            partition=2,
            offset=sent.offset,
            timestamp=sent.timestamp,
            key=b"BLR-KAZ|2025-10-31",
            value=b"{}",
            headers={"schema": b"1"},
        )
    ]


async def test_order_within_each_of_many_partitions(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=70)
    async with producer(fresh_broker) as client:
        for i in range(2000):
            await client.send(DAILY.name, key=b"%d" % i, value=b"%d" % i, partition=i % 64)

    messages = await read(fresh_broker)

    assert len(messages) == 2000
    assert {message.partition for message in messages} == set(range(64))
    for partition in range(64):
        values = [int(m.value or b"") for m in messages if m.partition == partition]
        assert values == sorted(values)


async def test_reading_begins_where_it_is_told(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    await send(fresh_broker, [(b"a", b"1"), (b"a", b"2"), (b"a", b"3")], partition=2)
    await send(fresh_broker, [(b"b", b"1")], partition=1)
    async with Reader(fresh_broker, stall=10) as reader:
        assert [m.value async for m in reader.read(DAILY, since={2: 1}, only={2})] == [b"2", b"3"]
        assert [m.value async for m in reader.read(DAILY, since={2: 3}, only={0, 2})] == []
        assert [m.value async for m in reader.read(DAILY, only=())] == []


async def test_commit_markers_and_aborted_transactions_at_the_end(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with producer(fresh_broker, "writer") as client:
        async with client.transaction():
            await client.send(DAILY.name, key=b"a", value=b"kept", partition=0)
        for _ in range(3):
            await client.begin_transaction()
            await client.send_and_wait(DAILY.name, key=b"a", value=b"dropped", partition=0)
            await client.send_and_wait(DAILY.name, key=b"b", value=b"dropped", partition=1)
            await client.abort_transaction()

    await settled(fresh_broker, DAILY.name)
    assert [message.value for message in await read(fresh_broker)] == [b"kept"]


async def test_open_transaction_bounds_the_read(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    await send(fresh_broker, [(b"a", b"before")], partition=0)
    async with producer(fresh_broker, "writer") as client:
        await client.begin_transaction()
        await client.send_and_wait(DAILY.name, key=b"a", value=b"in doubt", partition=0)
        await send(fresh_broker, [(b"a", b"behind it")], partition=0)

        assert [message.value for message in await read(fresh_broker)] == [b"before"]

        await client.commit_transaction()
    await settled(fresh_broker, DAILY.name)
    assert [message.value for message in await read(fresh_broker)] == [b"before", b"in doubt", b"behind it"]


async def test_end_is_that_of_the_start(fresh_broker: str) -> None:
    """What is written while we read is not waited for: a read of a busy topic ends."""
    await admin.create(fresh_broker)
    await send(fresh_broker, [(b"a", b"%d" % i) for i in range(50)], partition=0)
    seen: list[int] = []
    async with Reader(fresh_broker) as reader:
        async for message in reader.read(DAILY):
            if not seen:
                await send(fresh_broker, [(b"a", b"late")] * 10, partition=0)
            seen.append(message.offset)
    assert seen == list(range(50))


async def test_following_goes_on_with_what_comes(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    await send(fresh_broker, [(b"a", b"early")])

    async with Reader(fresh_broker) as reader:
        seen: list[bytes | None] = []
        async with asyncio.timeout(90):
            async for message in reader.read(DAILY, follow=True):
                seen.append(message.value)
                if message.value == b"early":
                    await send(fresh_broker, [(b"b", b"late")])
                else:
                    break
    assert seen == [b"early", b"late"]


async def test_last_value_of_each_key(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    await send(
        fresh_broker,
        [
            (b"a", b"1"),
            (b"b", b"1"),
            (b"a", b"2"),
            (b"c", b"1"),
            (b"b", None),
            (b"c", None),
            (b"c", b"2"),
        ],
    )
    async with Reader(fresh_broker) as reader:
        rows = await reader.latest(DAILY)
        graves = await reader.latest(DAILY, tombstones=True)

    assert {key: message.value for key, message in rows.items()} == {b"a": b"2", b"c": b"2"}
    assert {key: message.value for key, message in graves.items()} == {b"a": b"2", b"b": None, b"c": b"2"}


async def test_messages_without_a_key_are_nobodys_last(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with producer(fresh_broker) as client:
        await client.send_and_wait(CONTRIBUTIONS.name, key=None, value=b"no key")
        await client.send_and_wait(CONTRIBUTIONS.name, key=b"a", value=b"a key")
    async with Reader(fresh_broker) as reader:
        assert [row.value for row in (await reader.latest(CONTRIBUTIONS)).values()] == [b"a key"]


async def test_gaps_that_compaction_leaves() -> None:
    async with await EmbeddedBroker.start(settings=BrokerSettings(cleanup_interval=0.05)) as broker:
        await admin.create(broker.address)
        await send(broker.address, [(b"first", b"stays")], partition=1)
        await send(broker.address, [(b"%d" % (i % 3), b"%d" % i) for i in range(60)], partition=1)
        await send(broker.address, [(b"1", None), (b"2", None)], partition=1)
        async with asyncio.timeout(90):
            while len(messages := await read(broker.address)) > 6:
                await asyncio.sleep(0.05)

        offsets = [message.offset for message in messages]
        assert offsets == sorted(offsets)
        assert offsets[0] == 0
        assert offsets[1] > 50
        async with Reader(broker.address) as reader:
            assert {key: row.value for key, row in (await reader.latest(DAILY)).items()} == {
                b"first": b"stays",
                b"0": b"57",
            }


async def test_greatest_message_is_read(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    large = bytes(MAX_MESSAGE_BYTES - 1000)
    await send(fresh_broker, [(b"small", b"1"), (b"large", large), (b"small", b"2")], partition=3)
    assert [message.value for message in await read(fresh_broker)] == [b"1", large, b"2"]


async def test_one_reader_reads_several_topics(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with producer(fresh_broker) as client:
        for topic in CATALOGUE:
            await client.send_and_wait(topic.name, key=b"k", value=topic.name.encode())
    async with Reader(fresh_broker) as reader:
        for topic in (*CATALOGUE, *CATALOGUE):
            assert [m.value async for m in reader.read(topic)] == [topic.name.encode()]


async def test_missing_topic(fresh_broker: str) -> None:
    async with Reader(fresh_broker) as reader:
        with pytest.raises(MissingTopics, match=r"has no topic articles\.raw"):
            await reader.latest(RAW)
    assert await admin.partition_counts(fresh_broker) == {}


async def test_broker_that_goes_away_does_not_hang_the_reader() -> None:
    async with await EmbeddedBroker.start() as broker:
        await admin.create(broker.address)
        await send(broker.address, [(b"a", bytes(MAX_MESSAGE_BYTES - 1000))] * 30, partition=0)
        async with asyncio.timeout(90):
            with pytest.raises(Unreachable):
                await read_and_lose(broker)


async def read_and_lose(broker: EmbeddedBroker) -> None:
    async with Reader(broker.address, stall=1) as reader:
        async for _ in reader.read(DAILY):
            await broker.stop()


async def test_no_broker() -> None:
    with pytest.raises(Unreachable):
        async with Reader("127.0.0.1:1"):
            pass


async def test_a_read_between_two_positions_has_what_lies_between_them(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    for partition in (0, 1):
        await send(fresh_broker, [(b"%d" % n, b"x") for n in range(5)], partition)
    async with Reader(fresh_broker, stall=10) as reader:
        found = [
            (message.partition, message.offset)
            async for message in reader.read(DAILY, since={0: 3, 1: 1}, until={1: 3, 0: 4})
        ]
        assert sorted(found) == [(0, 3), (1, 1), (1, 2)]
        assert [message.partition async for message in reader.read(DAILY, until={1: 2})] == [1, 1]
        assert [m async for m in reader.read(DAILY, since={0: 5, 1: 5})] == []
