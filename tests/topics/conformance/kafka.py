"""A client of a broker as these tests need it: topics of unique names, and sending and reading in one line."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

FOR_EVER = {"retention.ms": "-1"}
"""For records with timestamps of long ago, which a broker would otherwise delete at once."""


class Kafka:
    """Makes clients for one broker."""

    def __init__(self, address: str) -> None:
        self.address = address

    @staticmethod
    def unique(name: str) -> str:
        return f"{name}-{uuid.uuid4().hex[:8]}"

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        client = AIOKafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=8000)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    async def topic(
        self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None, *, exactly: bool = False
    ) -> str:
        """A new topic, of a name that begins with `name`, or is `name` exactly."""
        name = name if exactly else self.unique(name)
        async with self.admin() as admin:
            response = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dict(config or {}))])
            assert [error[1] for error in response.topic_errors] == [0], response.topic_errors

            async def known() -> bool:
                return name in await admin.list_topics()

            await eventually(known, f"{name} is known to clients", 10)
        return name

    @contextlib.asynccontextmanager
    async def producer(self, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(bootstrap_servers=self.address, request_timeout_ms=8000, **settings)
        await asyncio.wait_for(producer.start(), 10)
        try:
            yield producer
        finally:
            # A fenced producer does not stop cleanly, and need not.
            with contextlib.suppress(Exception):
                await asyncio.wait_for(producer.stop(), 10)

    async def send(self, topic: str, records: Iterable[dict[str, Any]], **settings: Any) -> list[Any]:
        """Send records (as keyword arguments of the producer's send), together; what the broker said of each."""
        async with self.producer(**settings) as producer:
            sent = [await producer.send(topic, **record) for record in records]
            return [await asyncio.wait_for(each, 15) for each in sent]

    @contextlib.asynccontextmanager
    async def consumer(self, *topics: str, **settings: Any) -> AsyncIterator[AIOKafkaConsumer]:
        settings.setdefault("auto_offset_reset", "earliest")
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=self.address, **settings)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def read_all(self, topic: str, partition: int = 0, *, committed: bool = False) -> list[Any]:
        """Every record of a partition, from its start to the end as it is now."""
        isolation = "read_committed" if committed else "read_uncommitted"
        where = TopicPartition(topic, partition)
        async with self.consumer(isolation_level=isolation, enable_auto_commit=False) as consumer:
            consumer.assign([where])
            start = (await consumer.beginning_offsets([where]))[where]
            end = (await consumer.end_offsets([where]))[where]
            consumer.seek(where, start)
            records: list[Any] = []
            async with asyncio.timeout(90):
                while await consumer.position(where) < end:
                    records += (await consumer.getmany(timeout_ms=100)).get(where, [])
            return records

    async def take(self, consumer: AIOKafkaConsumer, count: int) -> list[Any]:
        """The next `count` records of a consumer."""
        records: list[Any] = []
        async with asyncio.timeout(90):
            while len(records) < count:
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    records += found
        return records


async def eventually(check: Callable[[], Awaitable[bool]], what: str, seconds: float = 90) -> None:
    """Wait until `check` holds."""
    deadline = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < deadline, f"after {seconds} s it did not come to this: {what}"
        await asyncio.sleep(0.05)
