"""The local copy of a task's rows: in memory, or on disk in RocksDB.

The truth is the state topic; a store only saves reading it again. What it holds was committed before it was written
here, so a store that is lost, stale or cut short is never wrong: restoring reads on from its `position`.

Keys that begin with `@` are the runtime's own. `@applied` (the last source offset handled) is a row like any other and
travels in the state topic; `@position`, `@written` and `@cluster` are this store's and stay here.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from rocksdict import Options, Rdict, WriteBatch

from topics.catalogue import WEEK_MS
from workers.runtime.settings import StoreKind

Changes = Mapping[bytes, bytes | None]

_POSITION = b"@position"
_WRITTEN = b"@written"
_CLUSTER = b"@cluster"


class StoreTaken(Exception):
    """Another process has this store open: two workers were given one name, or an old one still runs."""


class Store(Protocol):
    """Rows by key, and the offset of the state topic from which reading goes on."""

    position: int

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""

    def write(self, changes: Changes, position: int) -> None:
        """Rows (None removes) and the position, all or nothing."""

    def clear(self) -> None:
        """Forget everything; reading starts at the beginning of the state topic."""

    def close(self) -> None:
        """Give up files and memory."""

    def __len__(self) -> int: ...


class MemoryStore:
    """Rows in a dict. Restoring reads the whole state topic at every start."""

    def __init__(self) -> None:
        self.position = 0
        self._rows: dict[bytes, bytes] = {}
        self.get = self._rows.get

    def write(self, changes: Changes, position: int) -> None:
        rows = self._rows
        for key, value in changes.items():
            if value is None:
                rows.pop(key, None)
            else:
                rows[key] = value
        self.position = position

    def clear(self) -> None:
        self._rows.clear()
        self.position = 0

    def close(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return len(self._rows)


class RocksStore:
    """Rows in a RocksDB directory, which one process at a time can open.

    Rebuilt from the state topic when it belongs to another cluster or was last written longer ago than the topic keeps
    tombstones: a row deleted and compacted away meanwhile would otherwise live on here.
    """

    def __init__(self, path: Path, cluster: str, tombstones_kept_ms: int = WEEK_MS) -> None:
        self._path = path
        self._cluster = cluster.encode()
        self._db = self._open()
        written = int(self._db.get(_WRITTEN) or 0)
        too_old = written < time.time_ns() // 1_000_000 - tombstones_kept_ms
        if self._db.get(_CLUSTER) != self._cluster or too_old:
            self.clear()
        self.position = int(self._db.get(_POSITION) or 0)

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        return value

    def write(self, changes: Changes, position: int) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_POSITION, b"%d" % position)
        batch.put(_WRITTEN, b"%d" % (time.time_ns() // 1_000_000))
        self._db.write(batch)
        self.position = position

    def clear(self) -> None:
        self._db.close()
        shutil.rmtree(self._path, ignore_errors=True)
        self._db = self._open()
        self._db[_CLUSTER] = self._cluster
        self.position = 0

    def close(self) -> None:
        self._db.close()

    def __len__(self) -> int:
        return sum(not key.startswith(b"@") for key in self._db.keys())  # noqa: SIM118  an Rdict is not a dict

    def _open(self) -> Rdict:
        self._path.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        try:
            return Rdict(str(self._path), options)
        except Exception as error:
            if "lock" in str(error).lower():
                raise StoreTaken(
                    f"{self._path} is open in another process: give each worker a name of its own (DYADS_NAME)"
                ) from error
            raise


def open_store(kind: StoreKind, path: Path, cluster: str) -> Store:
    """The store of one task. Raises `StoreTaken`."""
    return MemoryStore() if kind is StoreKind.MEMORY else RocksStore(path, cluster)
