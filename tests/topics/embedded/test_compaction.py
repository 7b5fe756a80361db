"""Compaction, and that readers of committed records never notice it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.topics.embedded.records import START_MS, FakeClock, Reader, Record, make_batch, new_log, read_all
from topics.embedded.compaction import compact, is_due
from topics.embedded.log import PartitionLog

HOUR_MS = 3_600_000


@pytest.fixture
def log(clock: FakeClock) -> PartitionLog:
    return new_log(clock, cleanup_policy="compact", delete_retention_ms=str(HOUR_MS))


def write(log: PartitionLog, key: bytes, value: bytes | None) -> None:
    log.append(make_batch([Record(key, value)]))


class Transactional:
    """A transactional producer, as far as the log sees one."""

    def __init__(self, log: PartitionLog, producer_id: int) -> None:
        self.log = log
        self.producer_id = producer_id
        self.sequence = 0

    def write(self, key: bytes, value: bytes) -> bytes:
        batch = make_batch(
            [Record(key, value)], producer_id=self.producer_id, epoch=0, sequence=self.sequence, transactional=True
        )
        self.log.append(batch)
        self.sequence += 1
        return batch

    def end(self, *, commit: bool) -> None:
        self.log.end_transaction(self.producer_id, 0, commit=commit)


def run(log: PartitionLog, now_ms: int = START_MS) -> None:
    for _ in compact(log, now_ms):
        pass


def content(log: PartitionLog) -> list[tuple[int, Any, Any]]:
    return [(record.offset, record.key, record.value) for record in read_all(log)]


def test_last_record_of_each_key_stays_where_it_was(log: PartitionLog) -> None:
    for number in range(6):
        write(log, b"ab"[number % 2 :][:1], b"%d" % number)
    write(log, b"c", b"newest")
    run(log)
    assert content(log) == [(4, b"a", b"4"), (5, b"b", b"5"), (6, b"c", b"newest")]
    assert (log.start_offset, log.end_offset) == (0, 7)


def test_newest_batch_is_left_alone(log: PartitionLog) -> None:
    write(log, b"a", b"1")
    write(log, b"a", b"2")
    run(log)
    assert content(log) == [(0, b"a", b"1"), (1, b"a", b"2")]


@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_record_keeps_timestamp_headers_and_compression(log: PartitionLog, codec: int) -> None:
    headers: list[tuple[str, bytes | None]] = [("version", b"17"), ("none", None), ("version", b"18")]
    value = b"long enough to be worth compressing " * 20
    kept = Record(b"a", value, START_MS - 99, headers)
    log.append(make_batch([Record(b"b", value), kept, Record(b"b", value)], codec=codec))
    for key in (b"b", b"newest"):
        write(log, key, b"v")
    run(log)
    [found] = [record for record in read_all(log) if record.key == b"a"]
    assert (found.offset, found.timestamp, found.value) == (1, START_MS - 99, value)
    assert list(found.headers) == headers
    assert int.from_bytes(log.store.read(0, 1)[21:23], "big") & 7 == codec


def test_small_batches_are_merged(log: PartitionLog) -> None:
    for number in range(1000):
        write(log, b"%d" % number, b"v")
    run(log)
    assert len(log.store) == 2
    assert [offset for offset, _, _ in content(log)] == list(range(1000))
    assert [record.offset for record in Reader(log, committed=False, offset=500).page()] == list(range(500, 999))


def test_tombstone_stays_for_its_time_and_then_goes(log: PartitionLog) -> None:
    write(log, b"a", b"1")
    write(log, b"a", None)
    write(log, b"b", b"newest")
    run(log, START_MS)
    assert content(log) == [(1, b"a", None), (2, b"b", b"newest")]
    run(log, START_MS + HOUR_MS - 1)
    assert (1, b"a", None) in content(log)
    assert is_due(log, START_MS + HOUR_MS)
    run(log, START_MS + HOUR_MS)
    assert content(log) == [(2, b"b", b"newest")]


def test_tombstones_first_met_at_different_times_go_at_different_times(log: PartitionLog) -> None:
    write(log, b"a", None)
    write(log, b"b", b"1")
    run(log, START_MS)
    write(log, b"b", None)
    write(log, b"c", b"newest")
    run(log, START_MS + 1000)
    run(log, START_MS + HOUR_MS)
    assert content(log) == [(2, b"b", None), (3, b"c", b"newest")]
    run(log, START_MS + HOUR_MS + 1000)
    assert content(log) == [(3, b"c", b"newest")]


def test_nothing_is_touched_from_the_last_stable_offset_on(log: PartitionLog) -> None:
    open_one = Transactional(log, 1)
    write(log, b"a", b"1")
    write(log, b"a", b"2")
    write(log, b"a", b"3")
    open_one.write(b"a", b"undecided")
    write(log, b"a", b"5")
    write(log, b"a", b"6")
    run(log)
    assert [offset for offset, _, _ in content(log)] == [1, 2, 3, 4, 5]
    open_one.end(commit=False)
    write(log, b"b", b"newest")
    run(log)
    assert content(log) == [(5, b"a", b"6"), (7, b"b", b"newest")]


def test_reader_reaches_the_last_stable_offset_whatever_lies_before_it(log: PartitionLog) -> None:
    """A restore reads up to the last stable offset as it was when it began; it must not wait there for ever."""
    aborted, open_one = Transactional(log, 1), Transactional(log, 2)
    write(log, b"a", b"1")
    aborted.write(b"a", b"2")
    aborted.end(commit=False)
    open_one.write(b"a", b"3")
    run(log)
    reader = Reader(log, committed=True)
    assert [record.value for record in reader.rest()] == [b"1"]
    assert reader.offset == log.last_stable_offset == 3


def test_committed_survives_where_the_same_producer_aborted_before(log: PartitionLog) -> None:
    """The abort marker goes with what it ended. A reader still told of that transaction would wait for the marker in
    vain and drop what the producer committed later."""
    producer = Transactional(log, 1)
    producer.write(b"a", b"aborted")
    producer.end(commit=False)
    write(log, b"x", b"1")
    write(log, b"x", b"2")
    run(log)
    assert log.aborted() == []
    producer.write(b"b", b"committed")
    producer.end(commit=True)
    seen = [record.value for record in read_all(log, committed=True, max_bytes=10**9)]
    assert seen == [b"1", b"2", b"committed"]


def test_transaction_that_reaches_beyond_the_compacted_part_stays_aborted(log: PartitionLog) -> None:
    """Its first records are compacted away, its last and its marker are not."""
    long_one = Transactional(log, 1)
    long_one.write(b"a", b"aborted early")
    for number in range(3):
        write(log, b"x", b"%d" % number)
    long_one.write(b"a", b"aborted late")
    long_one.end(commit=False)
    late = Transactional(log, 2)
    late.write(b"y", b"open")
    run(log)  # the marker is the last batch below the last stable offset, and stays
    assert [record.value for record in read_all(log, committed=True, max_bytes=10**9)] == [b"2"]
    assert len(log.aborted()) == 1


def test_batch_sent_again_after_compaction_is_still_recognized(log: PartitionLog) -> None:
    producer = Transactional(log, 1)
    batch = producer.write(b"a", b"1")
    producer.end(commit=True)
    write(log, b"a", b"2")
    write(log, b"b", b"newest")
    run(log)
    end = log.end_offset
    assert log.append(batch).base_offset == 0
    assert log.end_offset == end


@pytest.mark.parametrize("after", range(1, 19))
def test_records_deleted_meanwhile_stop_a_compaction(log: PartitionLog, after: int) -> None:
    for number in range(10):
        write(log, b"a", b"%d" % number)
    running = compact(log, START_MS)
    for _ in range(after):  # it yields after each of nine batches, twice
        next(running)
    log.delete_before(5)
    list(running)
    assert [offset for offset, _, _ in content(log)] == [5, 6, 7, 8, 9]


def test_records_written_meanwhile_are_kept(log: PartitionLog) -> None:
    for number in range(10):
        write(log, b"a", b"%d" % number)
    for _ in compact(log, START_MS):
        write(log, b"a", b"meanwhile")
    offsets = [offset for offset, _, _ in content(log)]
    assert offsets == [8, *range(9, log.end_offset)]


def test_young_records_are_spared_for_the_set_lag(clock: FakeClock) -> None:
    log = new_log(clock, cleanup_policy="compact", min_compaction_lag_ms="1000")
    for number in range(4):
        log.append(make_batch([Record(b"a", b"%d" % number, START_MS + number * 500)]))
    run(log, START_MS + 1500)
    assert [offset for offset, _, _ in content(log)] == [1, 2, 3]
    run(log, START_MS + 5000)
    assert [offset for offset, _, _ in content(log)] == [2, 3]


def test_compaction_is_due_when_enough_is_dirty(clock: FakeClock) -> None:
    log = new_log(clock, cleanup_policy="compact", min_cleanable_dirty_ratio="0.5")
    assert not is_due(log, START_MS)
    for number in range(101):
        write(log, b"%d" % number, bytes(100))
    assert is_due(log, START_MS)
    run(log)
    assert not is_due(log, START_MS)
    for number in range(40):
        write(log, b"%d" % number, bytes(100))
    assert not is_due(log, START_MS)
    for number in range(40, 101):
        write(log, b"%d" % number, bytes(100))
    assert is_due(log, START_MS)


def test_topic_that_deletes_is_never_compacted(clock: FakeClock) -> None:
    log = new_log(clock)
    for _ in range(5):
        write(log, b"a", b"v")
    assert not is_due(log, START_MS)


def test_compaction_is_due_when_anything_has_been_dirty_for_too_long(clock: FakeClock) -> None:
    log = new_log(clock, cleanup_policy="compact", max_compaction_lag_ms=str(HOUR_MS))
    for number in range(100):
        write(log, b"%d" % number, b"v")
    run(log)
    for value in (b"withdrawn", None):
        write(log, b"a", value)
    write(log, b"newest", b"v")
    assert not is_due(log, START_MS + HOUR_MS - 1)
    assert is_due(log, START_MS + HOUR_MS)
    run(log, START_MS + HOUR_MS)
    assert not is_due(log, START_MS + HOUR_MS)
    assert b"withdrawn" not in {record.value for record in read_all(log)}
