"""A transactional id, and its current or last transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from topics.embedded.group import CommittedOffset, TopicPartition
from topics.embedded.journal import TransactionRecord


class TransactionState(StrEnum):
    """What the last transaction of an id came to."""

    EMPTY = "empty"
    ONGOING = "ongoing"
    COMMITTED = "committed"
    ABORTED = "aborted"


class ProducerIdentity(NamedTuple):
    """What a producer signs its writes with."""

    producer_id: int
    epoch: int


@dataclass(slots=True)
class Transaction:
    """A transactional id: who holds it, and its current or last transaction."""

    transactional_id: str
    producer_id: int
    epoch: int
    timeout_ms: int
    changed_ms: int
    state: TransactionState = TransactionState.EMPTY
    partitions: set[TopicPartition] = field(default_factory=set)
    """While it is open those that it may write to; after its end those that its marker has not reached yet."""
    groups: frozenset[str] = frozenset()
    """While it is open those that it may commit offsets of; after its end those that do not count its offsets yet."""
    offsets: dict[str, dict[TopicPartition, CommittedOffset]] = field(default_factory=dict)
    """Offsets by group, kept until the commit takes effect."""

    @property
    def ending(self) -> bool:
        """Whether it is decided and has not taken effect everywhere."""
        return self.state is not TransactionState.ONGOING and bool(self.partitions or self.groups)

    @classmethod
    def restored(cls, transactional_id: str, record: TransactionRecord, age_ms: int, now_ms: int) -> Transaction:
        """From what was kept `age_ms` ago."""
        offsets: dict[str, dict[TopicPartition, CommittedOffset]] = {}
        for group_id, topic, partition, offset in record.offsets:
            offsets.setdefault(group_id, {})[topic, partition] = offset
        return cls(
            transactional_id,
            record.producer_id,
            record.epoch,
            record.timeout_ms,
            now_ms - age_ms,
            TransactionState(record.state),
            set(record.partitions),
            frozenset(record.groups),
            offsets,
        )

    def record(self, changed_ms: int) -> TransactionRecord:
        """As it is kept; `changed_ms` is when it last changed, by a clock that tells the time."""
        return TransactionRecord(
            producer_id=self.producer_id,
            epoch=self.epoch,
            timeout_ms=self.timeout_ms,
            changed_ms=changed_ms,
            state=self.state.value,
            partitions=sorted(self.partitions),
            groups=sorted(self.groups),
            offsets=[
                (group_id, *partition, offset)
                for group_id, of_group in self.offsets.items()
                for partition, offset in of_group.items()
            ],
        )
