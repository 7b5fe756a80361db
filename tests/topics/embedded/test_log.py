"""The log of one partition."""

from __future__ import annotations

import struct

import pytest

from tests.topics.embedded.records import START_MS, FakeClock, Reader, Record, make_batch, new_log, plain, read_all
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.log import PartitionLog

MAX_SEQUENCE = 2**31 - 1


@pytest.fixture
def log(clock: FakeClock) -> PartitionLog:
    return new_log(clock)


def numbered(first: int, count: int = 1, *, epoch: int = 0, transactional: bool = False) -> bytes:
    """A batch of producer 7 with sequence numbers from `first`."""
    records = [Record(b"k", b"%d" % number) for number in range(first, first + count)]
    return make_batch(records, producer_id=7, epoch=epoch, sequence=first, transactional=transactional)


def refused(log: PartitionLog, data: bytes) -> ErrorCode:
    """How an append is refused; nothing of it may stay."""
    before = (log.end_offset, len(log.store))
    with pytest.raises(Refused) as caught:
        log.append(data)
    assert (log.end_offset, len(log.store)) == before
    return caught.value.code


def test_offsets_are_given_in_order(log: PartitionLog) -> None:
    assert log.append(plain(b"a", b"b")).base_offset == 0
    assert log.append(plain(b"c")).base_offset == 2
    assert [(record.offset, record.value) for record in read_all(log)] == [(0, b"a"), (1, b"b"), (2, b"c")]
    assert log.end_offset == 3


def test_read_from_within_a_batch_gives_the_whole_batch(log: PartitionLog) -> None:
    log.append(plain(b"a", b"b", b"c"))
    assert [record.offset for record in Reader(log, committed=False, offset=1).rest()] == [1, 2]


def test_read_keeps_to_the_bytes_asked_for_but_gives_one_batch_at_least(log: PartitionLog) -> None:
    batch = plain(bytes(1000))
    for _ in range(5):
        log.append(batch)
    assert len(log.read(0, 1, until=5)[0]) == len(batch)
    assert len(log.read(0, 3 * len(batch), until=5)[0]) == 3 * len(batch)
    assert len(log.read(0, 10**9, until=5)[0]) == 5 * len(batch)


@pytest.mark.parametrize("offset", [-1, 3, 100])
def test_read_outside_the_log_is_refused(log: PartitionLog, offset: int) -> None:
    log.append(plain(b"a", b"b"))
    with pytest.raises(Refused) as caught:
        log.read(offset, 1000, until=2)
    assert caught.value.code is ErrorCode.OFFSET_OUT_OF_RANGE


def test_read_at_the_end_gives_nothing(log: PartitionLog) -> None:
    log.append(plain(b"a"))
    assert log.read(1, 1000, until=1) == (b"", 1)


# What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 60, 61, -1])
def test_incomplete_batch_is_refused(log: PartitionLog, cut: int) -> None:
    assert refused(log, plain(b"abc")[:cut]) is ErrorCode.CORRUPT_MESSAGE


def test_changed_byte_is_refused(log: PartitionLog) -> None:
    data = bytearray(plain(b"abc"))
    data[-2] ^= 1
    assert refused(log, bytes(data)) is ErrorCode.CORRUPT_MESSAGE


def test_two_batches_at_once_are_refused(log: PartitionLog) -> None:
    assert refused(log, plain(b"a") + plain(b"b")) is ErrorCode.INVALID_RECORD


def test_old_message_format_is_refused(log: PartitionLog) -> None:
    data = bytearray(plain(b"a"))
    data[16] = 1
    assert refused(log, bytes(data)) is ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT


def test_control_batch_from_a_client_is_refused(log: PartitionLog) -> None:
    log.append(numbered(0, transactional=True))
    log.end_transaction(7, 0, commit=True)
    marker = log.store.read(1, 2)
    assert refused(log, marker) is ErrorCode.INVALID_RECORD


def test_length_that_lies_is_refused(log: PartitionLog) -> None:
    data = bytearray(plain(b"a"))
    struct.pack_into(">i", data, 8, -5)
    assert refused(log, bytes(data)) is ErrorCode.CORRUPT_MESSAGE


def test_batch_above_the_limit_is_refused(clock: FakeClock) -> None:
    log = new_log(clock, max_message_bytes="500")
    assert refused(log, plain(bytes(500))) is ErrorCode.MESSAGE_TOO_LARGE
    log.append(plain(bytes(300)))


def test_record_without_key_is_refused_where_keys_are_needed(clock: FakeClock) -> None:
    batch = make_batch([Record(b"k", b"v"), Record(None, b"v")])
    assert refused(new_log(clock, cleanup_policy="compact"), batch) is ErrorCode.INVALID_RECORD
    assert new_log(clock, cleanup_policy="delete").append(batch).base_offset == 0


def test_timestamp_from_the_future_is_refused(log: PartitionLog) -> None:
    hour = 3_600_000
    log.append(plain(b"a", timestamp=START_MS + hour))
    assert refused(log, plain(b"a", timestamp=START_MS + hour + 1)) is ErrorCode.INVALID_TIMESTAMP


def test_topic_can_stamp_records_with_the_time_of_arrival(clock: FakeClock) -> None:
    log = new_log(clock, message_timestamp_type="LogAppendTime")
    clock.now_ms += 5000
    assert log.append(plain(b"a", b"b", timestamp=START_MS)).append_time_ms == clock.now_ms
    assert [record.timestamp for record in read_all(log)] == [clock.now_ms] * 2


# Sequence numbers -------------------------------------------------------------------------------------------------


def test_each_of_the_last_five_batches_is_recognized_when_sent_again(log: PartitionLog) -> None:
    places = [log.append(numbered(number * 2, 2)).base_offset for number in range(7)]
    for number in (2, 3, 4, 5, 6):
        assert log.append(numbered(number * 2, 2)).base_offset == places[number]
    assert refused(log, numbered(2, 2)) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert log.end_offset == 14


def test_gap_and_overlap_are_refused(log: PartitionLog) -> None:
    log.append(numbered(0, 3))
    assert refused(log, numbered(4)) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refused(log, numbered(2)) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert log.append(numbered(3)).base_offset == 3


def test_new_epoch_begins_at_zero_and_shuts_out_the_old(log: PartitionLog) -> None:
    log.append(numbered(0, 3))
    assert refused(log, numbered(3, epoch=1)) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    log.append(numbered(0, epoch=1))
    assert refused(log, numbered(3)) is ErrorCode.INVALID_PRODUCER_EPOCH
    assert refused(log, numbered(0, 3)) is ErrorCode.INVALID_PRODUCER_EPOCH


def test_sequence_numbers_wrap(log: PartitionLog) -> None:
    log.append(numbered(MAX_SEQUENCE - 1, 2))  # a producer not known yet may begin anywhere
    assert log.append(numbered(0)).base_offset == 2
    assert log.append(numbered(MAX_SEQUENCE - 1, 2)).base_offset == 0


def test_forgotten_producer_may_begin_anywhere(log: PartitionLog, clock: FakeClock) -> None:
    log.append(numbered(0, 3))
    clock.now_ms += 10_000
    log.producers.expire(clock.now_ms - 5000)
    assert len(log.producers) == 0
    assert log.append(numbered(17)).base_offset == 3


def test_producer_in_a_transaction_is_not_forgotten(log: PartitionLog, clock: FakeClock) -> None:
    log.append(numbered(0, transactional=True))
    log.producers.expire(clock.now_ms + 1)
    assert log.last_stable_offset == 0


# Transactions -----------------------------------------------------------------------------------------------------


def test_last_stable_offset_waits_for_the_oldest_open_transaction(log: PartitionLog) -> None:
    log.append(plain(b"a"))
    log.append(numbered(0, transactional=True))
    other = make_batch([Record(b"k", b"other")], producer_id=8, epoch=0, sequence=0, transactional=True)
    log.append(other)
    log.append(plain(b"z"))
    assert log.last_stable_offset == 1
    log.end_transaction(7, 0, commit=True)
    assert log.last_stable_offset == 2
    assert [record.value for record in read_all(log, committed=True)] == [b"a", b"0"]
    log.end_transaction(8, 0, commit=False)
    assert log.last_stable_offset == log.end_offset == 6
    assert [record.value for record in read_all(log, committed=True)] == [b"a", b"0", b"z"]
    assert [record.value for record in read_all(log)] == [b"a", b"0", b"other", b"z"]


@pytest.mark.parametrize("max_bytes", [1, 200, 10**9])
def test_reader_drops_exactly_what_was_aborted(log: PartitionLog, max_bytes: int) -> None:
    outcomes = [True, False, False, True, False, True]
    for number, commit in enumerate(outcomes):
        log.append(numbered(number, transactional=True))
        log.append(plain(b"p%d" % number))
        log.end_transaction(7, 0, commit=commit)
    seen = [record.value for record in read_all(log, committed=True, max_bytes=max_bytes)]
    assert [value for value in seen if value.startswith(b"p")] == [b"p%d" % number for number in range(6)]
    assert [value for value in seen if not value.startswith(b"p")] == [b"0", b"3", b"5"]


def test_aborted_transactions_are_told_only_for_the_range_read(log: PartitionLog) -> None:
    for number in range(3):  # each takes two offsets: a record and its marker
        log.append(numbered(number, transactional=True))
        log.end_transaction(7, 0, commit=False)
    assert [each.first_offset for each in log.aborted_between(0, 2)] == [0]
    assert [each.first_offset for each in log.aborted_between(1, 3)] == [0, 2]
    assert [each.first_offset for each in log.aborted_between(4, 6)] == [4]
    assert log.aborted_between(6, 6) == []


def test_marker_of_a_transaction_without_records_changes_nothing(log: PartitionLog) -> None:
    log.append(plain(b"a"))
    log.end_transaction(7, 3, commit=False)
    assert log.aborted() == []
    assert log.last_stable_offset == log.end_offset == 2
    assert refused(log, numbered(0, epoch=2)) is ErrorCode.INVALID_PRODUCER_EPOCH


def test_plain_write_by_a_producer_in_a_transaction_is_refused(log: PartitionLog) -> None:
    log.append(numbered(0, transactional=True))
    assert refused(log, numbered(1)) is ErrorCode.INVALID_TXN_STATE


# Times and deletion -----------------------------------------------------------------------------------------------


def test_offset_for_a_time_is_that_of_the_first_record_not_older(log: PartitionLog) -> None:
    log.append(make_batch([Record(b"k", b"v", START_MS + each) for each in (0, 30, 10)]))
    log.append(make_batch([Record(b"k", b"v", START_MS + each) for each in (20, 40)]))
    assert log.offset_for_time(START_MS) == (0, START_MS)
    assert log.offset_for_time(START_MS + 15) == (1, START_MS + 30)
    assert log.offset_for_time(START_MS + 31) == (4, START_MS + 40)
    assert log.offset_for_time(START_MS + 41) is None
    log.delete_before(2)
    assert log.offset_for_time(START_MS) == (2, START_MS + 10)


def test_deletion_drops_whole_batches_and_moves_the_start(log: PartitionLog) -> None:
    for _ in range(3):
        log.append(plain(b"a", b"b"))
    log.delete_before(3)
    assert (log.start_offset, len(log.store)) == (3, 2)
    assert [record.offset for record in read_all(log)] == [3, 4, 5]
    log.delete_before(1)
    assert log.start_offset == 3
    log.delete_before(6)
    assert (log.start_offset, log.end_offset, len(log.store), log.store.size_bytes) == (6, 6, 0, 0)
    assert log.append(plain(b"new")).base_offset == 6


def test_deletion_within_an_open_transaction(log: PartitionLog) -> None:
    log.append(numbered(0, 4, transactional=True))
    log.delete_before(2)
    assert log.last_stable_offset == 2
    assert read_all(log, committed=True) == []
    log.end_transaction(7, 0, commit=False)
    assert read_all(log, committed=True) == []
    log.append(numbered(4, transactional=True))
    log.end_transaction(7, 0, commit=True)
    assert [record.value for record in read_all(log, committed=True)] == [b"4"]
    log.delete_before(5)
    assert log.aborted() == []
