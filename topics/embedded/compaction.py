"""Keeping only the last record of each key: cleanup.policy=compact.

The rules, as in Apache Kafka's LogCleaner, and why:

- Only what lies below the last stable offset is touched: above it nothing is decided yet.
- The last batch below it stays as it is, whatever it holds. Offsets before it may vanish, but a reader that wants to
  come up to the last stable offset finds a batch that carries it there.
- Records of aborted transactions go, and so do the markers of transactions that ended in the compacted part. What is
  left there is committed, so it is written as plain records, without producer: no list of aborted transactions can
  touch it, and no marker is missed. The log forgets those aborted transactions in the same step (`compacted`).
  Sequence numbers are not lost with the producer: the log keeps them apart from the batches.
- Records keep offset, timestamp, key, value and headers.
- A tombstone (null value) stays for delete.retention.ms after the first compaction that met it, so that a reader
  that is that far behind still learns of the deletion. Then it goes (KIP-534).

Compaction goes on while records come in; it works on the head of the log and yields between batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.record.default_records import DefaultRecord, DefaultRecordBatch, DefaultRecordBatchBuilder

from topics.embedded import batch as batches
from topics.embedded.log import PartitionLog
from topics.embedded.partition_state import AbortedTransaction
from topics.embedded.store import Replacement, StoredBatch

MAX_OFFSET_DELTA = 2**31 - 1
"""Offsets in a batch are 32 bits wide, counted from its first."""

MERGED_BYTES = 256 * 1024
"""Small batches are merged up to about this size (before compression)."""


def is_due(log: PartitionLog, now_ms: int) -> bool:
    """Whether enough of the log is dirty (min.cleanable.dirty.ratio), or something has been dirty for long enough
    (max.compaction.lag.ms), or a tombstone's time is over."""
    if not log.config.compacted:
        return False
    count = _compactable(log, now_ms)
    first_dirty = min(log.store.position_of(log.compacted_until), count)
    clean = [log.store[position] for position in range(first_dirty)]
    if any(stored.delete_horizon_ms is not None and stored.delete_horizon_ms <= now_ms for stored in clean):
        return True
    if first_dirty < count and log.store[first_dirty].max_timestamp <= now_ms - log.config.max_compaction_lag_ms:
        return True
    clean_bytes = sum(stored.size for stored in clean)
    dirty_bytes = sum(log.store[position].size for position in range(first_dirty, count))
    return dirty_bytes > 0 and dirty_bytes >= log.config.min_dirty_ratio * (clean_bytes + dirty_bytes)


def compact(log: PartitionLog, now_ms: int) -> Iterator[None]:
    """Compact a partition, yielding now and then so that others can run. If the head of the log changes meanwhile
    (records deleted, a topic's end), nothing is done."""
    count = _compactable(log, now_ms)
    if count == 0:
        return
    revision = log.revision
    aborted = _by_producer(log.aborted())
    last_offset_of: dict[bytes, int] = {}
    for position in range(count):
        if log.revision != revision:
            return
        if not _is_undone(log.store[position], aborted):
            last_offset_of.update((key, record.offset) for key, record in _keyed(log, position))
        yield
    replacement = log.store.replacement()
    try:
        yield from _rewrite(log, revision, count, aborted, last_offset_of, now_ms, replacement)
        if log.revision == revision:
            log.compacted(count, replacement)
    finally:
        replacement.discard()


def _rewrite(
    log: PartitionLog,
    revision: int,
    count: int,
    aborted: dict[int, list[AbortedTransaction]],
    last_offset_of: dict[bytes, int],
    now_ms: int,
    replacement: Replacement,
) -> Iterator[None]:
    """Write what stays of the oldest `count` batches into a replacement, while the log is of this revision."""
    merged_bytes = min(MERGED_BYTES, log.config.max_message_bytes)
    rewriter = _Rewriter(now_ms, log.config.delete_retention_ms, merged_bytes, replacement)
    for position in range(count):
        if log.revision != revision:
            return
        stored = log.store[position]
        if not _is_undone(stored, aborted):
            codec = batches.read_header(log.store.read(position, position + 1)).codec
            for key, record in _keyed(log, position):
                if record.offset >= log.start_offset and last_offset_of[key] == record.offset:
                    rewriter.add(record, codec, stored.delete_horizon_ms)
        yield
    rewriter.close()


def _compactable(log: PartitionLog, now_ms: int) -> int:
    """How many of the oldest batches may be compacted: those below the last stable offset but the last of them, and
    older than min.compaction.lag.ms."""
    count = log.store.position_of(log.last_stable_offset) - 1
    lag = log.config.min_compaction_lag_ms
    if lag > 0:
        young = (p for p in range(count) if log.store[p].max_timestamp > now_ms - lag)
        count = min(count, next(young, count))
    return max(count, 0)


def _by_producer(aborted: list[AbortedTransaction]) -> dict[int, list[AbortedTransaction]]:
    grouped: dict[int, list[AbortedTransaction]] = {}
    for transaction in aborted:
        grouped.setdefault(transaction.producer_id, []).append(transaction)
    return grouped


def _is_undone(stored: StoredBatch, aborted: dict[int, list[AbortedTransaction]]) -> bool:
    """A marker, or records of an aborted transaction."""
    if stored.is_control:
        return True
    return stored.is_transactional and any(
        transaction.first_offset <= stored.base_offset <= transaction.last_offset
        for transaction in aborted.get(stored.producer_id, ())
    )


def _keyed(log: PartitionLog, position: int) -> Iterator[tuple[bytes, DefaultRecord]]:
    """The records of a batch that have a key. Others can only stem from before the topic was compacted; compaction
    drops them."""
    for record in DefaultRecordBatch(log.store.read(position, position + 1)):
        if record.key is not None:
            yield record.key, record


@dataclass(slots=True)
class _Open:
    """A batch being written."""

    base_offset: int
    codec: int
    builder: DefaultRecordBatchBuilder
    last_offset: int
    delete_horizon_ms: int | None = None


class _Rewriter:
    """Writes the records that stay into plain batches."""

    def __init__(self, now_ms: int, delete_retention_ms: int, merged_bytes: int, replacement: Replacement) -> None:
        self._now_ms = now_ms
        self._new_horizon_ms = now_ms + delete_retention_ms
        self._merged_bytes = merged_bytes
        self._open: _Open | None = None
        self._replacement = replacement

    def add(self, record: DefaultRecord, codec: int, delete_horizon_ms: int | None) -> None:
        """Write a record, unless it is a tombstone whose time is over. `delete_horizon_ms` is its batch's."""
        horizon = None
        if record.value is None:
            horizon = self._new_horizon_ms if delete_horizon_ms is None else delete_horizon_ms
            if horizon <= self._now_ms:
                return
        if not self._fits(codec, horizon) or not self._append(record):
            self.close()
            self._open = _Open(record.offset, codec, self._builder(codec), record.offset)
            self._append(record)
        assert self._open is not None
        if horizon is not None:
            self._open.delete_horizon_ms = horizon

    def _fits(self, codec: int, horizon: int | None) -> bool:
        """All tombstones of a batch share one horizon, all records one compression."""
        return (
            self._open is not None
            and self._open.codec == codec
            and (horizon is None or self._open.delete_horizon_ms in (None, horizon))
        )

    def _builder(self, codec: int) -> DefaultRecordBatchBuilder:
        return DefaultRecordBatchBuilder(
            magic=2,
            compression_type=codec,
            is_transactional=0,
            producer_id=batches.NO_PRODUCER,
            producer_epoch=-1,
            base_sequence=batches.NO_SEQUENCE,
            batch_size=self._merged_bytes,
        )

    def _append(self, record: DefaultRecord) -> bool:
        target = self._open
        assert target is not None
        delta = record.offset - target.base_offset
        if delta > MAX_OFFSET_DELTA:
            return False
        if target.builder.append(delta, record.timestamp, record.key, record.value, record.headers) is None:
            return False
        target.last_offset = record.offset
        return True

    def close(self) -> None:
        """Finish the batch being written."""
        if self._open is None:
            return
        data = batches.with_offset(bytes(self._open.builder.build()), self._open.base_offset)
        self._replacement.append(StoredBatch.of(batches.read_header(data), self._open.delete_horizon_ms), data)
        self._open = None
