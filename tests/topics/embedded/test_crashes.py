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
from tests.topics.embedded.records import FakeClock
from tests.topics.embedded.story import MARKER_DELAY_MS, STORY, Clients, tell, views
from topics.embedded.disk import Disk
from topics.embedded.errors import EmbeddedBrokerError
from topics.embedded.files import Files
from topics.embedded.syncing import Syncer

ENDLESS = 10**9


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return views()


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where the system has one: a thousand crashes are a thousand data directories."""
    shared_memory = Path("/dev/shm")
    if not os.access(shared_memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared_memory) as path:
        yield Path(path)


def crash_after(operations: int, path: Path, marker_delay_ms: int = 0) -> tuple[CrashingFiles, Clients, int]:
    """Tell the story to a broker that crashes; its files, what the clients know, and how many requests were
    answered."""
    files, clients, told = CrashingFiles(path, operations), Clients(), 0
    with contextlib.suppress(Crash):
        told = tell(Node.on_disk(path, FakeClock(), files, marker_delay_ms), clients)
    files.close_all()
    return files, clients, told


def lay_out(files: dict[Path, bytes], path: Path) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def crash_at_every_operation(quick_path: Path, expected: list[dict[str, Any]], marker_delay_ms: int = 0) -> None:
    """Fails with the first operation after which something is missing, or too much."""
    unharmed, _, told = crash_after(ENDLESS, quick_path / "unharmed", marker_delay_ms)
    assert told == len(STORY)
    assert {"create", "write", "sync", "sync_directory", "rename", "remove", "remove_tree"} <= set(unharmed.done)
    for operations, name in enumerate(unharmed.done):
        files, clients, told = crash_after(operations, quick_path / "crashed", marker_delay_ms)
        checked: list[dict[Path, bytes]] = []
        going_on = list(Aftermath)[operations % len(Aftermath)]  # the clients go on after each of them in turn
        for aftermath in Aftermath:
            left = files.remains(aftermath)
            if left in checked and aftermath is not going_on:
                continue
            checked.append(left)
            where = f"{aftermath} at operation {operations}, {name}, request {told}"
            path = lay_out(left, quick_path / aftermath)
            node = Node.on_disk(path, FakeClock(), CrashingFiles(path, ENDLESS), marker_delay_ms)
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


@pytest.mark.parametrize("marker_delay_ms", [0, MARKER_DELAY_MS])
def test_every_operation_can_be_the_last(
    quick_path: Path, expected: list[dict[str, Any]], marker_delay_ms: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)  # that a torn batch was cut off is told each time
    crash_at_every_operation(quick_path, expected, marker_delay_ms)


def _answer_at_once(_self: Disk) -> None: ...


def _leave_unsynced(_self: Syncer, _file: object) -> None: ...


def _write_over(self: Files, path: Path, content: bytes) -> None:
    self.remove(path)
    descriptor = self.create(path)
    self.write(descriptor, 0, content)
    self.sync(descriptor)
    self.close(descriptor)


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
