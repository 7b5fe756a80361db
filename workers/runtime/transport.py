"""Faust's transport, with three changes: read committed, positions of our own, and a record of what was fetched.

Faust offers no setting for any of them, so its aiokafka driver is subclassed (faust-streaming is pinned for that).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

log = logging.getLogger(__name__)

Positions = Callable[[], Mapping[TP, int]]


class Chain:
    """For each fetched message, the offset of the message fetched before it from the same partition.

    Offsets have honest gaps (compaction, control records of transactions), so `last + 1` says nothing. But the client
    fetches without leaving anything out between two seeks: when a message's predecessor was handled, nothing is missing
    before it. When the predecessor is unknown, whoever needs to know reads the range itself.
    """

    def __init__(self) -> None:
        self._last: dict[TP, int] = {}
        self._previous: dict[tuple[TP, int], int] = {}
        self._cuts = self._linked = 0

    @property
    def cuts(self) -> int:
        """How often a seek has cut the chain."""
        return self._cuts

    def cut(self) -> None:
        """Called before and after a seek, so that a fetch that overlaps one notices."""
        self._cuts += 1

    def link(self, records: Mapping[Any, list[Any]], cuts_before: int) -> None:
        """Note what a fetch returned; `cuts_before` is `cuts` from before it began."""
        if not cuts_before == self._cuts == self._linked:
            self._last.clear()
            self._previous.clear()
            self._linked = self._cuts
        for partition, batch in records.items():
            tp = TP(*partition)
            last = self._last.get(tp)
            for record in batch:
                if last is not None:
                    self._previous[tp, record.offset] = last
                last = record.offset
            if last is not None:
                self._last[tp] = last

    def previous(self, tp: TP, offset: int) -> int | None:
        """The offset fetched before this one, or None where that is not known. Forgets it."""
        return self._previous.pop((tp, offset), None)


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The consumer in its thread: reads committed messages only, and links what it fetches."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chain = Chain()

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Set before start(), which is when aiokafka hands it to the fetcher.
        consumer._isolation_level = "read_committed"
        return consumer

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Any:
        cuts = self.chain.cuts
        records = await super()._fetch_records(*args, **kwargs)
        self.chain.link(records, cuts)
        return records

    async def seek_to_committed(self) -> Any:
        self.chain.cut()
        try:
            return await super().seek_to_committed()
        finally:
            self.chain.cut()

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # Faust's own ends the worker where the broker is away or another rebalance has begun; later is early enough.
        self.tp_last_committed_at.update(dict.fromkeys(offsets, monotonic()))
        try:
            await self._ensure_consumer().commit({TopicPartition(*tp): offset for tp, offset in offsets.items()})
        except KafkaError as error:
            log.debug("offsets are told later: %r", error)
            return False
        return True

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        self.chain.cut()
        try:
            await super().seek_wait(partitions)
        finally:
            self.chain.cut()

    def seek(self, partition: TP, offset: int) -> None:
        self.chain.cut()
        super().seek(partition, offset)
        self.chain.cut()


class Consumer(driver.Consumer):
    """A consumer that goes on after the last applied offset, whatever offset the group committed, and tells the group
    that offset."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._told: dict[TP, int] = {}

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def chain(self) -> Chain:
        """What was fetched before what."""
        chain: Chain = self._thread.chain
        return chain

    async def force_commit(self, *_: Any, **__: Any) -> bool:
        """Tell the group where each partition goes on; False if there is nothing new or it cannot be told just now.

        Faust would tell what was acked without a gap. It acks what it drops in a rebalance, it takes the control record
        after each transaction for a gap, and nobody acks to it what a lane read by itself or what a worker committed
        that died at once.
        """
        for acked in (*self._acked.values(), *self._acked_index.values()):
            acked.clear()
        assigned = self.assignment()
        news = {
            tp: at for tp, at in self.transport.positions().items() if at > self._told.get(tp, 0) and tp in assigned
        }
        if not news or not await self._commit(news):
            return False
        self._told.update(news)
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every partition to where its lane goes on; those without a lane, to the committed offset.

        The committed offset may lie before it (a crash before it was told): it is a hint, and `@applied` is the truth.
        """
        positions = {TP(*tp): offset or 0 for tp, offset in (await super().seek_to_committed()).items()}
        self._told = dict(positions)
        assigned = {TP(*tp) for tp in self.assignment()}
        own = {tp: offset for tp, offset in self.transport.positions().items() if tp in assigned}
        if own:
            await self.seek_wait(own)
            positions.update(own)
        return positions


class Transport(driver.Transport):
    """The transport to give to a Faust app; `positions` tells where each partition goes on."""

    Consumer = Consumer
    positions: Positions = staticmethod(dict)
