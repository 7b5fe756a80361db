"""Reading a stretch of a partition, read committed, apart from any consumer group.

Used to restore a task's rows and to read what Faust did not deliver.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from topics.closing import stopped
from topics.message import Message, message_of

FETCH_BYTES = 4 * 1024 * 1024


class RangeReader:
    """A consumer that reads stretches of partitions one at a time."""

    def __init__(self, broker: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=broker,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=100,
        )
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await stopped(self._consumer.stop())

    async def has(self, topic: str) -> bool:
        """Whether the broker has the topic. All are asked for: asking for one by name might make it."""
        return topic in await self._consumer.topics()

    async def end(self, topic: str, partition: int) -> int:
        """The offset after the last committed message (the last stable offset)."""
        tp = TopicPartition(topic, partition)
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets([tp])
        return ends[tp]

    async def beginning(self, topic: str, partition: int) -> int:
        """The first offset that the topic still keeps."""
        tp = TopicPartition(topic, partition)
        beginnings: dict[TopicPartition, int] = await self._consumer.beginning_offsets([tp])
        return beginnings[tp]

    async def read(
        self, topic: str, partition: int, start: int, end: int, *, beyond: bool = False
    ) -> AsyncIterator[Message]:
        """Every committed message with `start <= offset < end`, in order; `beyond` it too what was fetched with them.

        Offsets that compaction, aborted transactions or control records took are passed over: reading is done when the
        position is at `end`, not when a message of that offset came.
        """
        tp = TopicPartition(topic, partition)
        position = start
        while position < end:
            async with self._one_at_a_time:  # not held while the caller handles what it was given
                self._consumer.assign([tp])
                self._consumer.seek(tp, position)
                fetched = await self._consumer.getmany(tp, timeout_ms=200)
                position = await self._consumer.position(tp)
            for record in fetched.get(tp, ()):
                if record.offset >= end and not beyond:
                    return
                yield message_of(record)
