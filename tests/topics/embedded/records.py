"""Batches as a producer makes them, and reading them back with the client's own code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from topics.embedded.configs import topic_config
from topics.embedded.log import PartitionLog

START_MS = 1_700_000_000_000

Headers = list[tuple[str, bytes | None]]


class FakeClock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        return self.now_ms


class Record(NamedTuple):
    """A record to produce."""

    key: bytes | None
    value: bytes | None
    timestamp: int = START_MS
    headers: Headers = []  # noqa: RUF012


def make_batch(
    records: Sequence[Record],
    *,
    producer_id: int = -1,
    epoch: int = -1,
    sequence: int = -1,
    transactional: bool = False,
    codec: int = 0,
) -> bytes:
    """A batch ready to be produced."""
    builder = DefaultRecordBatchBuilder(2, codec, int(transactional), producer_id, epoch, sequence, 1 << 24)
    for delta, record in enumerate(records):
        builder.append(delta, record.timestamp, record.key, record.value, record.headers)
    return bytes(builder.build())


def plain(*values: bytes, timestamp: int = START_MS) -> bytes:
    """A batch without producer, of records with key `k` and these values."""
    return make_batch([Record(b"k", value, timestamp) for value in values])


def new_log(clock: FakeClock, **config: str) -> PartitionLog:
    """A log with settings given with underscores for dots: cleanup_policy="compact"."""
    return PartitionLog(topic_config({name.replace("_", "."): value for name, value in config.items()}), clock)


class Reader:
    """A consumer of one partition, from the wire inwards: aiokafka's own code sorts out what was aborted."""

    def __init__(self, log: PartitionLog, *, committed: bool, offset: int = 0) -> None:
        self.log = log
        self.committed = committed
        self.offset = offset

    @property
    def end(self) -> int:
        return self.log.last_stable_offset if self.committed else self.log.end_offset

    def page(self, max_bytes: int = 1) -> list[Any]:
        """Fetch once, by default as little as there is: one batch."""
        data, read_to = self.log.read(self.offset, max_bytes, self.end)
        aborted = self.log.aborted_between(self.offset, read_to) if data else []
        records = PartitionRecords(
            TopicPartition("topic", 0),
            MemoryRecords(data),
            [(each.producer_id, each.first_offset) for each in aborted],
            self.offset,
            None,
            None,
            True,
            READ_COMMITTED if self.committed else READ_UNCOMMITTED,
        )
        found = list(records)
        self.offset = records.next_fetch_offset
        return found

    def rest(self, max_bytes: int = 1) -> list[Any]:
        """Everything up to the end; each fetch must bring it on."""
        found: list[Any] = []
        while self.offset < self.end:
            before = self.offset
            found += self.page(max_bytes)
            assert self.offset > before, f"stuck at {before}, the end is {self.end}"
        return found


def read_all(log: PartitionLog, *, committed: bool = False, max_bytes: int = 1) -> list[Any]:
    return Reader(log, committed=committed, offset=log.start_offset).rest(max_bytes)
