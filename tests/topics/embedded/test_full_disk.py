"""A disk without room: writes are refused and undone, readers served, and everything goes on when there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topics.embedded.crashes import FullFiles
from tests.topics.embedded.node import Node, reopened, segments, transactional, values
from tests.topics.embedded.records import FakeClock, Record, make_batch, plain, read_all
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group import CommittedOffset

WHERE = ("topic", 0)


@pytest.mark.parametrize("room", range(0, 800, 53))
def test_full_disk_refuses_writes_serves_readers_and_goes_on(
    tmp_path: Path, clock: FakeClock, room: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever it runs full: within a batch, at a new segment, in the journal."""
    files = FullFiles()
    node = Node.on_disk(tmp_path, clock, files)
    node.topics.create("topic")
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [WHERE])
    sequence = 0
    files.room = room
    refused: Refused | None = None
    while refused is None:
        try:
            node.log("topic").append(transactional(producer, sequence, b"%d" % sequence))
            sequence += 1
        except Refused as error:
            refused = error
    assert refused.code is ErrorCode.KAFKA_STORAGE_ERROR  # which clients take for "try again"
    assert "No space left on device; writes are refused" in caplog.text
    assert len(values(node.log("topic"))) == sequence
    files.room = 0
    with pytest.raises(Refused) as caught:
        node.groups.commit("group", "", -1, {WHERE: CommittedOffset(1, "")})
    assert caught.value.code is ErrorCode.NOT_COORDINATOR
    with pytest.raises(Refused):
        node.transactions.end("t", producer, commit=True)

    files.room = None
    node.log("topic").append(transactional(producer, sequence, b"%d" % sequence))
    assert "writing goes on" in caplog.text
    node.transactions.end("t", producer, commit=True)
    everything = [b"%d" % number for number in range(sequence + 1)]
    assert [value for _, _, value in node.committed("topic")] == everything
    assert [value for _, _, value in reopened(node, tmp_path).committed("topic")] == everything


def test_commit_that_finds_no_room_for_its_markers_is_carried_through_later(tmp_path: Path, clock: FakeClock) -> None:
    files = FullFiles()
    node = Node.on_disk(tmp_path, clock, files)
    node.topics.create("topic", 2)
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [("topic", 0), ("topic", 1)])
    for partition in (0, 1):
        node.log("topic", partition).append(transactional(producer, 0, b"v"))
    decision = len(plain(b"")) + 180
    files.room = decision + 100  # for the decision and one of two markers
    node.transactions.end("t", producer, commit=True)
    stable = [node.log("topic", partition).last_stable_offset for partition in (0, 1)]
    assert stable == [2, 0]
    with pytest.raises(Refused) as caught:
        node.transactions.add_partitions("t", producer, [WHERE])
    assert caught.value.code is ErrorCode.CONCURRENT_TRANSACTIONS
    node.transactions.tick()
    files.room = None
    node.transactions.tick()
    assert [len(node.committed("topic", partition)) for partition in (0, 1)] == [1, 1]
    node.transactions.add_partitions("t", producer, [WHERE])


def test_end_that_is_due_while_the_disk_is_full_takes_effect_later(tmp_path: Path, clock: FakeClock) -> None:
    files = FullFiles()
    node = Node.on_disk(tmp_path, clock, files, marker_delay_ms=10)
    node.topics.create("topic")
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [WHERE])
    node.transactions.add_group("t", producer, "group")
    node.transactions.commit_offsets("t", producer, "group", {WHERE: CommittedOffset(7, "")})
    node.log("topic").append(transactional(producer, 0, b"v"))
    node.transactions.end("t", producer, commit=True)
    clock.now_ms += 10
    files.room = 0
    (tmp_path / "reserve").unlink()  # or the journal takes it for its next segment
    node.transactions.tick()
    assert (node.log("topic").last_stable_offset, node.groups.groups) == (0, {})
    for step in (
        lambda: node.transactions.end("t", producer, commit=True),
        lambda: node.transactions.add_partitions("t", producer, [WHERE]),
        lambda: node.transactions.init_producer("t", 60_000),
    ):
        with pytest.raises(Refused) as caught:
            step()
        assert caught.value.code is ErrorCode.CONCURRENT_TRANSACTIONS
    files.room = None
    node.transactions.tick()
    assert len(node.committed("topic")) == 1
    assert node.groups.groups["group"].offsets == {WHERE: CommittedOffset(7, "")}
    node.transactions.end("t", producer, commit=True)


def test_full_disk_can_be_emptied_by_the_broker_itself(tmp_path: Path, clock: FakeClock) -> None:
    """Deleting takes a little room, which is kept in reserve."""
    files = FullFiles()
    node = Node.on_disk(tmp_path, clock, files)
    node.topics.create("old")
    node.topics.create("topic")
    for _ in range(20):
        node.log("topic").append(plain(b"v"))
    files.room = 0
    node.log("topic").delete_before(15)
    assert values(node.log("topic")) == [b"v"] * 5
    node.topics.delete("old")
    node.log("topic").append(plain(b"new"))
    files.room = None
    node.storage.tidy()
    assert (tmp_path / "reserve").exists()
    assert values(reopened(node, tmp_path).log("topic")) == [*[b"v"] * 5, b"new"]


def test_compaction_that_finds_no_room_changes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    files = FullFiles()
    node = Node.on_disk(tmp_path, clock, files)
    node.topics.create("topic", 1, {"cleanup.policy": "compact"})
    log = node.log("topic")
    for number in range(20):
        log.append(make_batch([Record(b"%d" % (number % 7), b"%d" % number)]))
    before, names = read_all(log), segments(tmp_path)
    files.room = 50
    with pytest.raises(Refused):
        node.compact(log)
    assert read_all(log) == before
    assert segments(tmp_path) == names
    files.room = None
    node.compact(log)
    assert len(values(log)) == 8
