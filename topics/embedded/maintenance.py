"""What the broker does by itself: deadlines every few milliseconds, cleaning every few seconds."""

from __future__ import annotations

import asyncio
import logging

from topics.embedded import compaction
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.log import Clock, PartitionLog
from topics.embedded.retention import apply_retention
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.transactions import TransactionCoordinator

HELD_UP = 1.0
"""Seconds after which the broker was itself held up (by other work of its process, a suspended machine): it then
hears what arrived meanwhile before it takes anyone for silent."""

logger = logging.getLogger(__name__)

SLICE = 0.005
"""Seconds of compaction before the requests get their turn again."""


class Maintenance:
    """The broker's own tasks."""

    def __init__(
        self,
        topics: TopicRegistry,
        groups: GroupCoordinator,
        transactions: TransactionCoordinator,
        clock: Clock,
        settings: BrokerSettings,
    ) -> None:
        self._topics = topics
        self._groups = groups
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    async def watch_deadlines(self) -> None:
        """Expel silent members, go on with rebalances, abort overlong transactions; for ever."""
        loop = asyncio.get_running_loop()
        while True:
            asleep_at = loop.time()
            await asyncio.sleep(self._settings.tick_interval)
            if loop.time() - asleep_at > HELD_UP:
                continue
            try:
                self._groups.tick()
                self._transactions.tick()
            except Exception:
                logger.exception("a fault of the broker while it looked at its deadlines")

    async def clean_periodically(self) -> None:
        """Retention, compaction and expiry of every partition; for ever."""
        while True:
            await asyncio.sleep(self._settings.cleanup_interval)
            for topic in self._topics:
                for number, log in enumerate(list(topic.partitions)):
                    try:
                        await self._clean(log)
                    except Exception:
                        logger.exception("could not clean %s-%d", topic.name, number)
                    await asyncio.sleep(0)

    async def _clean(self, log: PartitionLog) -> None:
        now_ms = self._clock()
        log.producers.expire(now_ms - self._settings.producer_expiry_ms)
        apply_retention(log, now_ms)
        if not compaction.is_due(log, now_ms):
            return
        loop = asyncio.get_running_loop()
        slice_ends = loop.time() + SLICE
        for _ in compaction.compact(log, now_ms):
            if loop.time() >= slice_ends:
                await asyncio.sleep(0)
                slice_ends = loop.time() + SLICE
