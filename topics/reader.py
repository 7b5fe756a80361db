"""Reading a topic from its start to its end, without a consumer group.

The end is the last stable offset of each partition when reading starts, so a read is finite while others write, and it
sees committed transactions only. A partition is through when the position reaches that end, not when a message with the
last offset comes: the last entries of a log may be commit markers, or compacted away, and yield no message.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from topics.address import checked
from topics.admin import require
from topics.catalogue import FIRST_GENERATION, MAX_MESSAGE_BYTES, Topic
from topics.closing import stopped
from topics.errors import Unreachable, translated
from topics.message import Message, message_of

POLL_MS = 50
"""How long one poll waits for messages, in milliseconds."""
POLL_MESSAGES = 2000
"""Messages unpacked at once; what else was fetched waits packed, and costs less memory so."""

Positions = Mapping[int, int]
"""How far a topic is read: the next offset of each partition."""


class Reader:
    """Reads topics of the broker at `address`, one topic at a time; an async context manager.

    Topics of the catalogue are read as the `generation` has them, named ones under their name. `stall` is for how many
    seconds a broker may send nothing that was promised until it counts as `Unreachable`.
    """

    def __init__(self, address: str, generation: int = FIRST_GENERATION, *, stall: float = 30.0) -> None:
        self._address = address
        self.generation = generation
        self._stall = stall
        self._consumer: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> Self:
        with translated(self._address, "reading"):
            self._consumer = AIOKafkaConsumer(
                bootstrap_servers=checked(self._address),
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                fetch_max_wait_ms=100,  # the next topic waits for the answer to the last fetch of this one
                enable_auto_commit=False,
                # A smaller one would stop for good at a message of the greatest size.
                max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
                request_timeout_ms=int(self._stall * 1000),
            )
            try:
                await self._consumer.start()
            except BaseException:
                await stopped(self._consumer.stop())
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._consumer is not None:
            await stopped(self._consumer.stop())
            self._consumer = None

    async def read(
        self,
        topic: Topic | str,
        *,
        follow: bool = False,
        since: Positions | None = None,
        until: Positions | None = None,
        only: Collection[int] | None = None,
    ) -> AsyncIterator[Message]:
        """Every message from the start of `topic` to its end as it is now; with `follow`, and what comes after it.

        With `since`, from these offsets on, or from the start where they are deleted already. With `until`, those
        partitions only, up to these offsets; with `only`, those partitions only. In offset order within a partition.
        Raises `MissingTopics`, `Unreachable`, `Refused`.
        """
        name = self._name(topic)
        consumer, doing = self._open(), f"reading {name}"
        if until is None:
            ends = await self.ends(name)
        else:
            ends = {TopicPartition(name, partition): offset for partition, offset in until.items()}
        if only is not None:
            ends = {partition: end for partition, end in ends.items() if partition.partition in only}
        with translated(self._address, doing):
            starts = await consumer.beginning_offsets(list(ends))
        starts = {p: max(offset, (since or {}).get(p.partition, 0)) for p, offset in starts.items()}
        waiting = {partition for partition in ends if starts[partition] < ends[partition]}
        assigned = set(ends) if follow else waiting
        if not assigned:
            return
        consumer.assign(assigned)
        for partition in assigned:
            consumer.seek(partition, starts[partition])

        positions: dict[TopicPartition, int] = {}
        idle = 0.0
        while waiting or follow:
            polled_at = time.monotonic()
            with translated(self._address, doing):
                batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_MESSAGES)
                previous, positions = positions, {p: await consumer.position(p) for p in waiting}
            idle = 0.0 if positions != previous else idle + time.monotonic() - polled_at
            if idle > self._stall:
                raise Unreachable(self._address, f"nothing came from {name} for {self._stall:g} seconds")
            for partition, records in batches.items():
                for record in records:
                    if follow or record.offset < ends[partition]:
                        yield message_of(record)
            done = {partition for partition in waiting if positions[partition] >= ends[partition]}
            waiting -= done
            if follow:
                idle = idle if waiting else 0.0  # the end is reached: silence is no longer a fault
            else:
                consumer.pause(*done)

    async def latest(self, topic: Topic | str, *, tombstones: bool = False) -> dict[bytes, Message]:
        """The last message of each key, as compaction would leave them; messages without a key are left out.

        A tombstone removes its key, or with `tombstones` stands for it. Raises as `read` does.
        """
        rows: dict[bytes, Message] = {}
        async for message in self.read(topic):
            if message.key is None:
                continue
            if message.value is None and not tombstones:
                rows.pop(message.key, None)
            else:
                rows[message.key] = message
        return rows

    async def ends(self, topic: Topic | str) -> dict[TopicPartition, int]:
        """The read_committed end of each partition: the offset after the last committed message or marker."""
        name = self._name(topic)
        consumer = self._open()
        counts = await require(self._address, name)
        with translated(self._address, f"reading {name}"):
            ends: dict[TopicPartition, int] = await consumer.end_offsets(
                [TopicPartition(name, partition) for partition in range(counts[name])]
            )
        return ends

    def _name(self, topic: Topic | str) -> str:
        return topic.of(self.generation).name if isinstance(topic, Topic) else topic

    def _open(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("a Reader is used inside `async with`")
        return self._consumer
