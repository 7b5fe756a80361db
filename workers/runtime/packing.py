"""Sending many messages at once: packed into the client library's batches, a future for each batch.

The library's own `send` keeps a future, a partitioner's question and a place in its queue for every message. A batch of
a task's makes ten rows and messages of each message that it settles, so that was a third of its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from topics.partition import partition_of
from workers.runtime.overlay import Outgoing

_Place = tuple[str, int]


class Packer:
    """Packs the messages of one transaction. What goes to one partition arrives in the order in which it was added."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[_Place, BatchBuilder] = {}
        self._partitions: dict[str, int] = {}
        self.sending: list[asyncio.Future[RecordMetadata]] = []
        """Of each batch that was sent; resolved with the offset of its first message."""

    async def add(self, messages: Iterable[Outgoing]) -> None:
        """Pack messages; a batch that is full is sent. Raises what the broker raises."""
        for topic, key, value, headers, partition, timestamp in messages:
            if partition is None:
                partition = partition_of(key or b"", self._partitions.get(topic) or await self._count(topic))
            place = topic, partition
            batch = self._open.get(place) or self._fresh(place)
            if batch.append(timestamp=timestamp, key=key, value=value, headers=headers) is None:
                await self._send(place)
                # The first message of a batch always fits, whatever its size.
                self._fresh(place).append(timestamp=timestamp, key=key, value=value, headers=headers)

    async def end(self, topic: str, partition: int) -> int:
        """Send what is packed and wait for the broker to have all of it; the offset after the last message of a
        partition to which there was at least one. Raises what the broker raises."""
        last = self._open[topic, partition]
        for place in list(self._open):
            await self._send(place)
        written = await asyncio.gather(*self.sending)
        first = max(batch.offset for batch in written if (batch.topic, batch.partition) == (topic, partition))
        return int(first) + int(last.record_count())

    def forget(self) -> None:
        """Nobody waits for what was sent: each fails with the same error, which is told once."""
        for future in self.sending:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _fresh(self, place: _Place) -> BatchBuilder:
        batch = self._open[place] = self._producer.create_batch()
        return batch

    async def _send(self, place: _Place) -> None:
        topic, partition = place
        self.sending.append(await self._producer.send_batch(self._open.pop(place), topic, partition=partition))

    async def _count(self, topic: str) -> int:
        self._partitions[topic] = count = len(await self._producer.partitions_for(topic))
        return count
