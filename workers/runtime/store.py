"""The local copy of a task's rows: in memory, or on disk in RocksDB.

The truth is the state topic; a store only saves reading it again. What it holds was committed before it was written
here, so a store that is lost, stale or cut short is never wrong: restoring reads on from its `position`.

Keys that begin with `@` are the runtime's own. `@applied` (the last source offset handled) is a row like any other and
travels in the state topic; `@position`, `@written` and `@cluster` are this store's and stay here.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol

from rocksdict import Options, Rdict, WriteBatch

from topics.catalogue import DAY_MS, WEEK_MS
from topics.headers import SCHEMA_VERSION
from workers.runtime.settings import StoreKind

log = logging.getLogger(__name__)

Changes = Mapping[bytes, bytes | None]

_POSITION = b"@position"
_WRITTEN = b"@written"
_CLUSTER = b"@cluster"

_DAMAGED = "Corruption"

CLOCKS_APART_MS = DAY_MS
"""How wrong a machine's clock may be, from one start of a worker to the next, for a store to be known as too old."""


class StoreTaken(Exception):
    """Another process has this store open: two workers were given one name, or an old one still runs."""


class StoreFailed(Exception):
    """The store cannot be read or written. Nothing is lost: what is in it is in the state topic too."""


class StoreDamaged(StoreFailed):
    """RocksDB's checksums say that files of the store are not what was written. It is removed."""


class Store(Protocol):
    """Rows by key, and the offset of the state topic from which reading goes on."""

    position: int

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""

    def write(self, changes: Changes, position: int, *, current: bool = True) -> None:
        """Rows (None removes) and the position, all or nothing; `current` if that is where the state topic ended."""

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

    def write(self, changes: Changes, position: int, *, current: bool = True) -> None:  # noqa: ARG002  never old
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

    Rebuilt from the state topic when its files are damaged, when it belongs to another cluster or has rows of another
    schema, and when it was last written longer ago than the topic keeps tombstones: a row deleted and compacted away
    meanwhile would otherwise live on here. Every method raises `StoreFailed`.
    """

    def __init__(self, path: Path, cluster: str) -> None:
        self._path = path
        self._whose = b"%s, rows of schema %s" % (cluster.encode(), SCHEMA_VERSION)
        self._db = self._open()
        if reason := self._unfit():
            log.warning("the store %s %s: rebuilt", path, reason)
            self.clear()
        self.position = int(self.get(_POSITION) or 0)

    def _unfit(self) -> str | None:
        """Why the store must be rebuilt, if so."""
        whose, written = self.get(_CLUSTER), self.get(_WRITTEN)
        if whose is None:
            return None  # new
        if whose != self._whose:
            return f"is of {whose.decode()}, not of {self._whose.decode()}"
        if written is None:
            return "was never read to its end"
        age = time.time_ns() // 1_000_000 - int(written)
        if age > WEEK_MS - CLOCKS_APART_MS:
            return f"was last written {age / DAY_MS:.1f} days ago, and tombstones are kept for {WEEK_MS // DAY_MS}"
        if age < -CLOCKS_APART_MS:  # either clock was wrong: nobody knows how old it is
            return f"was last written {-age / DAY_MS:.1f} days from now, by the clock"
        return None

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            self._fail(error)
        return value

    def write(self, changes: Changes, position: int, *, current: bool = True) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_POSITION, b"%d" % position)
        if current:  # else the store is as old as it was, and what it misses may already be forgotten
            batch.put(_WRITTEN, b"%d" % (time.time_ns() // 1_000_000))
        batch.put(_CLUSTER, self._whose)
        try:
            self._db.write(batch)
        except Exception as error:
            self._fail(error)
        self.position = position

    def clear(self) -> None:
        self.close()
        shutil.rmtree(self._path, ignore_errors=True)
        self._db = self._open()
        self.position = 0

    def close(self) -> None:
        with suppress(Exception):  # RocksDB says once more what failed before
            self._db.close()

    def __len__(self) -> int:
        return sum(not key.startswith(b"@") for key in self._db.keys())  # noqa: SIM118  an Rdict is not a dict

    def _open(self) -> Rdict:
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            return Rdict(str(self._path), options)
        except Exception as error:
            if "lock" in str(error).lower():
                raise StoreTaken(
                    f"{self._path} is open in another process: give each worker a name of its own (DYADS_NAME)"
                ) from error
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        if str(error).startswith(_DAMAGED):
            self.close()
            shutil.rmtree(self._path, ignore_errors=True)
            raise StoreDamaged(f"the store {self._path} was damaged and is removed: {error}") from error
        raise StoreFailed(f"the store {self._path} cannot be used, make room or mend the disk: {error}") from error


def open_store(kind: StoreKind, path: Path, cluster: str) -> Store:
    """The store of one task, a new one where it is damaged. Raises `StoreTaken`, `StoreFailed`."""
    if kind is StoreKind.MEMORY:
        return MemoryStore()
    try:
        return RocksStore(path, cluster)
    except StoreDamaged as error:
        log.warning("%s; rebuilt", error)
        return RocksStore(path, cluster)
