"""File systems that end at a chosen operation: as a killed process ends, or as a power cut ends everything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from topics.embedded.files import Files


class Crash(BaseException):
    """The process is gone. No handler of errors may catch it."""


class Aftermath(StrEnum):
    """What the crash left."""

    KILLED = "killed"
    """Everything that was done: the operating system lives on."""
    POWER_CUT = "power cut"
    """What was synced: the content of each file, the names in each directory."""
    TORN = "power cut, torn"
    """What was synced, and half of what was appended to a file since then."""
    JOURNAL_FIRST = "power cut, the journal written back"
    """What was synced, and all of the journal: the system brings files to disk in an order of its own."""
    PARTITIONS_FIRST = "power cut, the partitions written back"
    """What was synced, and all of the partitions."""


class CrashingFiles(Files):
    """Carries out so many operations and no more; of a write the first half is still done. Knows what of it is on
    disk."""

    def __init__(self, root: Path, operations: int) -> None:
        self.root = root
        self.left = operations
        self.done: list[str] = []
        self._open: set[int] = set()
        self._content: dict[int, bytes] = {}  # synced, by inode
        self._names: dict[Path, dict[str, int]] = {}  # synced, by directory: name -> inode

    def make_directory(self, path: Path) -> None:
        if not path.exists():
            self._step("make_directory")
            path.mkdir(parents=True)
            for each in (path, *path.parents):
                if each.is_relative_to(self.root):
                    self._names.setdefault(each, {})

    def create(self, path: Path) -> int:
        self._step("create")
        descriptor = self._opened(super().create(path))
        self._content.pop(os.fstat(descriptor).st_ino, None)  # an inode may be used again
        return descriptor

    def open(self, path: Path) -> int:
        return self._opened(super().open(path))

    def lock(self, path: Path) -> int:
        return self._opened(super().lock(path))

    def close(self, descriptor: int) -> None:
        self._open.discard(descriptor)
        super().close(descriptor)

    def write(self, descriptor: int, position: int, data: bytes) -> None:
        if self.left == 0:
            super().write(descriptor, position, data[: len(data) // 2])
        self._step("write")
        super().write(descriptor, position, data)

    def truncate(self, descriptor: int, size: int) -> None:
        self._step("truncate")
        super().truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self._step("sync")
        status = os.fstat(descriptor)
        self._content[status.st_ino] = os.pread(descriptor, status.st_size, 0)

    def sync_all(self, descriptors: Sequence[int]) -> None:
        """One after the other, so that the next run does the same."""
        for descriptor in descriptors:
            self.sync(descriptor)

    def sync_directory(self, path: Path) -> None:
        self._step("sync_directory")
        self._names[path] = {each.name: each.stat().st_ino for each in path.iterdir() if each.is_file()}

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        if path.exists():
            self._step("remove")
            super().remove(path)

    def remove_tree(self, path: Path) -> None:
        """One file after the other, as it is done."""
        for each in sorted(path.rglob("*"), reverse=True):
            if each.is_file():
                self.remove(each)
        self._step("remove_tree")
        super().remove_tree(path)
        self._names = {each: names for each, names in self._names.items() if not each.is_relative_to(path)}

    def _opened(self, descriptor: int) -> int:
        self._open.add(descriptor)
        return descriptor

    def _step(self, operation: str) -> None:
        if self.left <= 0:
            self.left = -1
            raise Crash
        self.left -= 1
        self.done.append(operation)

    # Afterwards --------------------------------------------------------------------------------------------------

    def close_all(self) -> None:
        """The system closes what a process had open."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()

    def remains(self, aftermath: Aftermath) -> dict[Path, bytes]:
        """The files that the next start finds, by their place in the data directory."""
        current = {each: each.read_bytes() for each in self.root.rglob("*") if each.is_file()}
        if aftermath is Aftermath.KILLED:
            return {each.relative_to(self.root): content for each, content in current.items()}
        written = {each.stat().st_ino: content for each, content in current.items()}
        found = {}
        for directory, names in self._names.items():
            for name, inode in names.items():
                synced = self._content.get(inode, b"")
                content = _survives(aftermath, directory.name == "journal", synced, written.get(inode, synced))
                found[(directory / name).relative_to(self.root)] = content
        return found


def _survives(aftermath: Aftermath, in_journal: bool, synced: bytes, written: bytes) -> bytes:
    """What is left of a file."""
    if aftermath is Aftermath.TORN and written.startswith(synced):
        return written[: (len(synced) + len(written)) // 2]
    if aftermath is (Aftermath.JOURNAL_FIRST if in_journal else Aftermath.PARTITIONS_FIRST):
        return written
    return synced


class FullFiles(Files):
    """A disk on which `room` more bytes can be written; None: any number. Half of what does not fit is written."""

    def __init__(self) -> None:
        self.room: int | None = None

    def write(self, descriptor: int, position: int, data: bytes) -> None:
        if self.room is not None:
            fits = data[: self.room]
            super().write(descriptor, position, fits)
            self.room -= len(fits)
            if len(fits) < len(data):
                raise OSError(28, os.strerror(28))
        else:
            super().write(descriptor, position, data)

    def remove(self, path: Path) -> None:
        if self.room is not None and path.exists():
            self.room += path.stat().st_size
        super().remove(path)

    def sync(self, descriptor: int) -> None:
        """Not slow."""
