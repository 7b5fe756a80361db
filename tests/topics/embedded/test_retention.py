"""Forgetting by age and by size."""

from __future__ import annotations

from tests.topics.embedded.records import START_MS, FakeClock, Record, make_batch, new_log, plain
from topics.embedded.retention import apply_retention


def test_batches_older_than_the_retention_go(clock: FakeClock) -> None:
    log = new_log(clock, retention_ms="1000")
    for age in (3000, 2000, 500):
        log.append(plain(b"v", timestamp=START_MS - age))
    apply_retention(log, clock())
    assert (log.start_offset, len(log.store)) == (2, 1)
    apply_retention(log, clock() + 1000)
    assert (log.start_offset, log.end_offset) == (3, 3)


def test_young_record_keeps_what_comes_after_it(clock: FakeClock) -> None:
    log = new_log(clock, retention_ms="1000")
    for age in (0, 9000):
        log.append(plain(b"v", timestamp=START_MS - age))
    apply_retention(log, clock())
    assert log.start_offset == 0


def test_oldest_batches_go_until_the_size_would_fall_below_the_limit(clock: FakeClock) -> None:
    batch = plain(bytes(1000))
    log = new_log(clock, retention_ms="-1", retention_bytes=str(3 * len(batch)))
    for _ in range(10):
        log.append(batch)
    apply_retention(log, clock())
    assert (log.start_offset, log.store.size_bytes) == (7, 3 * len(batch))


def test_nothing_goes_without_limits_or_from_a_compacted_topic(clock: FakeClock) -> None:
    for settings in ({"retention_ms": "-1"}, {"cleanup_policy": "compact", "retention_ms": "1"}):
        log = new_log(clock, **settings)
        log.append(plain(b"v"))
        apply_retention(log, clock() + 10**12)
        assert log.start_offset == 0


def test_compacted_topic_that_also_deletes_forgets_too(clock: FakeClock) -> None:
    log = new_log(clock, cleanup_policy="compact,delete", retention_ms="1000")
    log.append(plain(b"v"))
    apply_retention(log, clock() + 1001)
    assert log.start_offset == 1


def test_open_transaction_is_not_deleted(clock: FakeClock) -> None:
    log = new_log(clock, retention_ms="1000")
    log.append(plain(b"v"))
    log.append(make_batch([Record(b"k", b"v")], producer_id=1, epoch=0, sequence=0, transactional=True))
    log.append(plain(b"v"))
    apply_retention(log, clock() + 10_000)
    assert log.start_offset == 1
    log.end_transaction(1, 0, commit=True)
    apply_retention(log, clock() + 10_000)
    assert log.start_offset == log.end_offset
