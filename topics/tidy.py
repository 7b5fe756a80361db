"""Letting brokers clean partitions that nobody writes to.

A broker never compacts the newest part of a partition: Apache Kafka the segment that it writes to, which ends when a
message comes after `segment.ms`; the embedded broker the last batch. So where nothing comes after a withdrawal, the
text that it takes back would stay. One message of no meaning a day in each partition is enough.
"""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from topics.address import checked
from topics.admin import require
from topics.catalogue import SOURCES, TEXTS, Topic
from topics.closing import stopped
from topics.errors import translated
from topics.headers import MOVED, SCHEMA, SCHEMA_VERSION, VERSION, pack
from topics.letters import PREFIX

KEY = b"@tidy"
"""The key where no agent reads; where one does, a key that it knows to pass over."""


async def tidy(address: str) -> int:
    """Write a tombstone under a key of no meaning into each partition that compaction must reach; how many.

    Raises `Unreachable`, `MissingTopics`, `Refused`.
    """
    topics = [topic for topic in TEXTS if topic.cleanup.compacts]
    counts = await require(address, *(topic.name for topic in topics))
    with translated(address, "tidying topics"):
        producer = AIOKafkaProducer(bootstrap_servers=checked(address), enable_idempotence=True, acks="all")
        try:
            await producer.start()
            for topic in topics:
                for partition in range(counts[topic.name]):
                    headers = pack({SCHEMA: SCHEMA_VERSION, MOVED: partition, VERSION: 0})
                    await producer.send_and_wait(topic.name, None, _key(topic), partition, headers=headers)
        finally:
            await stopped(producer.stop())
    return sum(counts.values())


def _key(topic: Topic) -> bytes:
    return PREFIX if topic in SOURCES.values() else KEY
