"""The transaction coordinator: which transaction is open, what it touches, and how it ends.

A transactional id belongs to one producer at a time. Whoever initializes it gets a higher epoch, and whoever holds a
lower one is fenced: nothing of his is accepted any more, and the transaction that he left open is aborted before the
newcomer gets its answer. The rules are those of Apache Kafka's TransactionCoordinator.

The end of a transaction is first decided, which is what the producer is told, and then written as a marker into each of
its partitions, where readers see it. In Apache Kafka some milliseconds lie between the two; here `marker_delay_ms`, by
default none. A write that arrives between them, to a partition that the transaction has written to, still belongs to it
and shares its outcome; whatever else the producer tries, it is told to try again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group import CommittedOffset, TopicPartition
from topics.embedded.log import Clock
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry

logger = logging.getLogger(__name__)

MAX_EPOCH = 2**15 - 1
"""The epoch is 16 bits wide. The last one only ever fences; then the id goes on with a new producer id."""

ApplyOffsets = Callable[[str, Mapping[TopicPartition, CommittedOffset]], None]


class TransactionState(StrEnum):
    """What the last transaction of an id came to."""

    EMPTY = "empty"
    ONGOING = "ongoing"
    COMMITTING = "committing"
    """To be committed; its markers are not written yet."""
    ABORTING = "aborting"
    COMMITTED = "committed"
    ABORTED = "aborted"


ENDING = (TransactionState.COMMITTING, TransactionState.ABORTING)


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
    groups: set[str] = field(default_factory=set)
    offsets: dict[str, dict[TopicPartition, CommittedOffset]] = field(default_factory=dict)
    """Offsets by group, kept until the commit."""


class TransactionCoordinator:
    """All transactional ids of the broker, and the giving out of producer ids."""

    def __init__(
        self,
        topics: TopicRegistry,
        apply_offsets: ApplyOffsets,
        clock: Clock,
        settings: BrokerSettings,
        first_producer_id: int = 0,
    ) -> None:
        self._topics = topics
        self._apply_offsets = apply_offsets
        self._clock = clock
        self._settings = settings
        self._transactions: dict[str, Transaction] = {}
        self._by_producer: dict[int, Transaction] = {}
        self._next_producer_id = first_producer_id

    def init_producer(self, transactional_id: str | None, timeout_ms: int) -> ProducerIdentity:
        """An identity for a producer. With a transactional id it fences the last holder and aborts what that one
        left open. Raises `Refused`."""
        if transactional_id is None:
            return ProducerIdentity(self._new_producer_id(), 0)
        if not transactional_id:
            raise Refused(ErrorCode.INVALID_REQUEST, "an empty transactional id")
        if not 0 < timeout_ms <= self._settings.max_transaction_timeout_ms:
            raise Refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT, f"{timeout_ms} ms")
        transaction = self._transactions.get(transactional_id)
        if transaction is None:
            transaction = Transaction(transactional_id, self._new_producer_id(), 0, timeout_ms, self._clock())
            self._transactions[transactional_id] = transaction
            self._by_producer[transaction.producer_id] = transaction
        else:
            _check_settled(transaction)
            self._fence(transaction)
            _check_settled(transaction)
            self._renew(transaction)
        transaction.timeout_ms = timeout_ms
        transaction.state = TransactionState.EMPTY
        transaction.changed_ms = self._clock()
        return ProducerIdentity(transaction.producer_id, transaction.epoch)

    def add_partitions(
        self, transactional_id: str, identity: ProducerIdentity, partitions: Iterable[TopicPartition]
    ) -> None:
        """Open a transaction if none is, and let it write to these partitions. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        wanted = set(partitions)
        self._begin(transaction)
        transaction.partitions |= wanted

    def add_group(self, transactional_id: str, identity: ProducerIdentity, group_id: str) -> None:
        """Open a transaction if none is, and let it commit offsets of this group. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if not group_id:
            raise Refused(ErrorCode.INVALID_GROUP_ID)
        self._begin(transaction)
        transaction.groups.add(group_id)

    def commit_offsets(
        self,
        transactional_id: str,
        identity: ProducerIdentity,
        group_id: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        """Keep a group's offsets until the transaction commits; an abort drops them. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if transaction.state in ENDING and group_id not in transaction.offsets:
            # As in `check_write`: to be tried again.
            raise Refused(ErrorCode.COORDINATOR_NOT_AVAILABLE, f"{transactional_id} is {transaction.state}")
        if group_id not in transaction.groups:  # its end emptied them
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"group {group_id} is not in an open transaction")
        transaction.offsets.setdefault(group_id, {}).update(offsets)

    def end(self, transactional_id: str, identity: ProducerIdentity, *, commit: bool) -> None:
        """Commit or abort. Said again with the same outcome it succeeds, since the first answer may have been lost;
        with the other it is refused. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if transaction.state is TransactionState.ONGOING:
            self._decide(transaction, commit=commit)
            return
        if transaction.state is (TransactionState.COMMITTING if commit else TransactionState.ABORTING):
            _check_settled(transaction)
        if transaction.state is not (TransactionState.COMMITTED if commit else TransactionState.ABORTED):
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"the last transaction is {transaction.state}")

    def check_write(self, identity: ProducerIdentity, partition: TopicPartition, *, transactional: bool) -> None:
        """That a producer may write a batch: it is not fenced and, for a transactional batch, its transaction is open
        and holds the partition. A write that comes after the end of its transaction would otherwise open one that
        nobody ends, and readers would wait for ever (KIP-890). Raises `Refused`."""
        transaction = self._by_producer.get(identity.producer_id)
        if transaction is None:
            if transactional:
                raise Refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, f"producer id {identity.producer_id}")
            return
        if identity.epoch != transaction.epoch:
            raise Refused(ErrorCode.INVALID_PRODUCER_EPOCH, f"{identity.epoch}, not {transaction.epoch}")
        if transactional and transaction.state in ENDING and not self._wrote_to(partition, identity.producer_id):
            # The producer shall try again; versions of the request that know CONCURRENT_TRANSACTIONS came later.
            raise Refused(ErrorCode.NOT_ENOUGH_REPLICAS, f"{transaction.transactional_id} is {transaction.state}")
        if transactional and partition not in transaction.partitions:  # its end emptied them
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"{partition} is not in an open transaction")

    def tick(self) -> None:
        """Write the markers that are due. Abort what is open for longer than its timeout; its producer is fenced.
        Forget ids long unused."""
        now_ms = self._clock()
        for transaction in list(self._transactions.values()):
            if transaction.state in ENDING:
                if now_ms - transaction.changed_ms >= self._settings.marker_delay_ms:
                    self._write_markers(transaction)
            elif transaction.state is TransactionState.ONGOING:
                if now_ms - transaction.changed_ms >= transaction.timeout_ms:
                    logger.info("transaction of %s timed out", transaction.transactional_id)
                    self._fence(transaction)
            elif now_ms - transaction.changed_ms >= self._settings.transactional_id_expiry_ms:
                del self._transactions[transaction.transactional_id]
                del self._by_producer[transaction.producer_id]

    def _held_by(self, transactional_id: str, identity: ProducerIdentity) -> Transaction:
        """The transactional id, if this producer holds it. Requests of the versions served know a fenced producer
        only as INVALID_PRODUCER_EPOCH; PRODUCER_FENCED came later and means the same."""
        transaction = self._transactions.get(transactional_id)
        if transaction is None or transaction.producer_id != identity.producer_id:
            raise Refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, f"{transactional_id}: {identity.producer_id}")
        if transaction.epoch != identity.epoch:
            raise Refused(ErrorCode.INVALID_PRODUCER_EPOCH, f"{identity.epoch}, not {transaction.epoch}")
        return transaction

    def _wrote_to(self, partition: TopicPartition, producer_id: int) -> bool:
        log = self._topics.find_partition(*partition)
        return log is not None and log.producers.is_open(producer_id)

    def _begin(self, transaction: Transaction) -> None:
        _check_settled(transaction)
        if transaction.state is not TransactionState.ONGOING:
            transaction.state = TransactionState.ONGOING
            transaction.changed_ms = self._clock()

    def _fence(self, transaction: Transaction) -> None:
        """Raise the epoch, then abort what is open under the new one."""
        transaction.epoch += 1
        if transaction.state is TransactionState.ONGOING:
            self._decide(transaction, commit=False)

    def _renew(self, transaction: Transaction) -> None:
        """Give the id another producer id if its epochs are used up."""
        if transaction.epoch >= MAX_EPOCH:
            del self._by_producer[transaction.producer_id]
            transaction.producer_id, transaction.epoch = self._new_producer_id(), 0
            self._by_producer[transaction.producer_id] = transaction

    def _decide(self, transaction: Transaction, *, commit: bool) -> None:
        """The outcome holds from here on; its markers follow, at once or by a later `tick`."""
        transaction.state = TransactionState.COMMITTING if commit else TransactionState.ABORTING
        transaction.changed_ms = self._clock()
        if self._settings.marker_delay_ms == 0:
            self._write_markers(transaction)

    def _write_markers(self, transaction: Transaction) -> None:
        commit = transaction.state is TransactionState.COMMITTING
        for topic, partition in sorted(transaction.partitions):
            log = self._topics.find_partition(topic, partition)
            if log is not None:  # None: its topic was deleted meanwhile
                log.end_transaction(transaction.producer_id, transaction.epoch, commit=commit)
        if commit:
            for group_id, offsets in transaction.offsets.items():
                self._apply_offsets(group_id, offsets)
        transaction.partitions.clear()
        transaction.groups.clear()
        transaction.offsets.clear()
        transaction.state = TransactionState.COMMITTED if commit else TransactionState.ABORTED
        transaction.changed_ms = self._clock()

    def _new_producer_id(self) -> int:
        producer_id = self._next_producer_id
        self._next_producer_id += 1
        return producer_id


def _check_settled(transaction: Transaction) -> None:
    """That the last transaction has taken effect. Raises `Refused` while its markers are still to be written."""
    if transaction.state in ENDING:
        raise Refused(ErrorCode.CONCURRENT_TRANSACTIONS, f"{transaction.transactional_id} is {transaction.state}")
