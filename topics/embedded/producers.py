"""What one partition remembers of each producer: its epoch, its last batches, its open transaction.

This is how a batch sent twice is stored once, how one that would leave a gap is refused, and how a producer that was
replaced is kept out. The rules are those of Apache Kafka's ProducerStateManager and ProducerAppendInfo.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from topics.embedded.batch import MAX_SEQUENCE, BatchHeader
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.partition_state import ProducerState, SequencedBatch

REMEMBERED_BATCHES = 5
"""A producer has at most five requests in flight, so any batch it sends again is among its last five."""


@dataclass(slots=True)
class Attempt:
    """The earliest batch with which a producer tried to begin a transaction here and has not yet."""

    epoch: int
    sequence: int
    since_ms: int


@dataclass(slots=True)
class Producer:
    """One producer as a partition knows it."""

    epoch: int
    last_seen_ms: int
    batches: deque[SequencedBatch] = field(default_factory=lambda: deque(maxlen=REMEMBERED_BATCHES))


class ProducerStates:
    """The producers of one partition by id."""

    def __init__(self, known: Iterable[ProducerState] = ()) -> None:
        self._producers: dict[int, Producer] = {}
        self._open: dict[int, int] = {}  # producer id -> first offset of its open transaction here
        self._attempts: dict[int, Attempt] = {}
        for each in known:
            kept = deque(each.batches, maxlen=REMEMBERED_BATCHES)
            self._producers[each.producer_id] = Producer(each.epoch, each.last_seen_ms, kept)
            if each.first_open is not None:
                self._open[each.producer_id] = each.first_open

    def __len__(self) -> int:
        return len(self._producers)

    def state(self) -> list[ProducerState]:
        """What is known, as it is kept."""
        return [
            ProducerState(producer_id, one.epoch, one.last_seen_ms, list(one.batches), self._open.get(producer_id))
            for producer_id, one in self._producers.items()
        ]

    def duplicate_of(self, header: BatchHeader) -> SequencedBatch | None:
        """The stored batch that this one repeats: same producer, epoch and sequence numbers."""
        producer = self._producers.get(header.producer_id)
        if producer is None or producer.epoch != header.producer_epoch:
            return None
        wanted = (header.base_sequence, header.last_sequence)
        return next((known for known in producer.batches if known[:2] == wanted), None)

    def attempted(self, header: BatchHeader, now_ms: int) -> None:
        """A batch came that may be refused for what the transaction coordinator knows. If it is the first of a
        transaction here, its number is remembered: were one sent after it taken, it could not be sent again."""
        if not header.is_transactional or header.producer_id in self._open:
            return
        attempt = Attempt(header.producer_epoch, header.base_sequence, now_ms)
        known = self._attempts.setdefault(header.producer_id, attempt)
        if header.producer_epoch > known.epoch:
            known.epoch, known.sequence = header.producer_epoch, header.base_sequence
        elif header.producer_epoch == known.epoch:
            known.sequence = min(known.sequence, header.base_sequence)

    def check(self, header: BatchHeader) -> None:
        """That a batch may be appended. A producer not known here may begin at any number (its earlier records may be
        gone by retention), if it tried none below; a new epoch begins at 0; otherwise the numbers go on without a gap.
        Raises `Refused`."""
        producer = self._producers.get(header.producer_id)
        if producer is not None and header.producer_epoch < producer.epoch:
            raise Refused(ErrorCode.INVALID_PRODUCER_EPOCH, f"epoch {header.producer_epoch} < {producer.epoch}")
        attempt = self._attempts.get(header.producer_id)
        if attempt is not None and header.base_sequence > attempt.sequence:
            raise Refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, f"{header.base_sequence}, not {attempt.sequence}")
        if producer is None:
            return
        if header.producer_id in self._open and not header.is_transactional:
            raise Refused(ErrorCode.INVALID_TXN_STATE, "a plain write while a transaction is open")
        same_epoch = header.producer_epoch == producer.epoch
        last = producer.batches[-1].last_sequence if same_epoch and producer.batches else -1
        expected = (last + 1) & MAX_SEQUENCE
        if header.base_sequence != expected:
            raise Refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, f"{header.base_sequence}, not {expected}")

    def appended(self, header: BatchHeader, base_offset: int, now_ms: int, append_time_ms: int | None = None) -> None:
        """Remember a batch that was stored at `base_offset`, now unless a time is given."""
        producer = self._at_epoch(header.producer_id, header.producer_epoch, now_ms)
        stored_at = now_ms if append_time_ms is None else append_time_ms
        producer.batches.append(SequencedBatch(header.base_sequence, header.last_sequence, base_offset, stored_at))
        if header.is_transactional:
            self._open.setdefault(header.producer_id, base_offset)
            self._attempts.pop(header.producer_id, None)

    def transaction_ended(self, producer_id: int, epoch: int, now_ms: int) -> int | None:
        """First offset of the transaction that a marker ends, None if it wrote nothing here. The marker's epoch holds
        from now on, so an older one is fenced even where its successor has not written yet."""
        self._at_epoch(producer_id, epoch, now_ms)
        self._attempts.pop(producer_id, None)
        return self._open.pop(producer_id, None)

    def is_open(self, producer_id: int) -> bool:
        """Whether a producer's transaction has written here and is not ended yet."""
        return producer_id in self._open

    def open_transactions(self) -> list[tuple[int, int]]:
        """Producer id and epoch of every transaction that is open here."""
        return [(producer_id, self._producers[producer_id].epoch) for producer_id in self._open]

    def first_open_offset(self) -> int | None:
        """Where the oldest open transaction begins."""
        return min(self._open.values(), default=None)

    def expire(self, before_ms: int) -> None:
        """Forget producers that wrote nothing since `before_ms`, unless a transaction is open."""
        for producer_id, producer in list(self._producers.items()):
            if producer.last_seen_ms < before_ms and producer_id not in self._open:
                del self._producers[producer_id]
        for producer_id, attempt in list(self._attempts.items()):
            if attempt.since_ms < before_ms:
                del self._attempts[producer_id]

    def _at_epoch(self, producer_id: int, epoch: int, now_ms: int) -> Producer:
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = Producer(epoch, now_ms)
        if epoch > producer.epoch:
            producer.epoch = epoch
            producer.batches.clear()
        producer.last_seen_ms = now_ms
        return producer
