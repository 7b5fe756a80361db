"""The transaction coordinator: which transaction is open, what it touches, and how it ends.

A transactional id belongs to one producer at a time. Whoever initializes it gets a higher epoch, and whoever holds a
lower one is fenced: nothing of his is accepted any more, and the transaction that he left open is aborted before the
newcomer gets its answer. The rules are those of Apache Kafka's TransactionCoordinator.

The end of a transaction, in order:

 1. Keep the outcome, the partitions to be marked and, for a commit, the group offsets: one record batch, all or
    nothing. From here on it is decided, whatever happens.
 2. Barrier: no marker may survive a power cut that the decision does not.
 3. Make the offsets the groups' own (by the record of 1 itself, if nothing lies between), and write the marker into
    each partition, where readers see it.

The producer is answered after 2 if `marker_delay_ms` is set: in Apache Kafka some milliseconds lie before 3, and `tick`
does it then. Else it is answered after 3, and `tick` does what found no room on the disk. A start does 3 for every
decision, wherever the transaction is still open, and waits for nothing.

While 3 is not done the transaction is `ending`. A write to a partition that it has written to, and offsets of a group
that it has offsets of, still belong to it and share its outcome; whatever else the producer or its successor tries,
they are told to try again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from topics.embedded.errors import ErrorCode, Refused, coordinating
from topics.embedded.group import CommittedOffset, TopicPartition
from topics.embedded.journal import TRANSACTION, Changes, Key, TransactionRecord, offset_changes
from topics.embedded.log import Clock, PartitionLog
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.producer_ids import ProducerIds
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity, Transaction, TransactionState

logger = logging.getLogger(__name__)

MAX_EPOCH = 2**15 - 1
"""The epoch is 16 bits wide. The last one only ever fences; then the id goes on with a new producer id."""

ApplyOffsets = Callable[[str, Mapping[TopicPartition, CommittedOffset]], None]


class TransactionCoordinator:
    """All transactional ids of the broker."""

    def __init__(
        self,
        topics: TopicRegistry,
        apply_offsets: ApplyOffsets,
        clock: Clock,
        settings: BrokerSettings,
        first_producer_id: int = 0,
        storage: Storage | None = None,
    ) -> None:
        """`clock` is for timeouts and need not tell the time. Everything is kept in memory by default."""
        self._topics = topics
        self._apply_offsets = apply_offsets
        self._clock = clock
        self._settings = settings
        self._storage = storage or MemoryStorage(clock)
        self._ids = ProducerIds(self._storage, first_producer_id)
        self._transactions: dict[str, Transaction] = {}
        self._by_producer: dict[int, Transaction] = {}

    def restore(self, records: Mapping[Key, TransactionRecord], next_producer_id: int) -> None:
        """Take up what was kept, by transactional id, over the recovered logs. What was decided is carried through;
        what is open stays so for the rest of its timeout, in which the time that the broker was away counts."""
        self._ids.restore(next_producer_id)
        for (transactional_id,), record in records.items():
            age_ms = max(0, self._storage.clock() - record.changed_ms)
            transaction = Transaction.restored(str(transactional_id), record, age_ms, self._clock())
            self._transactions[transaction.transactional_id] = transaction
            self._by_producer[transaction.producer_id] = transaction
        open_in: dict[int, set[TopicPartition]] = {}
        for topic in self._topics:
            for number, log in enumerate(topic.partitions):
                for producer_id, epoch in log.producers.open_transactions():
                    open_in.setdefault(producer_id, set()).add((topic.name, number))
                    self._abort_if_nobodys(log, producer_id, epoch, (topic.name, number))
        for transaction in list(self._transactions.values()):
            if transaction.state is not TransactionState.ONGOING:
                transaction.partitions &= open_in.get(transaction.producer_id, set())
                with contextlib.suppress(Refused):  # no room: `tick` goes on
                    self._take_effect(transaction)
        self._storage.barrier()

    def _abort_if_nobodys(self, log: PartitionLog, producer_id: int, epoch: int, where: TopicPartition) -> None:
        """Abort what is open in a log and in no transaction, or readers would wait for ever. Only a power cut under a
        lax fsync policy leaves such: the partition reached the disk and the journal did not."""
        transaction = self._by_producer.get(producer_id)
        if transaction is None or where not in transaction.partitions:
            logger.warning("%s-%d: aborting what producer %d left open, in no transaction", *where, producer_id)
            with contextlib.suppress(Refused):
                log.end_transaction(producer_id, epoch, commit=False)

    def init_producer(self, transactional_id: str | None, timeout_ms: int) -> ProducerIdentity:
        """An identity for a producer. With a transactional id it fences the last holder and aborts what that one
        left open. Raises `Refused`."""
        if transactional_id is None:
            return ProducerIdentity(self._ids.new(), 0)
        if not transactional_id:
            raise Refused(ErrorCode.INVALID_REQUEST, "an empty transactional id")
        if not 0 < timeout_ms <= self._settings.max_transaction_timeout_ms:
            raise Refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT, f"{timeout_ms} ms")
        known = self._transactions.get(transactional_id)
        if known is None:
            transaction = Transaction(transactional_id, self._ids.new(), 0, timeout_ms, self._clock())
        else:
            transaction = self._fenced(known)
            # The record below takes the place of the decision, which must not go before the markers are there.
            self._storage.barrier()
        state, now_ms = TransactionState.EMPTY, self._clock()
        transaction = replace(transaction, timeout_ms=timeout_ms, state=state, changed_ms=now_ms)
        self._put(transaction)
        return ProducerIdentity(transaction.producer_id, transaction.epoch)

    def add_partitions(
        self, transactional_id: str, identity: ProducerIdentity, partitions: Iterable[TopicPartition]
    ) -> None:
        """Open a transaction if none is, and let it write to these partitions. Raises `Refused`."""
        transaction = self._begun(self._held_by(transactional_id, identity))
        wanted = transaction.partitions.union(partitions)
        if transaction is not self._transactions[transactional_id] or wanted != transaction.partitions:
            self._put(replace(transaction, partitions=wanted))

    def add_group(self, transactional_id: str, identity: ProducerIdentity, group_id: str) -> None:
        """Open a transaction if none is, and let it commit offsets of this group. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if not group_id:
            raise Refused(ErrorCode.INVALID_GROUP_ID)
        transaction = self._begun(transaction)
        self._put(replace(transaction, groups=transaction.groups | {group_id}))

    def commit_offsets(
        self,
        transactional_id: str,
        identity: ProducerIdentity,
        group_id: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        """Keep a group's offsets until the transaction commits; an abort drops them. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if transaction.ending and group_id not in transaction.offsets:  # as in `check_write`
            raise Refused(ErrorCode.COORDINATOR_NOT_AVAILABLE, "the last transaction is ending")
        if group_id not in transaction.groups:  # what has taken effect has none
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"group {group_id} is not in an open transaction")
        of_group = {**transaction.offsets.get(group_id, {}), **offsets}
        self._put(replace(transaction, offsets={**transaction.offsets, group_id: of_group}))

    def end(self, transactional_id: str, identity: ProducerIdentity, *, commit: bool) -> None:
        """Commit or abort. Said again with the same outcome it succeeds once that has taken effect, since the first
        answer may have been lost; with the other it is refused. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if transaction.state is TransactionState.ONGOING:
            self._end(transaction, commit=commit)
            return
        if transaction.state is not (TransactionState.COMMITTED if commit else TransactionState.ABORTED):
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"the last transaction is {transaction.state}")
        self._settled(transaction)

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
        if transactional and transaction.ending and not self._wrote_to(partition, identity.producer_id):
            # The producer shall try again; versions of the request that know CONCURRENT_TRANSACTIONS came later.
            raise Refused(ErrorCode.NOT_ENOUGH_REPLICAS, "the last transaction is ending")
        if transactional and partition not in transaction.partitions:  # what has taken effect has none
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"{partition} is not in an open transaction")

    def tick(self) -> None:
        """Let ends take effect that are due, or found no room. Abort what is open for longer than its timeout; its
        producer is fenced. Forget ids long unused."""
        now_ms = self._clock()
        for transaction in list(self._transactions.values()):
            with contextlib.suppress(Refused):  # not due yet, or no room: at the next tick again
                self._look_at(transaction, now_ms)

    def _look_at(self, transaction: Transaction, now_ms: int) -> None:
        if transaction.state is TransactionState.ONGOING:
            if now_ms - transaction.changed_ms >= transaction.timeout_ms:
                logger.info("transaction of %s timed out", transaction.transactional_id)
                self._end(replace(transaction, epoch=transaction.epoch + 1), commit=False)
        elif transaction.ending:
            self._settled(transaction)
        elif now_ms - transaction.changed_ms >= self._settings.transactional_id_expiry_ms:
            self._storage.record({(TRANSACTION, transaction.transactional_id): None})
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

    def _begun(self, transaction: Transaction) -> Transaction:
        """With a transaction open: the one that is, else a new one. Raises `Refused` while the last is ending."""
        if transaction.state is TransactionState.ONGOING:
            return transaction
        settled = self._settled(transaction)
        return replace(settled, state=TransactionState.ONGOING, changed_ms=self._clock())

    def _fenced(self, transaction: Transaction) -> Transaction:
        """Settled and with a raised epoch; what was open is aborted under it. After the last epoch comes a new producer
        id. Raises `Refused` while the last transaction is ending. The caller puts what is returned."""
        transaction = self._settled(transaction)
        epoch = min(transaction.epoch + 1, MAX_EPOCH)
        if transaction.state is TransactionState.ONGOING:
            transaction = self._settled(self._end(replace(transaction, epoch=epoch), commit=False))
        transaction = replace(transaction, epoch=epoch)
        if epoch == MAX_EPOCH:
            transaction = replace(transaction, producer_id=self._ids.new(), epoch=0)
        return transaction

    def _end(self, transaction: Transaction, *, commit: bool) -> Transaction:
        """Steps 1 to 3, or 1 and 2; what the id has come to. Raises `Refused` before 1 is done, never after it."""
        outcome = TransactionState.COMMITTED if commit else TransactionState.ABORTED
        transaction = replace(transaction, state=outcome, changed_ms=self._clock())
        if self._settings.marker_delay_ms:
            self._put(transaction)
            self._storage.barrier()
            return transaction
        transaction = self._put_with_offsets(transaction)
        self._storage.barrier()
        with contextlib.suppress(Refused):  # no room: `tick` goes on
            self._take_effect(transaction)
        return transaction

    def _settled(self, transaction: Transaction) -> Transaction:
        """With its end in effect, if it has one, and on disk: what is put next takes the place of the decision. Raises
        `Refused` when it is not due yet or finds no room."""
        if not transaction.ending:
            return transaction
        if self._clock() - transaction.changed_ms < self._settings.marker_delay_ms:
            raise Refused(ErrorCode.CONCURRENT_TRANSACTIONS, "the last transaction is ending")
        transaction = self._take_effect(transaction)
        self._storage.barrier()
        return transaction

    def _take_effect(self, transaction: Transaction) -> Transaction:
        """Step 3 of a decided transaction, as far as it is not done. Raises `Refused` if something finds no room."""
        try:
            if transaction.groups:
                transaction = self._put_with_offsets(transaction)
            for topic, partition in sorted(transaction.partitions):
                log = self._topics.find_partition(topic, partition)
                if log is not None:  # None: its topic was deleted meanwhile
                    commit = transaction.state is TransactionState.COMMITTED
                    log.end_transaction(transaction.producer_id, transaction.epoch, commit=commit)
                transaction.partitions.discard((topic, partition))
        except Refused as refused:
            raise Refused(ErrorCode.CONCURRENT_TRANSACTIONS, refused.reason) from refused
        return transaction

    def _put_with_offsets(self, transaction: Transaction) -> Transaction:
        """Put a decided transaction together with the offsets that it commits, which are the groups' from here on."""
        offsets = transaction.offsets if transaction.state is TransactionState.COMMITTED else {}
        transaction = replace(transaction, groups=frozenset(), offsets={})
        changes = [each for known in offsets.items() for each in offset_changes(*known).items()]
        self._put(transaction, dict(changes))
        for group_id, of_group in offsets.items():
            self._apply_offsets(group_id, of_group)
        return transaction

    def _put(self, transaction: Transaction, more: Changes | None = None) -> None:
        """Keep what an id has come to, and what changes with it; then it is so. Raises `Refused`, with nothing
        changed."""
        if self._storage.journal is not None:
            changed_ms = self._storage.clock() - (self._clock() - transaction.changed_ms)
            kept: Changes = {(TRANSACTION, transaction.transactional_id): transaction.record(changed_ms)}
            with coordinating():
                self._storage.record({**(more or {}), **kept})
        former = self._transactions.get(transaction.transactional_id)
        if former is not None:
            self._by_producer.pop(former.producer_id, None)
        self._transactions[transaction.transactional_id] = transaction
        self._by_producer[transaction.producer_id] = transaction
