"""Batches of one partition in segment files.

The directory of a partition holds segments and a manifest, which names the segments that count, in order, and keeps the
partition's state. Whatever changes more than the end of the newest segment is one step, because it is the exchange of
the manifest, which is atomic. The order of things around it:

 1. New segments are written (by compaction, or an empty one to go on in) and brought to disk.
 2. The segment written to so far is brought to disk: the manifest speaks of it.
 3. The new manifest is written beside the old one, brought to disk, and renamed over it.
 4. Segments that no longer count are removed.

A crash before 3 leaves new segments that do not count, one after it leaves old ones; `open` removes either. All of that
is synced under every policy: a manifest must never speak of what is not there.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from topics.embedded.errors import BrokenLog, ErrorCode, Refused
from topics.embedded.manifest import MANIFEST, Manifest, read_manifest
from topics.embedded.partition_state import PartitionState
from topics.embedded.room import Room
from topics.embedded.segment import Segment
from topics.embedded.store import BatchIndex, Replacement, StoredBatch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """When a segment is closed and another one begun."""

    bytes: int = 32 * 1024 * 1024
    """Closing waits for the disk, so it is far less than Apache Kafka's gigabyte."""
    age_ms: int = 24 * 60 * 60 * 1000
    """Deleted records keep their space until all of their segment are deleted: so much longer than their retention."""


class Place(NamedTuple):
    """Where a batch is."""

    segment: Segment
    position: int


class FileBatchStore(BatchIndex[Place]):
    """Batches in files."""

    def __init__(self, directory: Path, room: Room, clock: Callable[[], int], limits: SegmentLimits) -> None:
        """Opens what is in the directory; one that does not exist is made by the first write. Raises `BrokenLog` and
        `OSError`."""
        super().__init__()
        self._directory = directory
        self._room = room
        self._clock = clock
        self._limits = limits
        self._segments: list[Segment] = []
        self._next_number = 0
        self._open()

    # Reading and writing -----------------------------------------------------------------------------------------

    def read(self, first: int, end: int) -> bytes:
        """Neighbours in a file are read at once. Raises `Refused`."""
        parts: list[bytes] = []
        while first < end:
            segment, position = self._places[first]
            upto = position
            while first < end and self._places[first] == (segment, upto):
                upto += self._batches[first].size
                first += 1
            try:
                parts.append(segment.read(position, upto - position))
            except OSError as error:
                raise Refused(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def append(self, batch: StoredBatch, data: bytes) -> None:
        with self._room.wanted():
            segment = self._segment_for(batch.base_offset, batch.size)
            place = self._write(segment, data)
        self._add(batch, place)

    def _segment_for(self, base_offset: int, size: int) -> Segment:
        """The segment to write to: the newest, or a new one if that would grow too large or is too old."""
        if self._segments:
            newest = self._segments[-1]
            small = newest.size + size <= self._limits.bytes
            if newest.size == 0 or (small and self._clock() - newest.created_ms < self._limits.age_ms):
                return newest
        self._room.files.make_directory(self._directory)
        segment = self._new_segment(base_offset)
        try:
            self._room.files.sync_directory(self._directory)
            self._exchange_manifest([*self._segments, segment], self, self.state)
        except OSError:
            self._remove([segment])
            raise
        self._segments.append(segment)
        return segment

    def _new_segment(self, base_offset: int) -> Segment:
        segment = Segment.create(self._room.files, self._directory, base_offset, self._next_number, self._clock())
        self._next_number += 1
        return segment

    def _write(self, segment: Segment, data: bytes) -> Place:
        """At the end of a segment; after an error nothing of it is there."""
        position = segment.size
        try:
            self._room.syncer.check()
            self._room.files.write(segment.descriptor, position, data)
        except OSError:
            try:
                self._room.files.truncate(segment.descriptor, position)
            except OSError as error:
                raise self._room.syncer.fail(error) from error
            raise
        segment.size += len(data)
        self._room.syncer.written(segment)
        return Place(segment, position)

    # Replacing the head ------------------------------------------------------------------------------------------

    def replacement(self) -> FileReplacement:
        return FileReplacement(self)

    def replace_head(self, count: int, replacement: Replacement | None, state: PartitionState) -> None:
        assert replacement is None or isinstance(replacement, FileReplacement)
        with self._room.wanted():
            if replacement is None:
                self._drop_head(count, state)
            else:
                self._exchange_head(count, replacement, state)

    def _drop_head(self, count: int, state: PartitionState) -> None:
        """Segments of which nothing is left go; in one of which something is left the start offset tells where."""
        first = self._segments.index(self._places[count].segment) if count < len(self) else len(self._segments)
        kept, dropped = self._segments[first:], self._segments[:first]
        self._exchange_manifest(kept, self._batches[count:], state)
        self._segments = kept
        self.state = state
        self._put_in_place_of(count, ())
        self._remove(dropped)

    def _exchange_head(self, count: int, replacement: FileReplacement, state: PartitionState) -> None:
        """`count` batches may end within a segment. The rest of it is copied as it is behind the replacement, and
        appending goes on there if it was the newest."""
        first = self._segments.index(self._places[count].segment) if count < len(self) else len(self._segments)
        end = count
        if count and first < len(self._segments) and self._places[count - 1].segment is self._segments[first]:
            while end < len(self) and self._places[end].segment is self._segments[first]:
                replacement.append(self._batches[end], self.read(end, end + 1))
                end += 1
            first += 1
        replacement.sync()
        kept, dropped = [*replacement.segments, *self._segments[first:]], self._segments[:first]
        self._exchange_manifest(kept, [*(b for b, _ in replacement.entries), *self._batches[end:]], state)
        self._segments = kept
        self.state = state
        self._put_in_place_of(end, replacement.take())
        self._remove(dropped)

    def _exchange_manifest(
        self, segments: list[Segment], content: list[StoredBatch] | BatchIndex[Place], state: PartitionState
    ) -> None:
        """Steps 2 and 3. Raises `OSError`, with nothing changed; `DiskFailed` when that is not known."""
        if self._segments:
            self._room.syncer.sync(self._segments[-1])
        manifest = Manifest(
            segments=[(segment.path.name, segment.created_ms) for segment in segments],
            horizons=[(b.base_offset, b.delete_horizon_ms) for b in content if b.delete_horizon_ms is not None],
            state=state,
        )
        encoded = msgspec.json.encode(manifest)
        try:
            self._room.files.replace(self._directory / MANIFEST, encoded)
        except OSError as error:
            # What makes room needs a little room itself.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self._room.release_reserve():
                raise
            self._room.files.replace(self._directory / MANIFEST, encoded)
        try:
            self._room.files.sync_directory(self._directory)
        except OSError as error:
            raise self._room.syncer.fail(error) from error

    def _remove(self, segments: list[Segment]) -> None:
        for segment in segments:
            self._room.syncer.forget(segment)
            self._room.files.close(segment.descriptor)
            try:
                self._room.files.remove(segment.path)
            except OSError as error:  # it does not count any more, and the next start tries again
                logger.warning("could not remove %s: %s", segment.path, error.strerror)

    def close(self) -> None:
        for segment in self._segments:
            self._room.syncer.forget(segment)
            self._room.files.close(segment.descriptor)
        self._segments = []

    # Opening -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        manifest = read_manifest(self._directory / MANIFEST)
        if manifest is not None:
            self.state = manifest.state
            horizons = dict(manifest.horizons)
            after = -1
            for name, created_ms in manifest.segments:
                segment = self._open_segment(name, created_ms)
                newest = name == manifest.segments[-1][0]
                whole = 0
                for header, position in segment.scan(after, checked=newest):
                    after, whole = header.last_offset, position + header.size
                    if after >= self.state.start_offset:
                        self._add(StoredBatch.of(header, horizons.get(header.base_offset)), Place(segment, position))
                if whole < segment.size:
                    self._cut_off(segment, whole, newest=newest)
                self._segments.append(segment)
            if self._segments:  # what a killed process left unsynced must not be seen and then be lost
                self._room.syncer.sync(self._segments[-1])
        self._remove_what_does_not_count()
        self._next_number = max((segment.number for segment in self._segments), default=-1) + 1

    def _open_segment(self, name: str, created_ms: int) -> Segment:
        try:
            return Segment.open(self._room.files, self._directory / name, created_ms)
        except FileNotFoundError:
            raise BrokenLog(f"{self._directory / name} is missing") from None

    def _cut_off(self, segment: Segment, whole: int, *, newest: bool) -> None:
        if not newest:
            raise BrokenLog(f"{segment.path} holds no record batch at {whole}, and is not the newest of its partition")
        logger.warning("%s: cut off %d bytes at %d, a batch not whole", segment.path, segment.size - whole, whole)
        self._room.files.truncate(segment.descriptor, whole)
        segment.size = whole

    def _remove_what_does_not_count(self) -> None:
        counts = {MANIFEST, *(segment.path.name for segment in self._segments)}
        for path in self._directory.iterdir() if self._directory.is_dir() else ():
            if path.name not in counts:
                self._room.files.remove(path)


class FileReplacement:
    """Segments that are being written to take the place of others."""

    def __init__(self, store: FileBatchStore) -> None:
        self._store = store
        self.segments: list[Segment] = []
        self.entries: list[tuple[StoredBatch, Place]] = []

    def append(self, batch: StoredBatch, data: bytes) -> None:
        store = self._store
        with store._room.wanted():
            if not self.segments or self.segments[-1].size + batch.size > store._limits.bytes:
                self._close_last()
                self.segments.append(store._new_segment(batch.base_offset))
            self.entries.append((batch, store._write(self.segments[-1], data)))

    def sync(self) -> None:
        """Bring it to disk. Raises `OSError`."""
        self._close_last()
        self._store._room.files.sync_directory(self._store._directory)

    def take(self) -> list[tuple[StoredBatch, Place]]:
        """What it holds, which now is the store's."""
        entries = self.entries
        self.segments, self.entries = [], []
        return entries

    def discard(self) -> None:
        self._store._remove(self.segments)
        self.segments, self.entries = [], []

    def _close_last(self) -> None:
        if self.segments:
            self._store._room.syncer.sync(self.segments[-1])
