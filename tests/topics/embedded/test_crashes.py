"""A broker on disk that ends in the middle of anything, at every operation on a file in turn.

A story of requests is told to a broker in memory first: what clients see after each is what must be. Then to one on
disk that crashes at the first operation, at the second, and so on. Whoever opens the directory afterwards must see what
was answered, and of the request that was under way all or nothing. The clients then repeat that request, as they do
when no answer came, and go on; at the end nothing may be missing, and nothing be there twice.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.topics.embedded.crashes import Aftermath, Crash, CrashingFiles
from tests.topics.embedded.node import Node
from tests.topics.embedded.records import FakeClock, Record, make_batch
from topics.embedded.disk import Disk
from topics.embedded.errors import EmbeddedBrokerError, ErrorCode, Refused
from topics.embedded.files import Files
from topics.embedded.group import CommittedOffset
from topics.embedded.syncing import Syncer
from topics.embedded.transaction import ProducerIdentity

ENDLESS = 10**9
COMPACTED = {"cleanup.policy": "compact", "delete.retention.ms": "1000"}


class Clients:
    """What the clients remember; it outlives the broker."""

    def __init__(self) -> None:
        self.identities: dict[str, ProducerIdentity] = {}
        self.sequences: dict[tuple[str, str], int] = {}


Request = Callable[[Node, Clients], None]


def create(topic: str, partitions: int = 1, **config: str) -> Request:
    def request(node: Node, _clients: Clients) -> None:
        with _done_already(ErrorCode.TOPIC_ALREADY_EXISTS):
            settings = {name.replace("_", "."): value for name, value in config.items()}
            node.topics.create(topic, partitions, settings)

    return request


def delete(topic: str) -> Request:
    def request(node: Node, _clients: Clients) -> None:
        with _done_already(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION):
            node.topics.delete(topic)

    return request


def configure(topic: str, **config: str) -> Request:
    return lambda node, _clients: node.topics.configure(
        topic, {name.replace("_", "."): value for name, value in config.items()}
    )


def begin(who: str) -> Request:
    """A producer starts. Repeated, it starts again, with the next epoch."""

    def request(node: Node, clients: Clients) -> None:
        identity = node.transactions.init_producer(who, 60_000)
        node.answer()
        clients.identities[who] = identity
        clients.sequences = {known: n for known, n in clients.sequences.items() if known[0] != who}

    return request


def add(who: str, *topics: str) -> Request:
    return lambda node, clients: node.transactions.add_partitions(
        who, clients.identities[who], [(topic, 0) for topic in topics]
    )


def write(who: str, topic: str, *records: tuple[bytes, bytes | None]) -> Request:
    """A batch in a transaction, with the same sequence numbers when it is repeated."""

    def request(node: Node, clients: Clients) -> None:
        identity = clients.identities[who]
        sequence = clients.sequences.get((who, topic), 0)
        node.transactions.check_write(identity, (topic, 0), transactional=True)
        batch = make_batch(
            [Record(key, value) for key, value in records],
            producer_id=identity.producer_id,
            epoch=identity.epoch,
            sequence=sequence,
            transactional=True,
        )
        node.log(topic).append(batch)
        node.answer()
        clients.sequences[who, topic] = sequence + len(records)

    return request


def send_offsets(who: str, group: str, topic: str, offset: int) -> Request:
    def request(node: Node, clients: Clients) -> None:
        node.transactions.add_group(who, clients.identities[who], group)
        node.transactions.commit_offsets(who, clients.identities[who], group, {(topic, 0): CommittedOffset(offset, "")})

    return request


def end(who: str, *, commit: bool) -> Request:
    return lambda node, clients: node.transactions.end(who, clients.identities[who], commit=commit)


def commit_and_begin(who: str) -> Request:
    """The commit's answer is not awaited: the next life of the worker comes in between."""

    def request(node: Node, clients: Clients) -> None:
        with _done_already(ErrorCode.INVALID_PRODUCER_EPOCH):
            end(who, commit=True)(node, clients)
        begin(who)(node, clients)

    return request


def commit_offset(group: str, topic: str, offset: int) -> Request:
    return lambda node, _clients: node.groups.commit(group, "", -1, {(topic, 0): CommittedOffset(offset, "note")})


def compact(topic: str) -> Request:
    return lambda node, _clients: node.compact(node.log(topic))


def compact_the_journal(node: Node, _clients: Clients) -> None:
    for log in node.storage.own_logs():
        node.compact(log)


def delete_records(topic: str, before: int) -> Request:
    return lambda node, _clients: node.log(topic).delete_before(before)


def transaction(who: str, key: bytes, value: bytes | None, *, commit: bool) -> list[Request]:
    """One over two topics."""
    record = (key, value)
    return [
        add(who, "rows", "events"),
        write(who, "rows", record),
        write(who, "events", record),
        end(who, commit=commit),
    ]


STORY: list[Request] = [
    create("rows", **{name.replace(".", "_"): value for name, value in COMPACTED.items()}),
    create("events", 2, retention_ms="-1"),
    begin("w"),
    *transaction("w", b"a", b"1", commit=True),
    *transaction("w", b"b", b"aborted", commit=False),
    *transaction("w", b"a", b"2", commit=True),
    commit_offset("readers", "events", 2),
    *transaction("w", b"b", b"3", commit=True),
    *transaction("w", b"a", None, commit=True),
    compact("rows"),
    add("w", "rows"),
    write("w", "rows", (b"c", b"4"), (b"d", b"4")),
    send_offsets("w", "workers", "events", 5),
    end("w", commit=True),
    delete_records("events", 3),
    create("passing"),
    commit_offset("readers", "passing", 0),
    delete("passing"),
    configure("events", retention_ms="5000"),
    compact_the_journal,
    add("w", "rows"),
    write("w", "rows", (b"c", b"lost")),
    begin("w"),  # the next life of the worker: what it left open is aborted
    *transaction("w", b"d", b"5", commit=True),
    compact("rows"),
    *transaction("w", b"e", b"6", commit=True),
    delete_records("events", 9),
    compact_the_journal,
    delete_records("events", 100),
    *transaction("w", b"g", b"8", commit=True)[:-1],
    commit_and_begin("w"),
    *transaction("w", b"f", b"7", commit=True),
]


@contextlib.contextmanager
def _done_already(code: ErrorCode) -> Any:
    try:
        yield
    except Refused as refused:
        if refused.code is not code:
            raise


def views() -> list[dict[str, Any]]:
    """What clients see before the story and after each request."""
    node, clients = Node.in_memory(FakeClock()), Clients()
    seen = [node.view()]
    for request in STORY:
        request(node, clients)
        seen.append(node.view())
    return seen


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return views()


def tell(node: Node, clients: Clients, told: int = 0) -> int:
    """The story from the request `told` on; how far it came."""
    for request in STORY[told:]:
        try:
            request(node, clients)
            node.answer()
        except Crash:
            return told
        told += 1
    return told


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where the system has one: a thousand crashes are a thousand data directories."""
    shared_memory = Path("/dev/shm")
    if not os.access(shared_memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared_memory) as path:
        yield Path(path)


def crash_after(operations: int, path: Path) -> tuple[CrashingFiles, Clients, int]:
    """Tell the story to a broker that crashes; its files, what the clients know, and how many requests were
    answered."""
    files, clients, told = CrashingFiles(path, operations), Clients(), 0
    with contextlib.suppress(Crash):
        told = tell(Node.on_disk(path, FakeClock(), files), clients)
    files.close_all()
    return files, clients, told


def lay_out(files: dict[Path, bytes], path: Path) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def crash_at_every_operation(quick_path: Path, expected: list[dict[str, Any]]) -> None:
    """Fails with the first operation after which something is missing, or too much."""
    unharmed, _, told = crash_after(ENDLESS, quick_path / "unharmed")
    assert told == len(STORY)
    assert {"create", "write", "sync", "sync_directory", "rename", "remove", "remove_tree"} <= set(unharmed.done)
    for operations, name in enumerate(unharmed.done):
        files, clients, told = crash_after(operations, quick_path / "crashed")
        checked: list[dict[Path, bytes]] = []
        going_on = list(Aftermath)[operations % len(Aftermath)]  # the clients go on after each of them in turn
        for aftermath in Aftermath:
            left = files.remains(aftermath)
            if left in checked and aftermath is not going_on:
                continue
            checked.append(left)
            where = f"{aftermath} at operation {operations}, {name}, request {told}"
            path = lay_out(left, quick_path / aftermath)
            node = Node.on_disk(path, FakeClock(), CrashingFiles(path, ENDLESS))
            assert node.view() in expected[told : told + 2], where
            if aftermath is going_on:
                assert tell(node, copy.deepcopy(clients), told) == len(STORY), where
                assert node.view() == expected[-1], where
                node.close()
                node = Node.on_disk(path, FakeClock(), CrashingFiles(path, ENDLESS))
                assert node.view() == expected[-1], where
            node.close()
            shutil.rmtree(path)
        shutil.rmtree(quick_path / "crashed", ignore_errors=True)


def test_every_operation_can_be_the_last(
    quick_path: Path, expected: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)  # that a torn batch was cut off is told each time
    crash_at_every_operation(quick_path, expected)


def _answer_at_once(_self: Disk) -> None: ...


def _leave_unsynced(_self: Syncer, _file: object) -> None: ...


def _write_over(self: Files, path: Path, content: bytes) -> None:
    self.remove(path)
    descriptor = self.create(path)
    self.write(descriptor, 0, content)
    self.sync(descriptor)
    self.close(descriptor)
    self.sync_directory(path.parent)


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        (Disk, "barrier", _answer_at_once),
        (Syncer, "sync", _leave_unsynced),
        (Files, "replace", _write_over),
    ],
    ids=["answers before it is on disk", "segments are not synced", "the manifest is written over"],
)
def test_broker_with_a_fault_is_found_out(
    quick_path: Path,
    expected: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    place: type,
    name: str,
    fault: Callable[..., None],
) -> None:
    monkeypatch.setattr(place, name, fault)
    with pytest.raises((AssertionError, EmbeddedBrokerError)):
        crash_at_every_operation(quick_path, expected)


def test_story_uses_many_segments_and_leaves_none_behind(tmp_path: Path) -> None:
    node = Node.on_disk(tmp_path, FakeClock())
    assert tell(node, Clients()) == len(STORY)
    node.close()
    rows = list((tmp_path / "topics" / "rows~0" / "0").glob("*.log"))
    events = list((tmp_path / "topics" / "events~0" / "0").glob("*.log"))
    assert len(rows) > 1
    assert max(int(path.stem.split("-")[1]) for path in rows) > len(rows)  # compaction replaced some
    assert len(events) == 1  # the older ones went with the records
    assert [path.name for path in (tmp_path / "topics").iterdir() if "passing" in path.name] == []
