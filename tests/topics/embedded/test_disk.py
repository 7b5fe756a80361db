"""The data directory: what a start finds, what it cuts off, and what it refuses."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.topics.embedded.node import Node, reopened, segments, transactional, values
from tests.topics.embedded.records import START_MS, FakeClock, Record, make_batch, plain
from topics.embedded.disk import Disk
from topics.embedded.errors import BrokenLog, DataDirTaken, ErrorCode, NotADataDir, Refused
from topics.embedded.file_store import SegmentLimits
from topics.embedded.group import CommittedOffset

WHERE = ("topic", 0)


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Node:
    node = Node.on_disk(tmp_path, clock)
    node.topics.create("topic")
    return node


# What a start finds -----------------------------------------------------------------------------------------------


def test_batches_lie_in_the_file_as_they_came(node: Node, tmp_path: Path) -> None:
    batch = plain(b"a", b"b")
    node.log("topic").append(batch)
    [segment] = segments(tmp_path)
    assert segment.read_bytes()[16:] == batch[16:]  # before that the offset and the leader's epoch, the broker's to set


@pytest.mark.parametrize("lost", [1, 30, 70])
def test_torn_batch_at_the_end_is_cut_off_and_told(
    node: Node, tmp_path: Path, lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    for value in (b"a", b"b", b"torn"):
        node.log("topic").append(plain(value))
    node.close()
    [segment] = segments(tmp_path)
    os.truncate(segment, segment.stat().st_size - lost)
    node = Node.on_disk(tmp_path, FakeClock())
    assert values(node.log("topic")) == [b"a", b"b"]
    assert f"cut off {len(plain(b'torn')) - lost} bytes" in caplog.text
    assert node.log("topic").append(plain(b"c")).base_offset == 2
    assert values(reopened(node, tmp_path).log("topic")) == [b"a", b"b", b"c"]


def test_bytes_that_never_reached_the_disk_are_cut_off(node: Node, tmp_path: Path) -> None:
    """After a power cut a file may be as long as it was and hold nothing there."""
    node.log("topic").append(plain(b"a"))
    node.close()
    [segment] = segments(tmp_path)
    with segment.open("ab") as file:
        file.write(bytes(5000))
    assert values(Node.on_disk(tmp_path, FakeClock()).log("topic")) == [b"a"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda path: os.truncate(path, path.stat().st_size - 1), "holds no record batch at"),
        (Path.unlink, "is missing"),
    ],
    ids=["cut short", "missing"],
)
def test_fault_in_a_closed_segment_is_no_crash_and_is_not_passed_over(
    node: Node, tmp_path: Path, fault: Callable[[Path], None], said: str
) -> None:
    for number in range(20):
        node.log("topic").append(plain(b"%d" % number))
    node.close()
    first, *others = segments(tmp_path)
    assert others
    fault(first)
    with pytest.raises(BrokenLog, match=f"{first.name}.*{said}"):
        Node.on_disk(tmp_path, FakeClock())


def test_offsets_go_on_where_everything_was_deleted(node: Node, tmp_path: Path) -> None:
    for _ in range(20):
        node.log("topic").append(plain(b"v"))
    node.log("topic").delete_before(20)
    assert segments(tmp_path) == []
    log = reopened(node, tmp_path).log("topic")
    assert (log.start_offset, log.end_offset) == (20, 20)
    assert log.append(plain(b"new")).base_offset == 20


def test_old_segment_is_closed_so_that_deleted_records_give_up_their_space(
    node: Node, tmp_path: Path, clock: FakeClock
) -> None:
    node.log("topic").append(plain(b"secret"))
    clock.now_ms += SegmentLimits().age_ms
    log = reopened(node, tmp_path).log("topic")
    log.append(plain(b"new"))
    assert len(segments(tmp_path)) == 2
    log.delete_before(1)
    [left] = segments(tmp_path)
    assert b"secret" not in left.read_bytes()


def test_open_transaction_goes_on_after_a_restart(node: Node, tmp_path: Path) -> None:
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [WHERE])
    node.transactions.add_group("t", producer, "group")
    node.transactions.commit_offsets("t", producer, "group", {WHERE: CommittedOffset(7, "")})
    node.log("topic").append(transactional(producer, 0, b"before"))
    node = reopened(node, tmp_path)
    assert node.committed("topic") == []
    assert node.log("topic").last_stable_offset == 0
    assert node.log("topic").append(transactional(producer, 0, b"before")).base_offset == 0  # sent again
    node.log("topic").append(transactional(producer, 1, b"after"))
    node.transactions.end("t", producer, commit=True)
    assert [value for _, _, value in node.committed("topic")] == [b"before", b"after"]
    assert node.groups.groups["group"].offsets == {WHERE: CommittedOffset(7, "")}


@pytest.mark.parametrize("commit", [True, False])
def test_start_does_not_wait_with_what_was_decided(tmp_path: Path, clock: FakeClock, commit: bool) -> None:
    """Nor does it lose what came between the decision and the markers."""
    node = Node.on_disk(tmp_path, clock, marker_delay_ms=1000)
    node.topics.create("topic")
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [WHERE])
    node.transactions.add_group("t", producer, "group")
    node.transactions.commit_offsets("t", producer, "group", {WHERE: CommittedOffset(7, "")})
    node.log("topic").append(transactional(producer, 0, b"in time"))
    node.transactions.end("t", producer, commit=commit)
    node.transactions.check_write(producer, WHERE, transactional=True)
    node.log("topic").append(transactional(producer, 1, b"late"))
    node.transactions.commit_offsets("t", producer, "group", {WHERE: CommittedOffset(8, "")})
    node.transactions.tick()
    assert (node.log("topic").last_stable_offset, node.groups.groups) == (0, {})
    node = reopened(node, tmp_path)
    assert [value for _, _, value in node.committed("topic")] == ([b"in time", b"late"] if commit else [])
    assert node.log("topic").last_stable_offset == 3
    offsets = {name: group.offsets for name, group in node.groups.groups.items()}
    assert offsets == ({"group": {WHERE: CommittedOffset(8, "")}} if commit else {})
    node.transactions.add_partitions("t", producer, [WHERE])  # nothing is to be waited for
    assert node.view() == reopened(node, tmp_path).view()


def test_offsets_count_in_the_order_in_which_they_could_be_seen(tmp_path: Path, clock: FakeClock) -> None:
    """Those of a transaction from when it takes effect, not from its decision: after a start as before it."""
    node = Node.on_disk(tmp_path, clock, marker_delay_ms=10)
    node.topics.create("topic")
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_group("t", producer, "group")
    node.transactions.commit_offsets("t", producer, "group", {WHERE: CommittedOffset(7, "")})
    node.transactions.end("t", producer, commit=True)
    node.groups.commit("group", "", -1, {WHERE: CommittedOffset(3, "")})
    assert node.groups.groups["group"].offsets == {WHERE: CommittedOffset(3, "")}
    clock.now_ms += 10
    node.transactions.tick()
    assert node.groups.groups["group"].offsets == {WHERE: CommittedOffset(7, "")}
    assert reopened(node, tmp_path).groups.groups["group"].offsets == {WHERE: CommittedOffset(7, "")}


def test_transaction_that_timed_out_while_the_broker_was_away_is_aborted(
    node: Node, tmp_path: Path, clock: FakeClock
) -> None:
    producer = node.transactions.init_producer("t", 60_000)
    node.transactions.add_partitions("t", producer, [WHERE])
    node.log("topic").append(transactional(producer, 0, b"left open"))
    clock.now_ms += 59_000
    node = reopened(node, tmp_path)
    node.transactions.tick()
    assert node.log("topic").last_stable_offset == 0
    clock.now_ms += 1000
    node = reopened(node, tmp_path)
    node.transactions.tick()
    assert node.log("topic").last_stable_offset == node.log("topic").end_offset == 2
    assert node.committed("topic") == []
    with pytest.raises(Refused) as caught:
        node.transactions.end("t", producer, commit=True)
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH


def test_what_is_open_in_no_transaction_is_aborted(
    node: Node, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A power cut under a lax policy can leave the partition's file newer than the journal."""
    node.log("topic").append(transactional((12345, 0), 0, b"nobody's"))
    node.log("topic").append(plain(b"waiting"))
    node = reopened(node, tmp_path)
    assert [value for _, _, value in node.committed("topic")] == [b"waiting"]
    assert "in no transaction" in caplog.text


def test_producer_ids_are_never_given_twice(node: Node, tmp_path: Path) -> None:
    first = {node.transactions.init_producer(None, 0).producer_id for _ in range(3)}
    node = reopened(node, tmp_path)
    assert first.isdisjoint({node.transactions.init_producer(None, 0).producer_id for _ in range(3)})


def test_fenced_producer_stays_fenced(node: Node, tmp_path: Path) -> None:
    old = node.transactions.init_producer("t", 1000)
    node.transactions.init_producer("t", 1000)
    node = reopened(node, tmp_path)
    with pytest.raises(Refused) as caught:
        node.transactions.add_partitions("t", old, [WHERE])
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH


def test_tombstones_keep_their_time(tmp_path: Path, clock: FakeClock) -> None:
    node = Node.on_disk(tmp_path, clock)
    node.topics.create("topic", 1, {"cleanup.policy": "compact", "delete.retention.ms": "1000"})
    for record in (Record(b"a", b"1"), Record(b"a", None), Record(b"b", b"newest")):
        node.log("topic").append(make_batch([record]))
    node.compact(node.log("topic"))
    clock.now_ms += 999
    node = reopened(node, tmp_path)
    node.compact(node.log("topic"))
    assert values(node.log("topic")) == [None, b"newest"]
    clock.now_ms += 1
    node = reopened(node, tmp_path)
    node.compact(node.log("topic"))
    assert values(node.log("topic")) == [b"newest"]


def test_group_and_its_offsets_can_be_deleted_for_good(node: Node, tmp_path: Path) -> None:
    node.groups.commit("group", "", -1, {WHERE: CommittedOffset(3, "note")})
    node = reopened(node, tmp_path)
    assert node.groups.groups["group"].offsets == {WHERE: CommittedOffset(3, "note")}
    node.groups.delete("group")
    assert reopened(node, tmp_path).groups.groups == {}


# Whose directory it is --------------------------------------------------------------------------------------------


def test_directory_serves_one_broker_at_a_time(node: Node, tmp_path: Path) -> None:
    with pytest.raises(DataDirTaken, match=tmp_path.name):
        Disk(tmp_path, FakeClock())
    node.close()
    Disk(tmp_path, FakeClock()).close()


def test_directory_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "topics").mkdir()
    with pytest.raises(NotADataDir, match="something else"):
        Disk(tmp_path, FakeClock())
    assert [path.name for path in tmp_path.iterdir()] == ["topics"]


def test_directory_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Disk(tmp_path, FakeClock()).close()
    format_file = tmp_path / "format.json"
    format_file.write_text(format_file.read_text().replace('"version":1', '"version":2'))
    with pytest.raises(NotADataDir, match="broker 2"):
        Disk(tmp_path, FakeClock())


def test_cluster_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = Disk(tmp_path / "a", FakeClock())
    first.close()
    again, other = Disk(tmp_path / "a", FakeClock()), Disk(tmp_path / "b", FakeClock())
    assert again.cluster_id == first.cluster_id != other.cluster_id


def test_log_of_a_quiet_start_says_nothing(node: Node, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    node.log("topic").append(plain(b"a", timestamp=START_MS))
    caplog.set_level(logging.INFO)
    reopened(node, tmp_path).close()
    assert caplog.text == ""
