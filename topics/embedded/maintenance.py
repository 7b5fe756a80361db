"""What the broker does by itself: deadlines every few milliseconds, cleaning every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from topics.embedded import compaction
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.errors import DiskFailed, Refused
from topics.embedded.log import PartitionLog
from topics.embedded.retention import apply_retention
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage
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
        storage: Storage,
        settings: BrokerSettings,
    ) -> None:
        self._topics = topics
        self._groups = groups
        self._transactions = transactions
        self._storage = storage
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
            except DiskFailed:
                return  # the broker stops
            except Exception:
                logger.exception("a fault of the broker while it looked at its deadlines")

    async def clean_periodically(self) -> None:
        """Retention, compaction and expiry of every partition; for ever."""
        while True:
            await asyncio.sleep(self._settings.cleanup_interval)
            for name, log in self._logs():
                try:
                    await self._clean(log)
                except DiskFailed:
                    return
                except Refused as refused:  # no room just now, of which the storage tells
                    logger.debug("could not clean %s: %s", name, refused)
                except Exception:
                    logger.exception("could not clean %s", name)
                await asyncio.sleep(0)
            self._storage.tidy()

    def _logs(self) -> Iterator[tuple[str, PartitionLog]]:
        for topic in self._topics:
            for number, log in enumerate(list(topic.partitions)):
                yield f"{topic.name}-{number}", log
        for log in self._storage.own_logs():
            yield "the journal", log

    async def _clean(self, log: PartitionLog) -> None:
        now_ms = self._storage.clock()
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
