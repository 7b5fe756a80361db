"""The log of one partition: batches under growing offsets, and what a reader of committed records needs to know.

Three offsets bound it. The start is the first that can still be read; the end is the next to be given. Between them
lies the last stable offset (LSO): the first offset of the oldest open transaction, or the end if none is open. A
read_committed reader sees nothing at or past it, so everything it sees is decided; which of it was aborted, the log
tells beside the batches, and the reader drops those.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch

from topics.embedded import batch as batches
from topics.embedded.configs import TopicConfig
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.partition_state import AbortedTransaction, PartitionState
from topics.embedded.producers import ProducerStates
from topics.embedded.store import BatchStore, MemoryBatchStore, Replacement, StoredBatch

Clock = Callable[[], int]
"""Milliseconds since 1970."""


class Appended(NamedTuple):
    """Where a batch went; `append_time_ms` is -1 unless the topic stamps records with the broker's time."""

    base_offset: int
    append_time_ms: int


class PartitionLog:
    """One partition. Every method takes effect at once and whole: the broker runs in one thread."""

    def __init__(self, config: TopicConfig, clock: Clock, store: BatchStore | None = None) -> None:
        """A log over what the store holds: an empty one in memory by default."""
        self.config = config
        self.store: BatchStore = MemoryBatchStore() if store is None else store
        state = self.store.state
        self.producers = ProducerStates(state.producers)
        self.start_offset = state.start_offset
        self.end_offset = state.end_offset
        self.compacted_until = state.compacted_until
        """Compaction has been over everything before this offset; the rest is dirty."""
        self.revision = 0
        """Grows whenever the head of the log is taken away or replaced."""
        self._clock = clock
        self._aborted = list(state.aborted)  # by last offset, since markers are appended in order
        self._waiting: set[asyncio.Event] = set()
        self._read_off(state.end_offset)

    @property
    def last_stable_offset(self) -> int:
        """First offset that a read_committed reader does not see."""
        first_open = self.producers.first_open_offset()
        return self.end_offset if first_open is None else max(first_open, self.start_offset)

    def attempted(self, header: batches.BatchHeader) -> None:
        """A producer sent a batch; to be said before the transaction coordinator may refuse it."""
        self.producers.attempted(header, self._clock())

    def append(self, data: bytes) -> Appended:
        """Store a batch from a producer; one that was stored before is not stored again, its place is told.

        Whether a transactional batch belongs to an open transaction is for the transaction coordinator to say first.
        Raises `Refused`."""
        header = batches.check_produced(data)
        config, now_ms = self.config, self._clock()
        if header.size > config.max_message_bytes:
            raise Refused(ErrorCode.MESSAGE_TOO_LARGE, f"{header.size} bytes > {config.max_message_bytes}")
        if header.producer_id != batches.NO_PRODUCER:
            known = self.producers.duplicate_of(header)
            if known is not None:
                return Appended(known.base_offset, known.append_time_ms if config.log_append_time else -1)
            self.producers.check(header)
        if config.log_append_time:
            data = batches.with_append_time(data, now_ms)
        elif header.max_timestamp > now_ms + config.timestamp_after_max_ms:
            raise Refused(ErrorCode.INVALID_TIMESTAMP, f"timestamp {header.max_timestamp} lies in the future")
        batches.check_records(data, header, keyed=config.compacted)
        base_offset = self._store(batches.with_offset(data, self.end_offset))
        if header.producer_id != batches.NO_PRODUCER:
            self.producers.appended(header, base_offset, now_ms)
        self.wake_readers()
        return Appended(base_offset, now_ms if config.log_append_time else -1)

    def end_transaction(self, producer_id: int, producer_epoch: int, *, commit: bool) -> None:
        """Append the marker that ends a producer's transaction here, which lets the last stable offset move on. Raises
        `Refused` when there is no room for it."""
        now_ms = self._clock()
        marker = batches.control_batch(self.end_offset, producer_id, producer_epoch, commit=commit, now_ms=now_ms)
        marker_offset = self._store(marker)
        self._transaction_ended(producer_id, producer_epoch, marker_offset, now_ms, commit=commit)
        self.wake_readers()

    def _transaction_ended(
        self, producer_id: int, producer_epoch: int, marker_offset: int, now_ms: int, *, commit: bool
    ) -> None:
        first_offset = self.producers.transaction_ended(producer_id, producer_epoch, now_ms)
        if first_offset is not None and not commit:
            self._aborted.append(AbortedTransaction(producer_id, first_offset, marker_offset))

    def read(self, offset: int, max_bytes: int, until: int) -> tuple[bytes, int]:
        """Whole batches from the one holding `offset` up to `until` (exclusive), and the offset after the last of
        them. They are at most `max_bytes` long, except that a first batch comes whole however long it is, so that a
        reader can always go on. Raises `Refused` if the log does not reach to `offset`."""
        if not self.start_offset <= offset <= self.end_offset:
            raise Refused(ErrorCode.OFFSET_OUT_OF_RANGE, f"{offset} not in {self.start_offset}..{self.end_offset}")
        first = position = self.store.position_of(offset)
        size = 0
        while position < len(self.store) and self.store[position].last_offset < until:
            stored = self.store[position]
            if position > first and size + stored.size > max_bytes:
                break
            size += stored.size
            offset = stored.last_offset + 1
            position += 1
        return self.store.read(first, position) if position > first else b"", offset

    def aborted_between(self, offset: int, until: int) -> list[AbortedTransaction]:
        """The aborted transactions that overlap the offsets from `offset` to `until` (exclusive)."""
        first = bisect_left(self._aborted, offset, key=lambda transaction: transaction.last_offset)
        return [transaction for transaction in self._aborted[first:] if transaction.first_offset < until]

    def offset_for_time(self, timestamp: int) -> tuple[int, int] | None:
        """The first record at or after a time, as (offset, its timestamp)."""
        for position, stored in enumerate(self.store):
            if stored.max_timestamp >= timestamp:
                for record in DefaultRecordBatch(self.store.read(position, position + 1)):
                    if record.timestamp >= timestamp and record.offset >= self.start_offset:
                        return record.offset, record.timestamp
        return None

    def delete_before(self, offset: int) -> None:
        """Let the log start at `offset` if it does not yet; batches that end before it are dropped. Raises `Refused`
        when that cannot be kept."""
        if offset <= self.start_offset:
            return
        offset = min(offset, self.end_offset)
        count = self.store.position_of(offset)
        aborted = self._aborted_from(offset)
        self.store.replace_head(count, None, self._state(offset, self.compacted_until, aborted))
        self.start_offset, self._aborted = offset, aborted
        if count:
            self.revision += 1

    def compacted(self, count: int, replacement: Replacement) -> None:
        """Take over what compaction made of the oldest `count` batches. Raises `Refused` when there is no room.

        An aborted transaction whose marker was among them has left no record behind, neither its own nor its marker.
        It must be forgotten in the same step: a reader that was still told of it would wait for a marker that never
        comes, and drop whatever the same producer committed later."""
        compacted_until = self.store[count].base_offset
        aborted = self._aborted_from(compacted_until)
        self.store.replace_head(count, replacement, self._state(self.start_offset, compacted_until, aborted))
        self.compacted_until, self._aborted = compacted_until, aborted
        self.revision += 1

    def aborted(self) -> list[AbortedTransaction]:
        """Every aborted transaction that still has records or its marker in the log."""
        return list(self._aborted)

    def close(self) -> None:
        """The topic's end, or the broker's."""
        self.store.close()
        self.revision += 1
        self.wake_readers()

    def watch(self, event: asyncio.Event) -> None:
        """Set `event` whenever there may be more to read, until `unwatch`."""
        self._waiting.add(event)

    def unwatch(self, event: asyncio.Event) -> None:
        self._waiting.discard(event)

    def wake_readers(self) -> None:
        for event in self._waiting:
            event.set()

    def _store(self, data: bytes) -> int:
        header = batches.read_header(data)
        self.store.append(StoredBatch.of(header), data)
        self.end_offset = header.last_offset + 1
        return header.base_offset

    def _aborted_from(self, offset: int) -> list[AbortedTransaction]:
        """Those that reach to `offset` or beyond it."""
        return self._aborted[bisect_left(self._aborted, offset, key=lambda transaction: transaction.last_offset) :]

    def _state(self, start_offset: int, compacted_until: int, aborted: list[AbortedTransaction]) -> PartitionState:
        return PartitionState(
            start_offset=start_offset,
            end_offset=self.end_offset,
            compacted_until=compacted_until,
            producers=self.producers.state(),
            aborted=aborted,
        )

    def _read_off(self, offset: int) -> None:
        """Learn from the batches from `offset` on what appending them had taught. When they were appended is not kept;
        a producer counts as heard of now."""
        now_ms = self._clock()
        for position in range(self.store.position_of(offset), len(self.store)):
            stored = self.store[position]
            self.end_offset = stored.last_offset + 1
            if stored.producer_id == batches.NO_PRODUCER:
                continue
            data = self.store.read(position, position + 1)
            header = batches.read_header(data)
            who = (header.producer_id, header.producer_epoch)
            if stored.is_control:
                self._transaction_ended(*who, stored.base_offset, now_ms, commit=batches.is_commit(data))
            else:
                self.producers.appended(header, stored.base_offset, now_ms, header.max_timestamp)
