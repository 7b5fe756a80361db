"""A broker on disk is killed with -9 while clients write, over and over, and loses and doubles nothing."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from tests.integration.brokers import BrokerProcess
from tests.topics.conformance.kafka import Kafka, eventually

KILLS = 3
GROUP = "workers"


@contextlib.asynccontextmanager
async def producing(broker: BrokerProcess, **settings: object) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.address, enable_idempotence=True, request_timeout_ms=5000, **settings
    )
    await producer.start()
    try:
        yield producer
    finally:
        with contextlib.suppress(KafkaError, TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(producer.stop(), 5)


class Plain:
    """An idempotent producer that counts up, one record after the other."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []

    async def run(self, broker: BrokerProcess, topic: str, stop: asyncio.Event) -> None:
        async with producing(broker) as producer:
            while not stop.is_set():
                number = len(self.acknowledged)
                await producer.send_and_wait(topic, b"%d" % number, partition=0)
                self.acknowledged.append(number)


class Transactional:
    """A worker that counts up: each number goes into two topics, and an offset with it, in one transaction. When it
    cannot know what became of one, it starts again under its id and goes on with the next."""

    def __init__(self) -> None:
        self.committed: list[int] = []
        self.doubtful: set[int] = set()
        self._number = 0

    async def run(self, broker: BrokerProcess, rows: str, events: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(KafkaError):
                async with producing(broker, transactional_id="worker") as producer:
                    while not stop.is_set():
                        await self._transaction(producer, rows, events)

    async def _transaction(self, producer: AIOKafkaProducer, rows: str, events: str) -> None:
        number, self._number = self._number, self._number + 1
        self.doubtful.add(number)
        async with producer.transaction():
            await producer.send(rows, b"%d" % number, key=b"row", partition=0)
            await producer.send(events, b"%d" % number, partition=0)
            await producer.send_offsets_to_transaction({TopicPartition("source", 0): number + 1}, GROUP)
        self.doubtful.discard(number)
        self.committed.append(number)


async def numbers(kafka: Kafka, topic: str) -> list[int]:
    return [int(record.value) for record in await kafka.read_all(topic, committed=True)]


async def committed_offset(kafka: Kafka) -> int:
    async with kafka.admin() as admin:
        known = await admin.list_consumer_group_offsets(GROUP, partitions=[TopicPartition("source", 0)])
        return int(known[TopicPartition("source", 0)].offset)


@pytest.mark.parametrize("fsync", ["always", "never"])
async def test_killed_broker_loses_and_doubles_nothing(tmp_path: Path, fsync: str) -> None:
    """Under any policy: what a process wrote the operating system keeps."""
    chance = random.Random(7)
    async with BrokerProcess(tmp_path, fsync) as broker:
        kafka = Kafka(broker.address)
        log, rows, events = await kafka.topic("log"), await kafka.topic("rows"), await kafka.topic("events")
        await kafka.send("source", [{"value": b"x"}])
        plain, worker, stop = Plain(), Transactional(), asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as clients:
            clients.create_task(plain.run(broker, log, stop))
            clients.create_task(worker.run(broker, rows, events, stop))
            for _ in range(KILLS):
                before = (len(plain.acknowledged), len(worker.committed))
                await asyncio.sleep(chance.uniform(0.1, 0.4))
                while len(plain.acknowledged) == before[0] or len(worker.committed) == before[1]:
                    await asyncio.sleep(0.02)  # each life of the broker sees some work
                await broker.kill()
                await broker.start()
            stop.set()

        written = await numbers(kafka, log)
        assert written == sorted(set(written)), "out of order, or doubled"
        assert written == plain.acknowledged
        for topic in (rows, events):
            found = Counter(await numbers(kafka, topic))
            assert set(worker.committed) <= set(found) <= set(worker.committed) | worker.doubtful
            assert set(found.values()) == {1}
        assert await numbers(kafka, rows) == await numbers(kafka, events)
        assert await committed_offset(kafka) == max(await numbers(kafka, rows)) + 1
        assert await broker.stop() == 0


async def test_group_goes_on_where_it_was_after_a_kill(tmp_path: Path) -> None:
    async with BrokerProcess(tmp_path) as broker:
        kafka = Kafka(broker.address)
        topic = await kafka.topic("read", 2)
        await kafka.send(topic, [{"value": b"%d" % number, "partition": number % 2} for number in range(20)])
        async with kafka.consumer(topic, group_id="readers", enable_auto_commit=False) as consumer:
            assert len(await kafka.take(consumer, 20)) == 20
            await consumer.commit()
            await broker.kill()
            await broker.start()
            await kafka.send(topic, [{"value": b"after", "partition": 0}])
            # The member is not known any more, joins again and goes on from what was committed.
            assert [record.value for record in await kafka.take(consumer, 1)] == [b"after"]
        async with kafka.consumer(topic, group_id="readers", enable_auto_commit=False) as consumer:
            assert {record.value for record in await kafka.take(consumer, 1)} == {b"after"}


async def test_full_disk_holds_producers_up_and_serves_readers(tmp_path: Path) -> None:
    """The system refuses to let the broker's files grow, then lets them."""
    values = [b"%d %s" % (number, bytes(1000)) for number in range(150)]
    async with BrokerProcess(tmp_path) as broker:
        kafka = Kafka(broker.address)
        topic = await kafka.topic("full")

        async def send_all() -> None:
            async with producing(broker) as producer:
                for value in values:
                    await producer.send_and_wait(topic, value, partition=0)

        broker.limit_file_size(100_000)
        sending = asyncio.create_task(send_all())

        async def refused() -> bool:
            return "File too large; writes are refused" in broker.said

        await eventually(refused, "the broker says that it refuses writes")
        assert 0 < len(await kafka.read_all(topic)) < 100
        assert not sending.done()
        broker.limit_file_size(resource.RLIM_INFINITY)
        await asyncio.wait_for(sending, 20)
        assert [record.value for record in await kafka.read_all(topic)] == values
        assert "writing goes on" in broker.said


async def test_second_broker_on_the_same_directory_says_so(tmp_path: Path) -> None:
    async with BrokerProcess(tmp_path):
        with pytest.raises(AssertionError, match="another broker uses"):
            await BrokerProcess(tmp_path).start()
