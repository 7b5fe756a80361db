"""Any history of writes, transactions, fencing and compaction: a reader of committed records sees, for every key, the
last value committed, at every step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.topics.embedded.records import FakeClock, Reader, Record, make_batch
from topics.embedded.compaction import compact
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity
from topics.embedded.transactions import TransactionCoordinator

TOPIC = "history"
WHERE = (TOPIC, 0)
TOMBSTONE_MS = 1000

workers = st.integers(0, 2)
keys = st.sampled_from([b"a", b"b", b"c", b"d"])
values = st.one_of(st.none(), st.integers(0, 10**6).map(lambda number: b"%d" % number))
contents = st.lists(st.tuples(keys, values), min_size=1, max_size=3)


@dataclass
class Outcome:
    """A transaction of the model: None while open."""

    committed: bool | None = None


@dataclass
class Written:
    """A record of the model; what is not in a transaction is committed at once."""

    key: bytes
    value: bytes | None
    timestamp: int
    outcome: Outcome


@dataclass
class Worker:
    """A transactional producer, with the identities that it had before."""

    identity: ProducerIdentity
    former: list[ProducerIdentity]
    sequence: int = 0
    open: Outcome | None = None
    last: tuple[bytes, int] | None = None
    """Its last batch and where it went."""


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.topics = TopicRegistry(self.clock, 1, lambda _name: None)
        self.topics.create(TOPIC, 1, {"cleanup.policy": "compact", "delete.retention.ms": str(TOMBSTONE_MS)})
        self.log = self.topics.partition(TOPIC, 0)
        self.coordinator = TransactionCoordinator(self.topics, lambda _g, _o: None, self.clock, BrokerSettings())
        self.workers = [Worker(self.coordinator.init_producer(f"w{n}", 60_000), []) for n in range(3)]
        self.written: dict[int, Written] = {}
        self.running: Iterator[None] = iter(())
        self.follower = Reader(self.log, committed=True)
        self.followed: dict[bytes, bytes | None] = {}

    # What happens ------------------------------------------------------------------------------------------------

    @rule(key=keys, value=values, count=st.integers(1, 3))
    def write_plainly(self, key: bytes, value: bytes | None, count: int) -> None:
        self._append(make_batch([Record(key, value, self.clock())] * count), [(key, value)] * count, Outcome(True))

    @rule(number=workers, content=contents)
    def write_in_a_transaction(self, number: int, content: list[tuple[bytes, bytes | None]]) -> None:
        worker = self.workers[number]
        if worker.open is None:
            self.coordinator.add_partitions(f"w{number}", worker.identity, [WHERE])
            worker.open = Outcome()
        batch = self._batch(worker.identity, worker.sequence, content)
        worker.last = (batch, self._append(batch, content, worker.open))
        worker.sequence += len(content)

    @rule(number=workers, commit=st.booleans())
    def end_a_transaction(self, number: int, commit: bool) -> None:
        worker = self.workers[number]
        if worker.open is None:
            return
        self.coordinator.end(f"w{number}", worker.identity, commit=commit)
        worker.open.committed, worker.open = commit, None

    @rule(number=workers, content=contents, commit=st.booleans())
    def a_whole_transaction(self, number: int, content: list[tuple[bytes, bytes | None]], commit: bool) -> None:
        self.write_in_a_transaction(number, content)
        self.end_a_transaction(number, commit)

    @rule(number=workers)
    def replace_a_worker(self, number: int) -> None:
        worker = self.workers[number]
        if worker.open is not None:
            worker.open.committed = False
        fresh = self.coordinator.init_producer(f"w{number}", 60_000)
        assert fresh.epoch == worker.identity.epoch + 1
        self.workers[number] = Worker(fresh, [*worker.former, worker.identity])

    @rule(number=workers, sequence=st.integers(0, 3))
    def write_as_a_worker_that_was_replaced(self, number: int, sequence: int) -> None:
        for identity in self.workers[number].former:
            end = self.log.end_offset
            assert self._refusal(identity, sequence) is ErrorCode.INVALID_PRODUCER_EPOCH
            assert self.log.end_offset == end

    @rule(number=workers)
    def write_after_the_end(self, number: int) -> None:
        worker = self.workers[number]
        if worker.open is None:
            assert self._refusal(worker.identity, worker.sequence) is ErrorCode.INVALID_TXN_STATE

    @rule(number=workers)
    def send_the_last_batch_again(self, number: int) -> None:
        worker = self.workers[number]
        if worker.open is not None and worker.last is not None:
            end = self.log.end_offset
            assert self.log.append(worker.last[0]).base_offset == worker.last[1]
            assert self.log.end_offset == end

    @rule()
    def compact(self) -> None:
        self.begin_to_compact()
        self.go_on_compacting(10**6)

    @rule()
    def begin_to_compact(self) -> None:
        self.running = compact(self.log, self.clock())
        next(self.running, None)  # a generator begins with its first step, and tombstones' time counts from there

    @rule(steps=st.integers(1, 60))
    def go_on_compacting(self, steps: int) -> None:
        for _ in itertools.islice(self.running, steps):
            pass

    @rule(max_bytes=st.sampled_from([1, 300, 10**6]))
    def follow(self, max_bytes: int) -> None:
        self._take_over(self.follower.page(max_bytes))

    @rule(max_bytes=st.sampled_from([1, 10**6]))
    @precondition(lambda self: len(self.written) > 0)
    def catch_up_and_let_time_pass(self, max_bytes: int) -> None:
        """The follower is never further behind than tombstones are kept."""
        self._take_over(self.follower.rest(max_bytes))
        assert _without_tombstones(self.followed) == self._committed()
        self.clock.now_ms += TOMBSTONE_MS

    # What holds --------------------------------------------------------------------------------------------------

    @invariant()
    def the_last_stable_offset_is_where_the_first_open_record_is(self) -> None:
        undecided = (offset for offset, record in self.written.items() if record.outcome.committed is None)
        assert self.log.last_stable_offset == min(undecided, default=self.log.end_offset)

    @invariant()
    def a_new_reader_sees_what_was_committed_last(self) -> None:
        for max_bytes in (1, 500, 10**6):
            seen: dict[bytes, bytes | None] = {}
            for record in Reader(self.log, committed=True).rest(max_bytes):
                original = self.written[record.offset]
                assert original.outcome.committed is True
                assert (record.key, record.value) == (original.key, original.value)
                assert (record.timestamp, list(record.headers)) == (original.timestamp, [])
                seen[record.key] = record.value
            assert _without_tombstones(seen) == self._committed()

    # The model ---------------------------------------------------------------------------------------------------

    def _committed(self) -> dict[bytes, bytes]:
        stable = self.log.last_stable_offset
        seen = {
            record.key: record.value
            for offset, record in sorted(self.written.items())
            if offset < stable and record.outcome.committed
        }
        return _without_tombstones(seen)

    def _append(self, batch: bytes, content: list[tuple[bytes, bytes | None]], outcome: Outcome) -> int:
        base = self.log.append(batch).base_offset
        for delta, (key, value) in enumerate(content):
            self.written[base + delta] = Written(key, value, self.clock(), outcome)
        return base

    def _batch(self, identity: ProducerIdentity, sequence: int, content: list[tuple[bytes, bytes | None]]) -> bytes:
        self.coordinator.check_write(identity, WHERE, transactional=True)
        return make_batch(
            [Record(key, value, self.clock()) for key, value in content],
            producer_id=identity.producer_id,
            epoch=identity.epoch,
            sequence=sequence,
            transactional=True,
        )

    def _refusal(self, identity: ProducerIdentity, sequence: int) -> ErrorCode | None:
        try:
            self.log.append(self._batch(identity, sequence, [(b"a", b"zombie")]))
        except Refused as refused:
            return refused.code
        return None

    def _take_over(self, records: list[Record]) -> None:
        self.followed |= {record.key: record.value for record in records if record.key is not None}


def _without_tombstones(content: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
    return {key: value for key, value in content.items() if value is not None}


Histories.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestHistories = Histories.TestCase
