"""Two brokers side by side: whatever transactional producers do, both answer the same.

One is the embedded broker with its default timing. The other is that of the other tests: Apache Kafka, or an embedded
one where an ended transaction takes effect only a moment after the answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient

from tests.topics.conformance.kafka import Kafka
from tests.topics.conformance.transactional import RawProducer, ok
from topics.embedded import EmbeddedBroker

HISTORIES = 12
STEPS = 60
TOPICS = ("one", "two")
ACTS = {"init": 2, "add": 4, "write": 8, "again": 2, "gap": 1, "group": 2, "offset": 2, "end": 4}
"""What a producer may do, and how often it does."""


class Stage:
    """A broker, two topics, and two producers that hold the same transactional id in turn."""

    def __init__(self, kafka: Kafka, client: AIOKafkaClient, name: str) -> None:
        self.kafka = kafka
        self.name = name
        self.topics = {topic: f"{name}-{topic}" for topic in TOPICS}
        self.producers = [RawProducer(client, name) for _ in range(2)]

    async def step(self, rng: random.Random) -> str:
        """Let something happen that `rng` chooses; what it was, and the broker's answer."""
        number = rng.randrange(2)
        producer = self.producers[number]
        topic = self.topics[name := rng.choice(TOPICS)]
        [act] = rng.choices(tuple(ACTS), tuple(ACTS.values()))
        commit, offset = rng.random() < 0.6, rng.randrange(100)
        said = await self._act(act, producer, topic, commit=commit, offset=offset)
        return f"{number} {act} {name} {commit if act == 'end' else ''}: {said}"

    async def _act(self, act: str, producer: RawProducer, topic: str, *, commit: bool, offset: int) -> str:
        match act:
            case "init":
                await producer.init()
                answer = "ok"
            case "add":
                answer = await producer.add(topic)
            case "write":
                answer = await producer.write(topic, b"%d" % offset)
            case "again":
                answer = await producer.write(topic, b"again", sequence=max(0, producer.sequence - 1))
            case "gap":
                answer = await producer.write(topic, b"gap", sequence=producer.sequence + 7)
            case "group":
                answer = await producer.add_offsets(self.name)
            case "offset":
                answer = await producer.commit_offset(self.name, topic, offset)
            case _:
                answer = await producer.end(commit)
                if ok(answer):  # said again, it succeeds when every marker is written
                    assert ok(await producer.end(commit))
        return getattr(answer, "__name__", answer)

    async def outcome(self) -> list[str]:
        """What is in the topics, and the group's offsets."""
        found = []
        for name, topic in self.topics.items():
            for committed in (True, False):
                records = await self.kafka.read_all(topic, committed=committed)
                found.append(f"{name} {committed=}: {[(record.offset, record.value) for record in records]}")
        async with self.kafka.consumer(group_id=self.name, enable_auto_commit=False) as consumer:
            offsets = [await consumer.committed(TopicPartition(topic, 0)) for topic in self.topics.values()]
        return [*found, f"{offsets=}"]


@asynccontextmanager
async def stage(address: str, name: str) -> AsyncIterator[Stage]:
    kafka = Kafka(address)
    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=8000)
    await client.bootstrap()
    try:
        made = Stage(kafka, client, name)
        for topic in made.topics.values():
            await kafka.topic(topic, exactly=True)
        for producer in made.producers:
            await producer.init()
        yield made
    finally:
        await client.close()


async def play(address: str, seed: int) -> list[str]:
    rng = random.Random(seed)
    async with stage(address, Kafka.unique("alike")) as it:
        said = [await it.step(rng) for _ in range(STEPS)]
        return said + await it.outcome()


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_both_answer_the_same(broker_address: str, seed: int) -> None:
    async with await EmbeddedBroker.start() as embedded:
        ours, theirs = await asyncio.gather(play(embedded.address, seed), play(broker_address, seed))
    assert ours == theirs
