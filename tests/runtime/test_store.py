"""The local copy of a task's rows, in memory and on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workers.runtime.settings import StoreKind
from workers.runtime.store import RocksStore, Store, StoreTaken, open_store

Opener = Callable[[], Store]


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


def test_a_store_older_than_the_tombstones_is_rebuilt(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    store.write({b"deleted meanwhile": b"1"}, position=9)
    store.close()
    again = RocksStore(tmp_path, "cluster-1", tombstones_kept_ms=-1)
    assert again.get(b"deleted meanwhile") is None
    again.close()


def test_two_processes_cannot_share_a_store(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, "cluster-1")
    with pytest.raises(StoreTaken, match="DYADS_NAME"):
        RocksStore(tmp_path, "cluster-1")
    store.close()
