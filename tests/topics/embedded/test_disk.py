"""The data directory: what a start finds, what it cuts off, what it refuses; and disks that are full or fail."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.topics.embedded.crashes import FullFiles
from tests.topics.embedded.node import Node
from tests.topics.embedded.records import START_MS, FakeClock, Record, make_batch, plain, read_all
from topics.embedded.disk import Disk
from topics.embedded.errors import BrokenLog, DataDirTaken, DiskFailed, ErrorCode, NotADataDir, Refused
from topics.embedded.file_store import SegmentLimits
from topics.embedded.files import Files
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.group import CommittedOffset
from topics.embedded.log import PartitionLog
from topics.embedded.segment import Segment
from topics.embedded.syncing import Syncer

WHERE = ("topic", 0)


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Node:
    node = Node.on_disk(tmp_path, clock)
    node.topics.create("topic")
    return node


def reopened(node: Node, tmp_path: Path) -> Node:
    node.close()
    return Node.on_disk(tmp_path, node.storage.clock)  # type: ignore[arg-type]


def values(log: PartitionLog) -> list[bytes]:
    return [record.value for record in read_all(log)]


def segments(path: Path, topic: str = "topic") -> list[Path]:
    return sorted((path / "topics" / f"{topic}~0" / "0").glob("*.log"))


def transactional(identity: tuple[int, int], sequence: int, value: bytes) -> bytes:
    producer_id, epoch = identity
    record = Record(b"k", value)
    return make_batch([record], producer_id=producer_id, epoch=epoch, sequence=sequence, transactional=True)


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


# A full disk ------------------------------------------------------------------------------------------------------


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


# Bringing to disk -------------------------------------------------------------------------------------------------


class CountingFiles(Files):
    """Counts fsyncs, and fails when told."""

    def __init__(self) -> None:
        self.syncs = 0
        self.fails = False

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.fixture
def files() -> CountingFiles:
    return CountingFiles()


@pytest.fixture
def segment(tmp_path: Path, files: CountingFiles) -> Segment:
    return Segment.create(files, tmp_path, 0, 0, START_MS)


async def test_requests_that_come_together_wait_together(files: CountingFiles, segment: Segment) -> None:
    syncer = Syncer(files, FsyncPolicy.ALWAYS)
    waiting = []
    for _ in range(20):
        syncer.written(segment)
        waiting.append(asyncio.create_task(syncer.settle()))
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert 1 <= files.syncs <= 3
    await syncer.settle()
    assert files.syncs <= 3  # nothing more was written


@pytest.mark.parametrize(("policy", "syncs"), [(FsyncPolicy.INTERVAL, 1), (FsyncPolicy.NEVER, 0)])
async def test_lax_policies_answer_at_once(
    files: CountingFiles, segment: Segment, policy: FsyncPolicy, syncs: int
) -> None:
    syncer = Syncer(files, policy, interval=0.05)
    running = asyncio.create_task(syncer.run())
    for _ in range(20):
        syncer.written(segment)
        await syncer.settle()
        syncer.barrier()
    assert files.syncs == 0
    await asyncio.sleep(0.15)
    assert files.syncs == syncs
    running.cancel()


async def test_failed_fsync_is_the_end(files: CountingFiles, segment: Segment) -> None:
    """A second one would succeed, and say nothing of what the first one lost."""
    syncer = Syncer(files, FsyncPolicy.ALWAYS)
    files.fails = True
    syncer.written(segment)
    with pytest.raises(DiskFailed, match="Input/output error"):
        await syncer.settle()
    files.fails = False
    for attempt in (syncer.barrier, syncer.check):
        with pytest.raises(DiskFailed):
            attempt()
    assert isinstance(await asyncio.wait_for(syncer.failure(), 1), DiskFailed)


def test_log_of_a_quiet_start_says_nothing(node: Node, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    node.log("topic").append(plain(b"a", timestamp=START_MS))
    caplog.set_level(logging.INFO)
    reopened(node, tmp_path).close()
    assert caplog.text == ""
