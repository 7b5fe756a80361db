"""Where a partition's batches lie. The log above decides what to keep; a store only keeps it.

This one is a list in memory; `file_store` keeps files and offers the same few operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from topics.embedded.batch import NO_PRODUCER, BatchHeader
from topics.embedded.partition_state import PartitionState


@dataclass(slots=True, frozen=True)
class StoredBatch:
    """What the log knows of a batch without reading it."""

    base_offset: int
    last_offset: int
    max_timestamp: int
    size: int
    producer_id: int = NO_PRODUCER
    is_transactional: bool = False
    is_control: bool = False
    delete_horizon_ms: int | None = None
    """When the tombstones in it may go (KIP-534); None until compaction first meets them."""

    @classmethod
    def of(cls, header: BatchHeader, delete_horizon_ms: int | None = None) -> StoredBatch:
        return cls(
            base_offset=header.base_offset,
            last_offset=header.last_offset,
            max_timestamp=header.max_timestamp,
            size=header.size,
            producer_id=header.producer_id,
            is_transactional=header.is_transactional,
            is_control=header.is_control,
            delete_horizon_ms=delete_horizon_ms,
        )


class Replacement(Protocol):
    """Batches that shall take the place of the oldest ones, gathered while those are still read."""

    def append(self, batch: StoredBatch, data: bytes) -> None: ...

    def discard(self) -> None:
        """Give it up, unless it has taken its place."""


class BatchStore(Protocol):
    """Batches of one partition in order of their offsets, addressed by position: 0 is the oldest."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def state(self) -> PartitionState:
        """The state given last; what it knows is that of the batches before its end offset."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int) -> StoredBatch: ...

    def __iter__(self) -> Iterator[StoredBatch]: ...

    def position_of(self, offset: int) -> int:
        """Position of the first batch that ends at `offset` or later; the length if there is none."""

    def read(self, first: int, end: int) -> bytes:
        """The bytes of the batches from position `first` up to `end` (exclusive), one after the other."""

    def append(self, batch: StoredBatch, data: bytes) -> None:
        """All or nothing. Raises `Refused` when there is no room."""

    def replacement(self) -> Replacement:
        """Where compaction puts what it keeps. What it raises is as for `append`."""

    def replace_head(self, count: int, replacement: Replacement | None, state: PartitionState) -> None:
        """Put a replacement, or nothing, in the place of the oldest `count` batches, and keep the state; all or
        nothing. Raises `Refused` when there is no room."""

    def close(self) -> None:
        """Give up what is open."""


Place = TypeVar("Place")


class BatchIndex(Generic[Place]):
    """The batches of a store by position and by offset, each with the place where its bytes are."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self.state = PartitionState()
        self._batches: list[StoredBatch] = []
        self._last_offsets: list[int] = []
        self._places: list[Place] = []

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, position: int) -> StoredBatch:
        return self._batches[position]

    def __iter__(self) -> Iterator[StoredBatch]:
        return iter(self._batches)

    def position_of(self, offset: int) -> int:
        return bisect_left(self._last_offsets, offset)

    def _add(self, batch: StoredBatch, place: Place) -> None:
        self._batches.append(batch)
        self._last_offsets.append(batch.last_offset)
        self._places.append(place)
        self.size_bytes += batch.size

    def _put_in_place_of(self, count: int, entries: Sequence[tuple[StoredBatch, Place]]) -> None:
        self.size_bytes += sum(batch.size for batch, _ in entries) - sum(batch.size for batch in self._batches[:count])
        self._batches[:count] = [batch for batch, _ in entries]
        self._last_offsets[:count] = [batch.last_offset for batch, _ in entries]
        self._places[:count] = [place for _, place in entries]


class MemoryReplacement:
    """Batches in memory that are not yet in their place."""

    def __init__(self) -> None:
        self.entries: list[tuple[StoredBatch, bytes]] = []

    def append(self, batch: StoredBatch, data: bytes) -> None:
        self.entries.append((batch, data))

    def discard(self) -> None:
        self.entries = []


class MemoryBatchStore(BatchIndex[bytes]):
    """Batches in memory."""

    def read(self, first: int, end: int) -> bytes:
        return self._places[first] if end == first + 1 else b"".join(self._places[first:end])

    def append(self, batch: StoredBatch, data: bytes) -> None:
        self._add(batch, data)

    def replacement(self) -> MemoryReplacement:
        return MemoryReplacement()

    def replace_head(self, count: int, replacement: Replacement | None, state: PartitionState) -> None:
        assert replacement is None or isinstance(replacement, MemoryReplacement)
        self._put_in_place_of(count, replacement.entries if replacement is not None else ())
        self.state = state

    def close(self) -> None:
        self._put_in_place_of(len(self), ())
