"""A small handler and helpers for trying the runtime against a broker."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.settled import settled
from topics.catalogue import DEAD, Cleanup, Topic, state_topic
from topics.message import Message
from topics.reader import Reader
from workers.runtime.handler import Reject, Scope, Settlement, Subject
from workers.runtime.letters import key_as_subject
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import Settings
from workers.runtime.store import MemoryStore, Store
from workers.runtime.task import Task


def topic(name: str, cleanup: Cleanup = Cleanup.COMPACT) -> Topic:
    return Topic(name=name, key="", record=None, cleanup=cleanup, writer="", purpose="")


class Bench:
    """Topics of its own at a broker, and tasks of an agent that counts: key -> number of messages seen."""

    def __init__(self, address: str) -> None:
        self.agent = f"count{uuid.uuid4().hex[:8]}"
        self.source = topic(f"{self.agent}.source")
        self.counts = topic(f"{self.agent}.counts")
        self.settings = Settings(broker=address, app_id=self.agent, transaction_timeout=5)

    async def make_topics(self, partitions: int = 1) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.broker)
        await admin.start()
        wanted = (self.source, self.counts, state_topic(self.agent), DEAD)
        await admin.create_topics([NewTopic(t.name, partitions, 1, topic_configs=t.config()) for t in wanted])
        await admin.close()

    async def publish(self, *keys: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.settings.broker) as producer:
            for key in keys:
                await producer.send_and_wait(self.source.name, key=key, value=b"x", partition=0)

    async def publish_in_a_transaction(self, key: bytes) -> None:
        """The message and, after it, the marker of its transaction."""
        client = AIOKafkaProducer(bootstrap_servers=self.settings.broker, transactional_id=f"{self.agent}-before")
        async with client as producer, producer.transaction():
            await producer.send_and_wait(self.source.name, key=key, value=b"x", partition=0)

    @asynccontextmanager
    async def task(self, store: Store | None = None, subject: Subject = key_as_subject) -> AsyncIterator[Task]:
        task = Task(self.settings, self.agent, 0, MemoryStore() if store is None else store, subject)
        async with RangeReader(self.settings.broker) as reader:
            await task.open(reader)
        try:
            yield task
        finally:
            await task.close()

    def messages(self, *keys: bytes, start: int = 0) -> list[tuple[Message, Settlement]]:
        return [(m := message(self.source.name, start + i, key), self.settlement(m)) for i, key in enumerate(keys)]

    def settlement(self, message: Message) -> Settlement:
        def settle(scope: Scope) -> None:
            key = message.key or b""
            count = int(scope.get(key) or 0) + 1
            scope.put(key, b"%d" % count)
            scope.publish(self.counts, key, b"%d" % count)
            if key == b"rejected":
                raise Reject("invalid", "this key is refused")
            if key == b"broken":
                raise ZeroDivisionError("a fault of ours")
            if key == b"large":
                scope.publish(self.counts, key, bytes(5_000_000))

        return settle

    async def published(self) -> dict[bytes, bytes]:
        await settled(self.settings.broker, self.counts.name)
        async with Reader(self.settings.broker) as reader:
            return {k: m.value or b"" for k, m in (await reader.latest(self.counts)).items()}

    async def history(self, topic: Topic) -> list[Message]:
        await settled(self.settings.broker, topic.name)
        async with Reader(self.settings.broker) as reader:
            return [m async for m in reader.read(topic)]


def message(topic: str, offset: int, key: bytes) -> Message:
    return Message(topic=topic, partition=0, offset=offset, timestamp=0, key=key, value=b"x", headers={})


def offsets(messages: Iterable[Message]) -> list[int]:
    return [m.offset for m in messages]
