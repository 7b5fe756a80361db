"""What the broker does to files, one operation a method.

Everything that is written goes through here, so that a test can put a file system in its place that crashes, loses
power or runs full between any two operations.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

_sync_data = getattr(os, "fdatasync", os.fsync)
"""Brings content and length of a file to disk; times that nobody needs may wait."""

TEMPORARY = ".new"
"""How the name of a file ends that is not yet what it will be."""


@cache
def _syncing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8, thread_name_prefix="fsync")


class Files:
    """The operations. Each raises `OSError`."""

    def make_directory(self, path: Path) -> None:
        """A directory, with those above it that are missing, there for good."""
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir()
            self.sync_directory(each.parent)

    def create(self, path: Path) -> int:
        """A new file for reading and writing; its descriptor."""
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)

    def open(self, path: Path) -> int:
        """A file that exists, for reading and writing; its descriptor."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def lock(self, path: Path) -> int:
        """A file that no other process has locked, locked until it is closed. Raises `BlockingIOError` if one has."""
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def write(self, descriptor: int, position: int, data: bytes) -> None:
        """All of the data at a position. After an error part of it may be there."""
        written = os.pwrite(descriptor, data, position)
        while written < len(data):
            written += os.pwrite(descriptor, memoryview(data)[written:], position + written)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file off at `size` bytes."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Return when what was written to the file is on disk."""
        _sync_data(descriptor)

    def sync_all(self, descriptors: Sequence[int]) -> None:
        """As `sync`, for several files at once: a file system brings them to disk together."""
        if len(descriptors) == 1:
            self.sync(descriptors[0])
        else:
            list(_syncing().map(self.sync, descriptors))

    def sync_directory(self, path: Path) -> None:
        """Return when the names in a directory are on disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in the place of another, or of none, at once."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def remove_tree(self, path: Path) -> None:
        """Remove a directory and all in it; what cannot be removed is left to the next start."""
        shutil.rmtree(path, ignore_errors=True)

    def replace(self, path: Path, content: bytes) -> None:
        """Give a file new content, all or nothing. It is on disk when the directory is synced."""
        temporary = path.with_name(path.name + TEMPORARY)
        self.remove(temporary)
        try:
            descriptor = self.create(temporary)
            try:
                self.write(descriptor, 0, content)
                self.sync(descriptor)
            finally:
                self.close(descriptor)
            self.rename(temporary, path)
        except OSError:
            self.remove(temporary)
            raise
