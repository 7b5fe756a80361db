"""The broker without its network: topics, groups and transactions over a storage, and what a client sees of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.topics.embedded.records import FakeClock, Record, make_batch, read_all
from topics.embedded.compaction import compact
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.disk import Disk
from topics.embedded.file_store import SegmentLimits
from topics.embedded.files import Files
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.log import PartitionLog
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.recovery import restore
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage
from topics.embedded.topics import TopicRegistry
from topics.embedded.transactions import TransactionCoordinator

SMALL_SEGMENTS = 600
"""Bytes: a few batches, so that there are many files."""

RESERVE_BYTES = 4096


class Node:
    """A broker that is called, not asked over the wire."""

    def __init__(self, storage: Storage, clock: FakeClock, marker_delay_ms: int = 0) -> None:
        self.storage = storage
        self.clock = clock
        self.marker_delay_ms = marker_delay_ms
        settings = BrokerSettings(marker_delay_ms=marker_delay_ms)
        self.groups = GroupCoordinator(storage.clock, settings, storage)
        self.topics = TopicRegistry(storage.clock, 1, self.groups.topic_deleted, storage)
        self.transactions = TransactionCoordinator(
            self.topics, self.groups.apply_offsets, storage.clock, settings, storage=storage
        )
        if storage.journal is not None:
            restore(storage.journal, self.topics, self.groups, self.transactions)

    @classmethod
    def in_memory(cls, clock: FakeClock) -> Node:
        return cls(MemoryStorage(clock), clock)

    @classmethod
    def on_disk(cls, path: Path, clock: FakeClock, files: Files | None = None, marker_delay_ms: int = 0) -> Node:
        limits = SegmentLimits(bytes=SMALL_SEGMENTS)
        disk = Disk(path, clock, FsyncPolicy.ALWAYS, files=files, limits=limits, reserve_bytes=RESERVE_BYTES)
        return cls(disk, clock, marker_delay_ms)

    def log(self, topic: str, partition: int = 0) -> PartitionLog:
        return self.topics.partition(topic, partition)

    def compact(self, log: PartitionLog) -> None:
        for _ in compact(log, self.storage.clock()):
            pass

    def answer(self) -> None:
        """What was asked for is answered now: under `always`, when it is on disk."""
        self.storage.barrier()

    def close(self) -> None:
        self.storage.close()
        self.topics.close()

    def committed(self, topic: str, partition: int = 0) -> list[tuple[int, bytes | None, bytes | None]]:
        """Offset, key and value of what a reader of committed records sees."""
        log = self.log(topic, partition)
        return [(record.offset, record.key, record.value) for record in read_all(log, committed=True)]

    def view(self) -> dict[str, Any]:
        """All that clients can see. Of a compacted topic what its records come to, since which of them are still there
        is the broker's business; tombstones come to nothing."""
        seen: dict[str, Any] = {}
        for topic in self.topics:
            seen[topic.name] = dict(topic.config.given)
            for number, log in enumerate(topic.partitions):
                records = self.committed(topic.name, number)
                bounds = (log.start_offset, log.last_stable_offset, log.end_offset)
                if topic.config.compacted:
                    last = {key: (offset, value) for offset, key, value in records}
                    content: Any = {key: found for key, found in last.items() if found[1] is not None}
                else:
                    content = records
                seen[f"{topic.name}-{number}"] = (bounds, content)
        for group in self.groups.groups.values():
            seen[f"group {group.group_id}"] = dict(group.offsets)
        return seen


def reopened(node: Node, tmp_path: Path) -> Node:
    node.close()
    return Node.on_disk(tmp_path, node.clock, marker_delay_ms=node.marker_delay_ms)


def values(log: PartitionLog) -> list[bytes]:
    return [record.value for record in read_all(log)]


def segments(path: Path, topic: str = "topic") -> list[Path]:
    return sorted((path / "topics" / f"{topic}~0" / "0").glob("*.log"))


def transactional(identity: tuple[int, int], sequence: int, value: bytes) -> bytes:
    producer_id, epoch = identity
    record = Record(b"k", value)
    return make_batch([record], producer_id=producer_id, epoch=epoch, sequence=sequence, transactional=True)
