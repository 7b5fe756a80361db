"""Where a partition's batches lie. The log above decides what to keep; a store only keeps it.

This one is a list in memory. A store on disk would offer the same few operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from topics.embedded.batch import NO_PRODUCER


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


class BatchStore(Protocol):
    """Batches of one partition in order of their offsets, addressed by position: 0 is the oldest."""

    @property
    def size_bytes(self) -> int: ...

    def __len__(self) -> int: ...

    def __getitem__(self, position: int) -> StoredBatch: ...

    def __iter__(self) -> Iterator[StoredBatch]: ...

    def position_of(self, offset: int) -> int:
        """Position of the first batch that ends at `offset` or later; the length if there is none."""

    def data(self, position: int) -> bytes:
        """The bytes of a batch."""

    def append(self, batch: StoredBatch, data: bytes) -> None: ...

    def replace_head(self, count: int, batches: Sequence[tuple[StoredBatch, bytes]]) -> None:
        """Put `batches` in the place of the oldest `count`; with none, these are dropped."""


class MemoryBatchStore:
    """Batches in memory."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._batches: list[StoredBatch] = []
        self._last_offsets: list[int] = []
        self._data: list[bytes] = []

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, position: int) -> StoredBatch:
        return self._batches[position]

    def __iter__(self) -> Iterator[StoredBatch]:
        return iter(self._batches)

    def position_of(self, offset: int) -> int:
        return bisect_left(self._last_offsets, offset)

    def data(self, position: int) -> bytes:
        return self._data[position]

    def append(self, batch: StoredBatch, data: bytes) -> None:
        self._batches.append(batch)
        self._last_offsets.append(batch.last_offset)
        self._data.append(data)
        self.size_bytes += len(data)

    def replace_head(self, count: int, batches: Sequence[tuple[StoredBatch, bytes]]) -> None:
        self.size_bytes += sum(len(data) for _, data in batches) - sum(map(len, self._data[:count]))
        self._batches[:count] = [batch for batch, _ in batches]
        self._last_offsets[:count] = [batch.last_offset for batch, _ in batches]
        self._data[:count] = [data for _, data in batches]
