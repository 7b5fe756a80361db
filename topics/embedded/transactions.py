"""The transaction coordinator: which transaction is open, what it touches, and how it ends.

A transactional id belongs to one producer at a time. Whoever initializes it gets a higher epoch, and whoever holds a
lower one is fenced: nothing of his is accepted any more, and the transaction that he left open is aborted before the
newcomer gets its answer. The rules are those of Apache Kafka's TransactionCoordinator.

The end of a transaction, in order:

 1. Keep the outcome, the partitions to be marked and, for a commit, the group offsets: one record batch, all or
    nothing. From here on it is decided, whatever happens.
 2. Barrier: no marker may survive a power cut that the decision does not.
 3. Write the marker into each partition. A start finds the decisions and the partitions where the transaction is still
    open, and writes the markers that are missing. So does every look at the deadlines, should the disk be full just
    now; until then the id is answered with CONCURRENT_TRANSACTIONS.

Otherwise every step takes effect at once, so there are no states in between.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from topics.embedded.errors import ErrorCode, Refused, coordinating
from topics.embedded.group import CommittedOffset, TopicPartition
from topics.embedded.journal import PRODUCER_IDS, TRANSACTION, Changes, Key, TransactionRecord, Value, offset_changes
from topics.embedded.log import Clock, PartitionLog
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity, Transaction, TransactionState

logger = logging.getLogger(__name__)

MAX_EPOCH = 2**15 - 1
"""The epoch is 16 bits wide. The last one only ever fences; then the id goes on with a new producer id."""

ID_BLOCK = 1000
"""Producer ids are kept as used by so many at once."""

ApplyOffsets = Callable[[str, Mapping[TopicPartition, CommittedOffset]], None]


class TransactionCoordinator:
    """All transactional ids of the broker, and the giving out of producer ids."""

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
        self._transactions: dict[str, Transaction] = {}
        self._by_producer: dict[int, Transaction] = {}
        self._next_producer_id = first_producer_id
        self._ids_kept_until = first_producer_id

    def restore(self, records: Mapping[Key, TransactionRecord], next_producer_id: int) -> None:
        """Take up what was kept, by transactional id, over the recovered logs. What was decided is carried through;
        what is open stays so for the rest of its timeout, in which the time that the broker was away counts."""
        self._next_producer_id = self._ids_kept_until = max(self._next_producer_id, next_producer_id)
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
        for transaction in self._transactions.values():
            if transaction.state is not TransactionState.ONGOING:
                transaction.partitions &= open_in.get(transaction.producer_id, set())
                with contextlib.suppress(Refused):  # no room: `tick` goes on
                    self._mark(transaction)
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
            return ProducerIdentity(self._new_producer_id(), 0)
        if not transactional_id:
            raise Refused(ErrorCode.INVALID_REQUEST, "an empty transactional id")
        if not 0 < timeout_ms <= self._settings.max_transaction_timeout_ms:
            raise Refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT, f"{timeout_ms} ms")
        known = self._transactions.get(transactional_id)
        if known is None:
            transaction = Transaction(transactional_id, self._new_producer_id(), 0, timeout_ms, self._clock())
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
        if transaction.state is not TransactionState.ONGOING or group_id not in transaction.groups:
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"group {group_id} is not in an open transaction")
        of_group = {**transaction.offsets.get(group_id, {}), **offsets}
        self._put(replace(transaction, offsets={**transaction.offsets, group_id: of_group}))

    def end(self, transactional_id: str, identity: ProducerIdentity, *, commit: bool) -> None:
        """Commit or abort. Said again with the same outcome it succeeds, since the first answer may have been lost;
        with the other it is refused. Raises `Refused`."""
        transaction = self._held_by(transactional_id, identity)
        if transaction.state is TransactionState.ONGOING:
            self._end(transaction, commit=commit)
            return
        outcome = TransactionState.COMMITTED if commit else TransactionState.ABORTED
        if transaction.state is not outcome:
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
        open_here = transaction.state is TransactionState.ONGOING and partition in transaction.partitions
        if transactional and not open_here:
            raise Refused(ErrorCode.INVALID_TXN_STATE, f"{partition} is not in an open transaction")

    def tick(self) -> None:
        """Abort what is open for longer than its timeout; its producer is fenced. Write markers that found no room.
        Forget ids long unused."""
        now_ms = self._clock()
        for transaction in list(self._transactions.values()):
            with contextlib.suppress(Refused):  # no room: at the next tick again
                self._look_at(transaction, now_ms)

    def _look_at(self, transaction: Transaction, now_ms: int) -> None:
        if transaction.state is TransactionState.ONGOING:
            if now_ms - transaction.changed_ms >= transaction.timeout_ms:
                logger.info("transaction of %s timed out", transaction.transactional_id)
                fenced = self._fenced(transaction)
                if fenced.producer_id != transaction.producer_id:  # else it is kept already, with the abort
                    self._put(fenced)
        elif transaction.partitions:
            self._mark(transaction)
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

    def _begun(self, transaction: Transaction) -> Transaction:
        """With a transaction open: the one that is, else a new one. Raises `Refused` while the last is unmarked."""
        if transaction.state is TransactionState.ONGOING:
            return transaction
        if transaction.partitions:
            self._mark(transaction)
            self._storage.barrier()  # as in `init_producer`
        return replace(transaction, state=TransactionState.ONGOING, changed_ms=self._clock())

    def _fenced(self, transaction: Transaction) -> Transaction:
        """With a raised epoch; what was open is aborted under it. After the last epoch comes a new producer id. Raises
        `Refused`. The caller puts what is returned."""
        epoch = min(transaction.epoch + 1, MAX_EPOCH)
        if transaction.state is TransactionState.ONGOING:
            transaction = self._end(replace(transaction, epoch=epoch), commit=False)
        self._mark(transaction)
        transaction = replace(transaction, epoch=epoch)
        if epoch == MAX_EPOCH:
            transaction = replace(transaction, producer_id=self._new_producer_id(), epoch=0)
        return transaction

    def _end(self, transaction: Transaction, *, commit: bool) -> Transaction:
        """Steps 1 to 3; what the id has come to. Raises `Refused` before 1 is done, never after it."""
        outcome = TransactionState.COMMITTED if commit else TransactionState.ABORTED
        offsets = transaction.offsets if commit else {}
        decided = replace(transaction, state=outcome, changed_ms=self._clock(), groups=frozenset(), offsets={})
        # 1. decide
        changes: dict[Key, Value | None] = {}
        for group_id, of_group in offsets.items():
            changes |= offset_changes(group_id, of_group)
        self._put(decided, changes)
        for group_id, of_group in offsets.items():
            self._apply_offsets(group_id, of_group)
        # 2. barrier
        self._storage.barrier()
        # 3. mark
        with contextlib.suppress(Refused):  # no room: `tick` goes on
            self._mark(decided)
        return decided

    def _mark(self, transaction: Transaction) -> None:
        """Write the markers that a decided transaction still lacks. Raises `Refused` if one finds no room."""
        for topic, partition in sorted(transaction.partitions):
            log = self._topics.find_partition(topic, partition)
            try:
                if log is not None:  # None: its topic was deleted meanwhile
                    commit = transaction.state is TransactionState.COMMITTED
                    log.end_transaction(transaction.producer_id, transaction.epoch, commit=commit)
            except Refused as refused:
                raise Refused(ErrorCode.CONCURRENT_TRANSACTIONS, refused.reason) from refused
            transaction.partitions.discard((topic, partition))

    def _put(self, transaction: Transaction, more: Changes | None = None) -> None:
        """Keep what an id has come to, and what changes with it; then it is so. Raises `Refused`, with nothing
        changed."""
        if self._storage.journal is not None:
            with coordinating():
                self._storage.record({**(more or {}), **self._kept(transaction)})
        former = self._transactions.get(transaction.transactional_id)
        if former is not None:
            self._by_producer.pop(former.producer_id, None)
        self._transactions[transaction.transactional_id] = transaction
        self._by_producer[transaction.producer_id] = transaction

    def _kept(self, transaction: Transaction) -> Changes:
        changed_ms = self._storage.clock() - (self._clock() - transaction.changed_ms)
        return {(TRANSACTION, transaction.transactional_id): transaction.record(changed_ms)}

    def _new_producer_id(self) -> int:
        producer_id = self._next_producer_id
        if producer_id >= self._ids_kept_until:
            with coordinating():
                self._storage.record({(PRODUCER_IDS,): producer_id + ID_BLOCK})
            self._ids_kept_until = producer_id + ID_BLOCK
        self._next_producer_id += 1
        return producer_id
