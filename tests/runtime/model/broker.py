"""Topics as far as the design leans on them: offsets, transactions, fencing, isolation, compaction, committed offsets.

One call is one atomic effect. A transaction ends in two steps, as in Kafka: the coordinator decides (`commit`, or an
abort when it fences or loses patience), and then a marker is written into each partition, one after the other, each
taking an offset; a partition shows the transaction to readers when its marker is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from topics.headers import Headers, unpack
from topics.message import Message

TOMBSTONES_KEPT = 1
"""Weeks that compaction leaves a tombstone in place (`delete.retention.ms`)."""


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Fenced(Exception):
    """The producer's epoch is over: somebody else has its transactional id, or its transaction timed out."""


class Outcome(Enum):
    """What has been decided about a transaction."""

    OPEN = auto()
    COMMITTED = auto()
    ABORTED = auto()


class Transaction:
    """A transaction; `settled` are the source offsets whose effect it carries, known only to the checks."""

    def __init__(self, source: Place) -> None:
        self.source = source
        self.outcome = Outcome.OPEN
        self.unmarked: list[Place] = []
        self.sent: list[tuple[Place, bytes | None, bytes | None, Headers]] = []
        self.settled: list[Message] = []


class Record(NamedTuple):
    """A record in a log; `week` is when it was written."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    transaction: Transaction | None
    week: int

    @property
    def committed(self) -> bool:
        return self.transaction is None or self.transaction.outcome is Outcome.COMMITTED


class Log:
    """One partition. `every` keeps what compaction takes away, for the checks alone."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.every: list[Record] = []
        self.end = 0
        self.undecided: dict[Transaction, int] = {}
        """The first offset here of each transaction without a marker."""

    @property
    def stable_end(self) -> int:
        """The last stable offset: nothing before it is undecided."""
        return min(self.undecided.values(), default=self.end)

    def append(self, record: Record) -> None:
        self.records.append(record)
        self.every.append(record)
        self.end += 1

    def mark(self, transaction: Transaction) -> None:
        """Write the marker of a decided transaction; it takes an offset."""
        del self.undecided[transaction]
        self.end += 1


class Broker:
    """All partitions, transactional ids and committed offsets. `on_commit` is told of every decision to commit."""

    def __init__(self, on_commit: Callable[[Transaction], None]) -> None:
        self.week = 0
        self.acked: dict[Place, int] = {}
        self._on_commit = on_commit
        self._logs: dict[Place, Log] = defaultdict(Log)
        self._epochs: dict[str, int] = {}
        self._current: dict[str, Transaction] = {}

    def log(self, place: Place) -> Log:
        return self._logs[place]

    @property
    def places(self) -> list[Place]:
        return list(self._logs)

    # what clients do

    def publish(self, place: Place, key: bytes, value: bytes | None) -> None:
        """A plain producer's write, outside any transaction."""
        self._append(place, key, value, [], None)

    def producer(self, transactional_id: str, source: Place) -> Producer:
        """Start a producer: its id's epoch is raised, and what an earlier holder left open is ended first."""
        epoch = self._epochs[transactional_id] = self._epochs.get(transactional_id, 0) + 1
        self._end(transactional_id)
        return Producer(self, transactional_id, epoch, source)

    def end(self, place: Place, *, committed: bool) -> int:
        """The offset after the last that a reader may see."""
        log = self.log(place)
        return log.stable_end if committed else log.end

    def read(self, place: Place, start: int, end: int, *, committed: bool) -> list[Message]:
        """Every message with `start <= offset < end` that a reader may see, in order."""
        log = self.log(place)
        return [_message(place, r) for r in log.records if start <= r.offset < end and (r.committed or not committed)]

    def ever(self, place: Place) -> list[Message]:
        """Every committed message that was ever there, for the checks."""
        return [_message(place, r) for r in self.log(place).every if r.committed]

    def ack(self, place: Place, offset: int) -> None:
        """Commit an offset for the group; it only goes forward."""
        self.acked[place] = max(self.acked.get(place, 0), offset + 1)

    # what the broker does by itself

    def mark(self) -> bool:
        """Write one marker that is due; False when none is."""
        for transaction in self._current.values():
            if transaction.outcome is not Outcome.OPEN and transaction.unmarked:
                self.log(transaction.unmarked[0]).mark(transaction)
                del transaction.unmarked[0]
                return True
        return False

    def expire(self, source: Place) -> None:
        """Lose patience with the transactions that are open for a source: abort them and fence their producers."""
        for identity, transaction in self._current.items():
            if transaction.source == source and transaction.outcome is Outcome.OPEN:
                self._epochs[identity] += 1
                transaction.outcome = Outcome.ABORTED

    def compact(self, place: Place) -> set[int]:
        """Keep the last committed record of each key below the last stable offset, and tombstones for their time; the
        offsets of what is gone."""
        log = self.log(place)
        stable = log.stable_end
        last = {r.key: r.offset for r in log.records if r.offset < stable and r.committed}
        before = {r.offset for r in log.records}
        log.records = [r for r in log.records if r.offset >= stable or (r.committed and self._stays(r, last))]
        return before - {r.offset for r in log.records}

    def _stays(self, record: Record, last: dict[bytes | None, int]) -> bool:
        forgotten = record.value is None and self.week - record.week > TOMBSTONES_KEPT
        return last[record.key] == record.offset and not forgotten

    # what producers do to it

    def check(self, transactional_id: str, epoch: int) -> None:
        """Raises `Fenced` unless this is the epoch in force."""
        if epoch != self._epochs[transactional_id]:
            raise Fenced(transactional_id)

    def add(self, transactional_id: str, transaction: Transaction) -> None:
        """Begin a transaction, once the markers of the one before are written."""
        self._end(transactional_id)
        self._current[transactional_id] = transaction

    def send(
        self, transaction: Transaction, place: Place, key: bytes | None, value: bytes | None, headers: Headers
    ) -> int:
        log = self.log(place)
        if place not in transaction.unmarked:
            transaction.unmarked.append(place)
            log.undecided[transaction] = log.end
        transaction.sent.append((place, key, value, headers))
        return self._append(place, key, value, headers, transaction)

    def decide(self, transaction: Transaction) -> None:
        """Commit: from here on it cannot be undone, though no reader sees it yet."""
        transaction.outcome = Outcome.COMMITTED
        self._on_commit(transaction)

    def _append(
        self, place: Place, key: bytes | None, value: bytes | None, headers: Headers, transaction: Transaction | None
    ) -> int:
        log = self.log(place)
        log.append(Record(log.end, key, value, headers, transaction, self.week))
        return log.end - 1

    def _end(self, transactional_id: str) -> None:
        """Abort what is open under an id, and write the markers that are due."""
        transaction = self._current.get(transactional_id)
        if transaction is None:
            return
        if transaction.outcome is Outcome.OPEN:
            transaction.outcome = Outcome.ABORTED
        for place in transaction.unmarked:
            self.log(place).mark(transaction)
        transaction.unmarked.clear()


class Producer:
    """A transactional producer in one epoch. Every call may raise `Fenced`."""

    def __init__(self, broker: Broker, transactional_id: str, epoch: int, source: Place) -> None:
        self._broker = broker
        self._id = transactional_id
        self._epoch = epoch
        self._source = source
        self._transaction: Transaction | None = None

    def send(self, place: Place, key: bytes | None, value: bytes | None, headers: Headers) -> int:
        """Add a record to the transaction, which the first one begins; its offset."""
        self._broker.check(self._id, self._epoch)
        if self._transaction is None:
            self._transaction = Transaction(self._source)
            self._broker.add(self._id, self._transaction)
        return self._broker.send(self._transaction, place, key, value, headers)

    def commit(self, settled: list[Message]) -> None:
        """Commit it. The answer may be lost: whoever dies right after this cannot know."""
        self._broker.check(self._id, self._epoch)
        transaction, self._transaction = self._transaction, None
        assert transaction is not None, "nothing was sent"
        transaction.settled = settled
        self._broker.decide(transaction)


def _message(place: Place, record: Record) -> Message:
    return Message(
        topic=place.topic,
        partition=place.partition,
        offset=record.offset,
        timestamp=0,
        key=record.key,
        value=record.value,
        headers=unpack(record.headers),
    )
