"""The local copy of a task's rows, in memory and on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rocksdict import Options, Rdict

from workers.runtime.settings import StoreKind
from workers.runtime.store import RocksStore, Store, StoreDamaged, StoreTaken, open_store

Opener = Callable[[], Store]


def _raw() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(False)
    return options


def write_by_hand(path: Path, key: bytes, value: bytes) -> None:
    """Change a row of a closed store behind its back."""
    db = Rdict(str(path), _raw())
    db[key] = value
    db.close()


@pytest.fixture(params=list(StoreKind))
def open_it(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return lambda: open_store(request.param, tmp_path / "store", "cluster-1")


def test_rows_are_read_as_they_were_written(open_it: Opener) -> None:
    store = open_it()
    store.write({b"a": b"1", b"b": b"2", b"@applied": b"7"}, position=9)
    store.write({b"a": None, b"b": b"3"}, position=11)
    assert (store.get(b"a"), store.get(b"b"), store.get(b"@applied")) == (None, b"3", b"7")
    assert store.position == 11
    store.close()


def test_a_cleared_store_starts_from_the_beginning(open_it: Opener) -> None:
    store = open_it()
    store.write({b"a": b"1"}, position=9)
    store.clear()
    assert store.get(b"a") is None
    assert store.position == 0
    store.close()


def test_a_store_on_disk_goes_on_where_it_was(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"a": b"1", b"@applied": b"7"}, position=9)
    store.close()
    again = RocksStore(tmp_path, "cluster-1")
    assert (again.get(b"a"), again.get(b"@applied"), again.position, len(again)) == (b"1", b"7", 9, 1)
    again.close()


def test_a_store_of_another_cluster_is_rebuilt(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"a": b"1"}, position=9)
    store.close()
    again = RocksStore(tmp_path, "cluster-2")
    assert again.get(b"a") is None
    assert again.position == 0
    again.close()


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (8, "was last written 8.0 days ago, and tombstones are kept for 7"),
        (6.5, "was last written 6.5 days ago"),  # by a clock that may be a day wrong
        (-2, "was last written 2.0 days from now, by the clock"),
        (-27_000, "days from now"),  # written when the clock said 2099
        (20_000, "days ago"),  # written when it said 1972, or opened when it says 2081
        (5, None),
        (0, None),
        (-0.5, None),  # set back a little
    ],
)
def test_a_store_that_may_have_missed_a_tombstone_is_rebuilt_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: float, reason: str | None
) -> None:
    """The topic keeps a tombstone for seven days. The clock is only trusted to a day, and may have been anywhere."""
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"deleted meanwhile": b"1"}, position=9)
    store.close()
    write_by_hand(tmp_path, b"@written", b"%d" % ((time.time() - days * 86_400) * 1000))
    again = RocksStore(tmp_path, "cluster-1")
    if reason is None:
        assert (again.get(b"deleted meanwhile"), again.position, caplog.messages) == (b"1", 9, [])
    else:
        assert (again.get(b"deleted meanwhile"), again.position) == (None, 0)
        (line,) = caplog.messages
        assert line.startswith(f"the store {tmp_path} ")
        assert reason in line
    again.close()


def test_a_store_on_its_way_to_the_end_of_its_topic_is_no_younger_for_it(tmp_path: Path) -> None:
    """A restore that is cut off, then a week without a worker: what was deleted lies behind the store's position."""
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"a": b"1"}, position=9)
    written = store.get(b"@written")
    time.sleep(0.002)
    store.write({b"b": b"1"}, position=12, current=False)
    assert store.get(b"@written") == written
    store.close()


def test_a_store_that_never_came_to_the_end_of_its_topic_is_rebuilt(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"a": b"1"}, position=9, current=False)
    store.close()
    again = RocksStore(tmp_path, "cluster-1")
    assert (again.get(b"a"), again.position) == (None, 0)
    again.close()


def test_a_store_with_rows_of_another_schema_is_rebuilt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"a": b"1"}, position=9)
    store.close()
    write_by_hand(tmp_path, b"@cluster", b"cluster-1, rows of schema 0")
    again = RocksStore(tmp_path, "cluster-1")
    assert again.get(b"a") is None
    assert "is of cluster-1, rows of schema 0, not of cluster-1, rows of schema 1" in caplog.text
    again.close()


@pytest.mark.parametrize("spoilt", ["*.sst", "MANIFEST-*", "CURRENT"])
def test_a_store_with_damaged_files_is_removed_and_the_next_start_rebuilds_it(tmp_path: Path, spoilt: str) -> None:
    path = tmp_path / "store"
    store = RocksStore(path, "cluster-1")
    store.write({b"%d" % n: os.urandom(1000) for n in range(100)}, position=9)
    store.close()
    reopened = Rdict(str(path), _raw())
    reopened.flush()
    reopened.close()
    for file in path.glob(spoilt):
        file.write_bytes(bytes(byte ^ 0xFF for byte in file.read_bytes()[:50_000]) + file.read_bytes()[50_000:])

    def use() -> None:
        store = RocksStore(path, "cluster-1")
        for n in range(100):
            store.get(b"%d" % n)

    with pytest.raises(StoreDamaged, match="was damaged and is removed"):
        use()
    again = RocksStore(path, "cluster-1")
    assert (again.position, len(again)) == (0, 0)
    again.close()


def test_two_processes_cannot_share_a_store(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    with pytest.raises(StoreTaken, match="DYADS_NAME"):
        RocksStore(tmp_path, "cluster-1")
    store.close()
