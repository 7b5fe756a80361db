"""A data directory: everything that the broker knows, in files, so that it outlives the process.

    format.json        which kind of directory this is, and the cluster's id
    lock               held by the broker that uses it
    reserve            a megabyte, given up when the disk is full
    journal/           the broker's journal, laid out as a partition
    topics/NAME~N/P/   segments and manifest of partition P of a topic; N tells it from deleted ones of its name

A topic is there when the journal says so; a directory that it does not name is the rest of a deletion and is removed at
the start. Opening recovers what a crash left: each log ends with its last whole batch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import msgspec

from topics.embedded.configs import TopicConfig, topic_config
from topics.embedded.errors import DataDirTaken, DiskFailed, NotADataDir, Refused
from topics.embedded.file_store import FileBatchStore, SegmentLimits
from topics.embedded.files import TEMPORARY, Files
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.journal import MAX_BATCH_BYTES, TOPIC, Changes, Journal, TopicRecord
from topics.embedded.log import Clock, PartitionLog
from topics.embedded.room import RESERVE_BYTES, Room
from topics.embedded.syncing import Syncer

logger = logging.getLogger(__name__)

_JOURNAL_CONFIG = topic_config(
    {"cleanup.policy": "compact", "delete.retention.ms": "0", "max.message.bytes": str(MAX_BATCH_BYTES)}
)


FORMAT, LOCK = "format.json", "lock"
KIND, VERSION = "dyads embedded broker", 1


class Format(msgspec.Struct, frozen=True):
    """What `format.json` says."""

    kind: str
    version: int
    cluster_id: str


class Disk:
    """Keeps everything in a data directory."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        policy: FsyncPolicy = FsyncPolicy.ALWAYS,
        *,
        files: Files | None = None,
        limits: SegmentLimits | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        """Open a data directory, or make one. Raises `DataDirTaken`, `NotADataDir`, `BrokenLog`, `DiskFailed` and
        `OSError`."""
        self.clock = clock
        self._path = path
        self._files = files or Files()
        self._limits = limits or SegmentLimits()
        self._files.make_directory(path)
        _check_is_ours(path)
        try:
            self._lock = self._files.lock(path / LOCK)
        except BlockingIOError:
            raise DataDirTaken(f"another broker uses {path}") from None
        try:
            self.cluster_id = self._read_format().cluster_id
            self._syncer = Syncer(self._files, policy)
            self._room = Room(path, self._files, self._syncer, reserve_bytes)
            self._room.renew_reserve()
            self.journal = Journal(self._open(path / "journal", _JOURNAL_CONFIG))
            self._remove_deleted_topics()
        except BaseException:
            self._files.close(self._lock)
            raise

    # Keeping -----------------------------------------------------------------------------------------------------

    def record(self, changes: Changes, *, urgent: bool = False) -> None:
        try:
            self.journal.record(changes, self.clock())
        except Refused:
            if not urgent or not self._room.release_reserve():
                raise
            self.journal.record(changes, self.clock())

    def barrier(self) -> None:
        self._syncer.barrier()

    def new_directory(self, topic: str) -> str:
        number = 0
        while (self._path / "topics" / f"{topic}~{number}").exists():
            number += 1
        self._files.make_directory(self._path / "topics" / f"{topic}~{number}")
        return f"{topic}~{number}"

    def open_log(self, directory: str, partition: int, config: TopicConfig) -> PartitionLog:
        return self._open(self._path / "topics" / directory / str(partition), config)

    def remove_directory(self, directory: str) -> None:
        self._files.remove_tree(self._path / "topics" / directory)

    def own_logs(self) -> Iterable[PartitionLog]:
        return (self.journal.log,)

    def tidy(self) -> None:
        self._room.renew_reserve()

    # Bringing to disk --------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        await self._syncer.settle()

    async def run(self) -> None:
        await self._syncer.run()

    async def failure(self) -> DiskFailed:
        return await self._syncer.failure()

    def close(self) -> None:
        try:
            self._syncer.sync_now()
        finally:
            self.journal.log.store.close()
            self._files.close(self._lock)

    # Opening -----------------------------------------------------------------------------------------------------

    def _open(self, directory: Path, config: TopicConfig) -> PartitionLog:
        return PartitionLog(config, self.clock, FileBatchStore(directory, self._room, self.clock, self._limits))

    def _read_format(self) -> Format:
        path = self._path / FORMAT
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Format)
        except FileNotFoundError:
            found = Format(KIND, VERSION, f"dyads-embedded-{uuid4().hex}")
            self._files.replace(path, msgspec.json.encode(found))
            self._files.sync_directory(self._path)
        except msgspec.MsgspecError as error:
            raise NotADataDir(f"{path}: {error}") from error
        if (found.kind, found.version) != (KIND, VERSION):
            raise NotADataDir(f"{path} is of another kind or version: {found.kind} {found.version}")
        return found

    def _remove_deleted_topics(self) -> None:
        known = {topic.directory for topic in self.journal.found(TOPIC, TopicRecord).values()}
        for path in self._path.glob("topics/*"):
            if path.name not in known:
                self._files.remove_tree(path)


def _check_is_ours(path: Path) -> None:
    """That nothing of others is in the directory, among which the broker would remove what it does not know."""
    found = {each.name for each in path.iterdir()}
    if FORMAT not in found and found - {LOCK, FORMAT + TEMPORARY}:
        raise NotADataDir(f"{path} holds something else; give the broker a directory of its own")
