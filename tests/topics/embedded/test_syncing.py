"""When the broker waits for the disk, and what it does when the disk fails."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.topics.embedded.node import Node
from tests.topics.embedded.records import START_MS, FakeClock, plain
from topics.embedded import serve
from topics.embedded.errors import DiskFailed
from topics.embedded.files import Files
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.segment import Segment
from topics.embedded.syncing import Syncer


class CountingFiles(Files):
    """Counts fsyncs, takes as long as it is told, and fails when told."""

    def __init__(self) -> None:
        self.syncs = 0
        self.fails = False
        self.may_end = threading.Event()
        self.may_end.set()

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        assert self.may_end.wait(10)
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
    files.may_end.clear()
    waiting = []
    for _ in range(20):
        syncer.written(segment)
        waiting.append(asyncio.create_task(syncer.settle()))
        await asyncio.sleep(0)
    files.may_end.set()
    await asyncio.gather(*waiting)
    assert files.syncs == 2  # for the first, and for the nineteen that came meanwhile
    await syncer.settle()
    assert files.syncs == 2  # nothing more was written


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


class ForgetfulFiles(Files):
    """Cannot bring the names in a directory to disk, when told."""

    def __init__(self) -> None:
        self.fails = False

    def sync_directory(self, path: Path) -> None:
        if self.fails and (path / "manifest.json").exists():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().sync_directory(path)


def test_exchange_of_a_manifest_that_is_not_known_to_be_on_disk_is_the_end(tmp_path: Path, clock: FakeClock) -> None:
    """Which of the two counts after a power cut, nobody can say; nothing may be built on either."""
    files = ForgetfulFiles()
    node = Node.on_disk(tmp_path, clock, files)
    node.topics.create("topic")
    for number in range(20):
        node.log("topic").append(plain(b"%d" % number))
    files.fails = True
    with pytest.raises(DiskFailed):
        node.log("topic").delete_before(10)
    with pytest.raises(DiskFailed):
        node.log("topic").append(plain(b"more"))
    with pytest.raises(DiskFailed):
        node.close()
    log = Node.on_disk(tmp_path, clock).log("topic")
    assert (log.start_offset, log.end_offset) == (10, 20)


async def test_broker_ends_with_the_reason_when_its_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(0, data_dir=tmp_path, started=address.set_result))
    producer = AIOKafkaProducer(bootstrap_servers=await asyncio.wait_for(address, 5), request_timeout_ms=1000)
    await producer.start()
    await producer.send_and_wait("topic", b"safe", partition=0)

    def fail(_self: Files, _descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Files, "sync", fail)
    sending = asyncio.create_task(producer.send_and_wait("topic", b"x", partition=0))
    with pytest.raises(DiskFailed, match=r"the broker stops: .*Input/output error"):
        await asyncio.wait_for(serving, 10)
    assert not sending.done()  # nothing was promised
    sending.cancel()
    await producer.stop()
