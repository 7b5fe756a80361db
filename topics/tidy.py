"""Letting brokers clean partitions that nobody writes to.

A broker never compacts the newest part of a partition: Apache Kafka the segment that it writes to, which ends when a
message comes after `segment.ms`; the embedded broker the last batch. So where nothing comes after a withdrawal, the
text that it takes back would stay. One message of no meaning a day in each partition is enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from topics.address import checked
from topics.admin import require
from topics.catalogue import FIRST_GENERATION, SOURCES, TEXTS, Topic
from topics.closing import stopped
from topics.errors import translated
from topics.headers import MOVED, SCHEMA, SCHEMA_VERSION, VERSION, pack
from topics.letters import PREFIX

KEY = b"@tidy"
"""The key where no agent reads; where one does, a key that it knows to pass over."""


async def tidy(address: str, generations: Iterable[int] = (FIRST_GENERATION,)) -> int:
    """Write a tombstone under a key of no meaning into each partition that compaction must reach; how many.

    Raises `Unreachable`, `MissingTopics`, `Refused`.
    """
    keys = {t.of(number).name: _key(t) for number in generations for t in TEXTS if t.cleanup.compacts}
    counts = await require(address, *keys)
    with translated(address, "tidying topics"):
        producer = AIOKafkaProducer(bootstrap_servers=checked(address), enable_idempotence=True, acks="all")
        try:
            await producer.start()
            for topic, key in keys.items():
                for partition in range(counts[topic]):
                    headers = pack({SCHEMA: SCHEMA_VERSION, MOVED: partition, VERSION: 0})
                    await producer.send_and_wait(topic, None, key, partition, headers=headers)
        finally:
            await stopped(producer.stop())
    return sum(counts.values())


def _key(topic: Topic) -> bytes:
    return PREFIX if topic in SOURCES.values() else KEY
