"""File systems that end at a chosen operation: as a killed process ends, or as a power cut ends everything."""

from __future__ import annotations

import os
from pathlib import Path

from topics.embedded.files import Files


class Crash(BaseException):
    """The process is gone. No handler of errors may catch it."""


class KilledFiles(Files):
    """Carries out so many operations and no more; of a write the first half is still done. The operating system lives
    on, so whatever was done stays, synced or not."""

    def __init__(self, operations: int) -> None:
        self.left = operations
        self.done: list[str] = []
        self._open: set[int] = set()

    def make_directory(self, path: Path) -> None:
        if not path.exists():
            self._step("make_directory")
            path.mkdir(parents=True)

    def create(self, path: Path) -> int:
        self._step("create")
        return self._opened(super().create(path))

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

    def sync_directory(self, path: Path) -> None:
        self._step("sync_directory")

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

    def after_the_crash(self) -> None:
        """The system closes what the process had open, and the next start finds what is left."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()

    def _opened(self, descriptor: int) -> int:
        self._open.add(descriptor)
        return descriptor

    def _step(self, operation: str) -> None:
        if self.left <= 0:
            self.left = -1
            raise Crash
        self.left -= 1
        self.done.append(operation)


class PoweredFiles(KilledFiles):
    """After the crash everything is as it was last synced: the content of each file, the names in each directory. With
    `torn`, half of what was appended to a file since then is there too."""

    def __init__(self, operations: int, *, torn: bool) -> None:
        super().__init__(operations)
        self._torn = torn
        self._content: dict[int, bytes] = {}  # by inode
        self._names: dict[Path, dict[str, int]] = {}  # by directory: name -> inode

    def make_directory(self, path: Path) -> None:
        super().make_directory(path)
        for each in (path, *path.parents):
            self._names.setdefault(each, {})

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        self._content[os.fstat(descriptor).st_ino] = _content_of(descriptor)

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self._names[path] = {each.name: each.stat().st_ino for each in path.iterdir() if each.is_file()}

    def remove_tree(self, path: Path) -> None:
        super().remove_tree(path)
        self._names = {each: names for each, names in self._names.items() if not each.is_relative_to(path)}

    def after_the_crash(self) -> None:
        super().after_the_crash()
        current = {
            each.stat().st_ino: each.read_bytes()
            for directory in self._names
            if directory.is_dir() and directory.name  # the root of the file system has no name
            for each in directory.iterdir()
            if each.is_file() and directory in self._ours()
        }
        for directory in self._ours():
            for each in list(directory.iterdir()):
                if each.is_file():
                    each.unlink()
            for name, inode in self._names[directory].items():
                synced = self._content.get(inode, b"")
                unsynced = current.get(inode, synced)
                if self._torn and unsynced.startswith(synced):
                    synced = unsynced[: (len(synced) + len(unsynced)) // 2]
                (directory / name).write_bytes(synced)

    def _ours(self) -> list[Path]:
        """Directories of the data directory: those from the one that holds `lock` downwards."""
        roots = [directory for directory in self._names if (directory / "lock").exists()]
        return [directory for directory in self._names if roots and directory.is_relative_to(roots[0])]


def _content_of(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


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
