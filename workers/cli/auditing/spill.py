"""An ordered map from bytes to bytes on disk: what an audit has read and memory would not hold.

RocksDB without a log of its own writes: when the process dies the map is worth nothing. It lies in a directory that is
removed at the end; one that was left behind by a process that was killed is removed by the next.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteOptions,
)

WRITE_BUFFER_BYTES = 16 * 1024 * 1024
WRITE_BUFFERS = 3
"""Buffers of writes, at the most: one filling, the others on their way to disk."""
CACHE_BYTES = 16 * 1024 * 1024
"""Blocks of files kept in memory. Parts of indexes and filters are blocks too, so they do not grow with the rows."""

_PREFIX = "audit-"
_LOCK = "lock"


class SpillFailed(Exception):
    """What does not fit in memory cannot be written: the disk is full, or the directory is not ours."""


class Spill:
    """The map, a context manager; it lies in a new directory under `parent`, which is made if need be.

    Memory: `WRITE_BUFFERS` * `WRITE_BUFFER_BYTES` + `CACHE_BYTES`, however many rows. Methods raise `SpillFailed`.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent

    def __enter__(self) -> Self:
        try:
            self._parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(self._parent)
            self._path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._parent))
            self._lock = _locked(self._path)
            self._db = Rdict(str(self._path / "rows"), _options())
        except Exception as error:  # RocksDB's errors are bare ones
            raise self._failed(error) from error
        unlogged = WriteOptions()
        unlogged.disable_wal = True
        self._db.set_write_options(unlogged)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # it fails on a full disk, where there is nothing left to save
            self._db.close()
        shutil.rmtree(self._path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

    def get(self, key: bytes) -> bytes | None:
        """The value, or None."""
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise self._failed(error) from error
        return value

    def put(self, key: bytes, value: bytes = b"") -> None:
        """Set the value of a key."""
        try:
            self._db[key] = value
        except Exception as error:
            raise self._failed(error) from error

    def delete(self, key: bytes) -> None:
        """Remove the key, if it is there."""
        try:
            del self._db[key]
        except Exception as error:
            raise self._failed(error) from error

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with `prefix`, and their values, in the order of the keys as the map is now."""
        try:
            for key, value in self._db.items(from_key=prefix):
                if not key.startswith(prefix):
                    return
                yield key, value
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> SpillFailed:
        return SpillFailed(f"{self._parent}: {error}; name another directory with --scratch")


def _options() -> Options:
    table = BlockBasedOptions()
    table.set_block_cache(Cache(CACHE_BYTES))
    table.set_bloom_filter(10, False)
    # Whole indexes and filters would grow with the rows, or, cached, be too large for the cache: reading one key took
    # 450 microseconds of a processor among a million rows, and takes 15 with parts of them.
    table.set_cache_index_and_filter_blocks(True)
    table.set_index_type(BlockBasedIndexType.two_level_index_search())
    table.set_partition_filters(True)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(WRITE_BUFFERS)
    return options


def _remove_leftovers(parent: Path) -> None:
    """Remove the directories of audits that run no longer: nobody holds their lock."""
    for path in parent.glob(f"{_PREFIX}*"):
        if path.is_dir() and (lock := _locked(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _locked(path: Path) -> int | None:
    """The open lock file of a directory; None where another process holds it."""
    try:
        lock = os.open(path / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:  # another audit removes it at this moment
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
