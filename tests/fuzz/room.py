"""The embedded broker without its sockets: frames in, answers out, and time that goes when told.

Everything from the frame inwards is the broker's own code; only the reading and writing of a socket is left out, which
`test_sockets.py` has. That makes ten thousand frames a few seconds' work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from tests.fuzz.frames import CLIENT, COMPACTED, MEMBERS, PLAIN, STAMPED, TRANSACTIONAL_ID, Step
from tests.topics.embedded.records import FakeClock, Record, make_batch, plain, read_all
from topics.embedded import compaction
from topics.embedded.admin_api import AdminApi
from topics.embedded.cluster_api import ClusterApi
from topics.embedded.connection import answer
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.data_api import DataApi
from topics.embedded.errors import CloseConnection
from topics.embedded.group_api import GroupApi
from topics.embedded.handling import Handlers
from topics.embedded.log import PartitionLog
from topics.embedded.retention import apply_retention
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction_api import TransactionApi
from topics.embedded.transactions import ProducerIdentity, TransactionCoordinator

FIRST_PRODUCER_ID = 1000

_GIVEN_ID = re.compile(rb"%s-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}" % CLIENT.encode())


class Room:
    """A broker with three topics, some records, an idempotent writer and one with an open transaction."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        settings = BrokerSettings()
        self.groups = GroupCoordinator(self.clock, settings)
        self.topics = TopicRegistry(self.clock, settings.default_partitions, self.groups.topic_deleted)
        self.transactions = TransactionCoordinator(
            self.topics, self.groups.apply_offsets, self.clock, settings, first_producer_id=FIRST_PRODUCER_ID
        )
        self.handlers: Handlers = {
            **DataApi(self.topics, self.transactions).handlers(),
            **GroupApi(self.groups, self.topics).handlers(),
            **TransactionApi(self.transactions, self.topics).handlers(),
            **AdminApi(self.topics, settings).handlers(),
            **ClusterApi(self.topics, settings, "fuzzed", "127.0.0.1", 9092).handlers(),
        }
        self.waiting: set[asyncio.Task[bytes | None]] = set()
        self.members: list[bytes] = []
        self._fill()

    def _fill(self) -> None:
        self.topics.create(PLAIN, 2)
        self.topics.create(COMPACTED, 2, {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0"})
        self.topics.create(STAMPED, 1, {"cleanup.policy": "compact,delete", "message.timestamp.type": "LogAppendTime"})
        for topic in (PLAIN, COMPACTED, STAMPED):
            log = self.topics.partition(topic, 0)
            log.append(plain(b"first"))
            log.append(make_batch([Record(b"k", b"second"), Record(b"gone", None)], codec=3))
        identity = self.transactions.init_producer(TRANSACTIONAL_ID, 60_000)
        self.transactions.add_partitions(TRANSACTIONAL_ID, identity, [(PLAIN, 0), (COMPACTED, 0)])
        self.transactions.add_group(TRANSACTIONAL_ID, ProducerIdentity(*identity), "group")

    async def hear(self, steps: Sequence[Step]) -> None:
        """Take the steps one after the other. Only closing a connection is allowed: anything else that a request
        raises, or that then raises in the broker's own work, comes out here."""
        try:
            for step in steps:
                if isinstance(step, int):
                    self.pass_time(step)
                else:
                    await self._ask(step)
                for task in [task for task in self.waiting if task.done()]:
                    self._finish(task)
            self.pass_time(120_000)
            self.check()
        finally:
            for task in self.waiting:
                task.cancel()
            await asyncio.gather(*self.waiting, return_exceptions=True)

    async def _ask(self, frame: bytes) -> None:
        for stand_in, given in zip(MEMBERS, self.members[::-1], strict=False):
            frame = frame.replace(stand_in.encode(), given)
        task = asyncio.create_task(answer(frame, self.handlers, "127.0.0.1"))
        self.waiting.add(task)
        for _ in range(3):  # what is not answered by then waits for time, or for others
            if not task.done():
                await asyncio.sleep(0)

    def _finish(self, task: asyncio.Task[bytes | None]) -> None:
        self.waiting.discard(task)
        try:
            answered = task.result()
        except CloseConnection:
            return
        for given in _GIVEN_ID.findall(answered or b""):
            if given not in self.members:
                self.members.append(given)

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass, and do what the broker then does by itself."""
        self.clock.now_ms += milliseconds
        self.groups.tick()
        self.transactions.tick()
        for log in self._logs():
            apply_retention(log, self.clock.now_ms)
            if compaction.is_due(log, self.clock.now_ms):
                for _ in compaction.compact(log, self.clock.now_ms):
                    pass

    def check(self) -> None:
        """What holds whatever was heard: every log is in order, and a client can read all of it."""
        for log in self._logs():
            assert 0 <= log.start_offset <= log.last_stable_offset <= log.end_offset
            ends = [stored.last_offset for stored in log.store]
            assert ends == sorted(set(ends))
            for committed in (False, True):
                read_all(log, committed=committed, max_bytes=1 << 20)
            log.offset_for_time(0)

    def _logs(self) -> list[PartitionLog]:
        return [log for topic in self.topics for log in topic.partitions if log.end_offset > 0]
