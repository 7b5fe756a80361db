"""The transaction coordinator, where the conformance tests cannot reach: clocks, last epochs, vanished topics."""

from __future__ import annotations

import pytest

from tests.topics.embedded.records import FakeClock, Record, make_batch, read_all
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group import CommittedOffset
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity
from topics.embedded.transactions import MAX_EPOCH, TransactionCoordinator

WHERE = ("topic", 0)
GROUP = "group"


class Bench:
    """A coordinator over one topic, with the offsets that it applied."""

    def __init__(self, clock: FakeClock, settings: BrokerSettings) -> None:
        self.clock = clock
        self.offsets: dict[str, dict[tuple[str, int], CommittedOffset]] = {}
        self.topics = TopicRegistry(clock, 1, lambda _name: None)
        self.topics.create("topic", 2)
        self.coordinator = TransactionCoordinator(self.topics, self._apply, clock, settings)

    def _apply(self, group: str, offsets: object) -> None:
        self.offsets.setdefault(group, {}).update(offsets)  # type: ignore[call-overload]

    def batch(self, identity: ProducerIdentity, sequence: int, value: bytes = b"v") -> bytes:
        return make_batch(
            [Record(b"k", value)],
            producer_id=identity.producer_id,
            epoch=identity.epoch,
            sequence=sequence,
            transactional=True,
        )

    def write(self, identity: ProducerIdentity, sequence: int, value: bytes = b"v") -> None:
        self.coordinator.check_write(identity, WHERE, transactional=True)
        self.topics.partition(*WHERE).append(self.batch(identity, sequence, value))

    def committed(self) -> list[bytes]:
        return [record.value for record in read_all(self.topics.partition(*WHERE), committed=True)]


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock, BrokerSettings())


@pytest.fixture
def slow(clock: FakeClock) -> Bench:
    """A coordinator that writes the markers of a transaction a moment after its end was answered, as Apache Kafka's."""
    return Bench(clock, BrokerSettings(marker_delay_ms=10))


def code_of(caught: pytest.ExceptionInfo[Refused]) -> ErrorCode:
    return caught.value.code


def test_every_producer_without_transactional_id_gets_its_own_id(bench: Bench) -> None:
    first, second = (bench.coordinator.init_producer(None, 0) for _ in range(2))
    assert first.producer_id != second.producer_id
    assert first.epoch == second.epoch == 0


def test_successor_gets_the_same_id_and_the_next_epoch(bench: Bench) -> None:
    first, second, third = (bench.coordinator.init_producer("t", 1000) for _ in range(3))
    assert [each.epoch for each in (first, second, third)] == [0, 1, 2]
    assert len({each.producer_id for each in (first, second, third)}) == 1


@pytest.mark.parametrize("timeout_ms", [-1, 0, 900_001])
def test_impossible_timeout_is_refused(bench: Bench, timeout_ms: int) -> None:
    with pytest.raises(Refused) as caught:
        bench.coordinator.init_producer("t", timeout_ms)
    assert code_of(caught) is ErrorCode.INVALID_TRANSACTION_TIMEOUT


def test_fenced_producer_is_shut_out_by_the_partition_too(bench: Bench) -> None:
    """Its abort marker carries the new epoch, so even a write that got past the coordinator would not land."""
    old = bench.coordinator.init_producer("t", 1000)
    bench.coordinator.add_partitions("t", old, [WHERE])
    bench.write(old, 0)
    bench.coordinator.init_producer("t", 1000)
    with pytest.raises(Refused) as caught:
        bench.topics.partition(*WHERE).append(bench.batch(old, 1))
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_EPOCH
    assert bench.committed() == []


def test_overdue_transaction_is_aborted_on_time(bench: Bench) -> None:
    producer = bench.coordinator.init_producer("t", 1000)
    bench.clock.now_ms += 5000  # the time counts from the transaction's beginning
    bench.coordinator.add_partitions("t", producer, [WHERE])
    bench.write(producer, 0)
    bench.clock.now_ms += 999
    bench.coordinator.tick()
    bench.write(producer, 1)
    bench.clock.now_ms += 1
    bench.coordinator.tick()
    log = bench.topics.partition(*WHERE)
    assert log.last_stable_offset == log.end_offset
    with pytest.raises(Refused) as caught:
        bench.coordinator.end("t", producer, commit=True)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_EPOCH
    assert bench.committed() == []
    successor = bench.coordinator.init_producer("t", 1000)
    bench.coordinator.add_partitions("t", successor, [WHERE])
    bench.write(successor, 0, b"new")
    bench.coordinator.end("t", successor, commit=True)
    assert bench.committed() == [b"new"]


def test_offsets_are_applied_at_the_commit_and_dropped_by_an_abort(bench: Bench) -> None:
    producer = bench.coordinator.init_producer("t", 1000)
    for offset, commit in ((5, True), (9, False)):
        bench.coordinator.add_group("t", producer, GROUP)
        bench.coordinator.commit_offsets("t", producer, GROUP, {WHERE: CommittedOffset(offset, "")})
        bench.coordinator.end("t", producer, commit=commit)
    assert bench.offsets == {GROUP: {WHERE: CommittedOffset(5, "")}}


def test_offsets_of_a_group_outside_the_transaction_are_refused(bench: Bench) -> None:
    producer = bench.coordinator.init_producer("t", 1000)
    for added in ("none yet", "another group"):
        if added == "another group":
            bench.coordinator.add_group("t", producer, added)
        with pytest.raises(Refused) as caught:
            bench.coordinator.commit_offsets("t", producer, GROUP, {WHERE: CommittedOffset(5, "")})
        assert code_of(caught) is ErrorCode.INVALID_TXN_STATE


def test_strangers_are_refused(bench: Bench) -> None:
    producer = bench.coordinator.init_producer("t", 1000)
    stranger = ProducerIdentity(producer.producer_id + 1, 0)
    with pytest.raises(Refused) as caught:
        bench.coordinator.add_partitions("t", stranger, [WHERE])
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_ID_MAPPING
    with pytest.raises(Refused) as caught:
        bench.coordinator.end("unheard-of", producer, commit=True)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_ID_MAPPING
    with pytest.raises(Refused) as caught:
        bench.coordinator.check_write(stranger, WHERE, transactional=True)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_ID_MAPPING


def test_after_the_last_epoch_comes_a_new_producer_id(bench: Bench) -> None:
    last = bench.coordinator.init_producer("t", 1000)
    for _ in range(MAX_EPOCH - 1):
        last = bench.coordinator.init_producer("t", 1000)
    assert last.epoch == MAX_EPOCH - 1
    bench.coordinator.add_partitions("t", last, [WHERE])
    bench.write(last, 0)
    successor = bench.coordinator.init_producer("t", 1000)
    assert (successor.epoch, successor.producer_id != last.producer_id) == (0, True)
    with pytest.raises(Refused):
        bench.coordinator.check_write(last, WHERE, transactional=True)
    with pytest.raises(Refused):
        bench.topics.partition(*WHERE).append(bench.batch(last, 1))
    assert bench.committed() == []


def test_topic_deleted_during_a_transaction_does_not_hinder_its_end(bench: Bench) -> None:
    bench.topics.create("other", 1)
    producer = bench.coordinator.init_producer("t", 1000)
    bench.coordinator.add_partitions("t", producer, [WHERE, ("other", 0)])
    bench.write(producer, 0, b"kept")
    bench.topics.delete("other")
    bench.coordinator.end("t", producer, commit=True)
    assert bench.committed() == [b"kept"]


def test_transactional_id_long_unused_is_forgotten_but_not_while_a_transaction_is_open(bench: Bench) -> None:
    idle = bench.coordinator.init_producer("idle", 1000)
    bench.clock.now_ms += BrokerSettings().transactional_id_expiry_ms
    bench.coordinator.tick()
    with pytest.raises(Refused) as caught:
        bench.coordinator.end("idle", idle, commit=True)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_ID_MAPPING
    assert bench.coordinator.init_producer("idle", 1000).producer_id != idle.producer_id


@pytest.mark.parametrize("commit", [True, False])
def test_end_takes_effect_when_its_markers_are_written(slow: Bench, commit: bool) -> None:
    producer = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", producer, [WHERE])
    slow.coordinator.add_group("t", producer, GROUP)
    slow.write(producer, 0)
    slow.coordinator.commit_offsets("t", producer, GROUP, {WHERE: CommittedOffset(5, "")})
    slow.coordinator.end("t", producer, commit=commit)
    slow.clock.now_ms += 9
    slow.coordinator.tick()
    assert (slow.topics.partition(*WHERE).last_stable_offset, slow.offsets) == (0, {})
    slow.clock.now_ms += 1
    slow.coordinator.tick()
    assert slow.topics.partition(*WHERE).last_stable_offset == 2
    assert slow.committed() == ([b"v"] if commit else [])
    assert slow.offsets == ({GROUP: {WHERE: CommittedOffset(5, "")}} if commit else {})
    slow.coordinator.end("t", producer, commit=commit)  # said again


def test_between_the_end_and_its_markers_the_producer_must_try_again(slow: Bench) -> None:
    producer = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", producer, [WHERE])
    slow.coordinator.end("t", producer, commit=True)
    steps = [
        lambda: slow.coordinator.end("t", producer, commit=True),
        lambda: slow.coordinator.add_partitions("t", producer, [WHERE]),
        lambda: slow.coordinator.add_group("t", producer, GROUP),
        lambda: slow.coordinator.init_producer("t", 1000),
    ]
    for step in steps:
        with pytest.raises(Refused) as caught:
            step()
        assert code_of(caught) is ErrorCode.CONCURRENT_TRANSACTIONS
    with pytest.raises(Refused) as caught:
        slow.coordinator.end("t", producer, commit=False)
    assert code_of(caught) is ErrorCode.INVALID_TXN_STATE
    slow.clock.now_ms += 10
    slow.coordinator.tick()
    for step in steps[:-1]:  # the last one would find the transaction that the others open anew
        step()


@pytest.mark.parametrize("commit", [True, False])
def test_write_between_the_end_and_its_markers_shares_the_outcome(slow: Bench, commit: bool) -> None:
    producer = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", producer, [WHERE])
    slow.write(producer, 0, b"in time")
    slow.coordinator.end("t", producer, commit=commit)
    slow.write(producer, 1, b"late")
    slow.clock.now_ms += 10
    slow.coordinator.tick()
    assert slow.committed() == ([b"in time", b"late"] if commit else [])
    with pytest.raises(Refused) as caught:
        slow.write(producer, 2, b"too late")
    assert code_of(caught) is ErrorCode.INVALID_TXN_STATE


def test_write_between_the_end_and_its_markers_does_not_begin_in_another_partition(slow: Bench) -> None:
    producer = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", producer, [WHERE])
    slow.coordinator.end("t", producer, commit=True)
    with pytest.raises(Refused) as caught:
        slow.write(producer, 0)
    assert code_of(caught) is ErrorCode.NOT_ENOUGH_REPLICAS
    slow.clock.now_ms += 10
    slow.coordinator.tick()
    with pytest.raises(Refused) as caught:
        slow.write(producer, 0)
    assert code_of(caught) is ErrorCode.INVALID_TXN_STATE


def test_successor_waits_until_what_was_left_open_is_aborted(slow: Bench) -> None:
    """From the first request on the old one is shut out, although its transaction is not aborted yet."""
    old = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", old, [WHERE])
    slow.write(old, 0)
    with pytest.raises(Refused) as caught:
        slow.coordinator.init_producer("t", 1000)
    assert code_of(caught) is ErrorCode.CONCURRENT_TRANSACTIONS
    with pytest.raises(Refused) as caught:
        slow.write(old, 1)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_EPOCH
    with pytest.raises(Refused) as caught:
        slow.coordinator.end("t", old, commit=True)
    assert code_of(caught) is ErrorCode.INVALID_PRODUCER_EPOCH
    slow.clock.now_ms += 10
    slow.coordinator.tick()
    new = slow.coordinator.init_producer("t", 1000)
    assert (new.producer_id, new.epoch > old.epoch) == (old.producer_id, True)
    assert slow.committed() == []


def test_successor_to_the_last_epoch_waits_and_gets_a_new_producer_id(slow: Bench) -> None:
    last = slow.coordinator.init_producer("t", 1000)
    for _ in range(MAX_EPOCH - 1):
        last = slow.coordinator.init_producer("t", 1000)
    slow.coordinator.add_partitions("t", last, [WHERE])
    slow.write(last, 0)
    with pytest.raises(Refused):
        slow.coordinator.init_producer("t", 1000)
    slow.clock.now_ms += 10
    slow.coordinator.tick()
    successor = slow.coordinator.init_producer("t", 1000)
    assert (successor.epoch, successor.producer_id != last.producer_id) == (0, True)
    assert slow.committed() == []
