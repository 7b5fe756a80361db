"""Bringing to disk what was written, as the fsync policy says."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from typing import Protocol

from topics.embedded.errors import DiskFailed
from topics.embedded.files import Files
from topics.embedded.fsync import FsyncPolicy


class Syncable(Protocol):
    """A file that is written to."""

    @property
    def descriptor(self) -> int: ...


class Syncer:
    """Knows which files were written to and not yet brought to disk, and brings them there as the policy says.

    A failed fsync is the end: the system may have dropped what it could not write, and a second fsync would say nothing
    of it. The broker stops, and its next start keeps what the checksums say is whole."""

    def __init__(self, files: Files, policy: FsyncPolicy, interval: float = 1.0) -> None:
        """`interval` is in seconds, for the policy of that name."""
        self._files = files
        self._policy = policy
        self._interval = interval
        self._dirty: dict[Syncable, None] = {}
        self._in_flight: tuple[Syncable, ...] = ()
        self._written = 0  # counts writes
        self._synced = 0  # those of them known to be on disk
        self._running: asyncio.Task[None] | None = None
        self._failure: DiskFailed | None = None
        self._failed = asyncio.Event()

    def check(self) -> None:
        """Raises `DiskFailed` if the disk has failed."""
        if self._failure is not None:
            raise self._failure

    def written(self, file: Syncable) -> None:
        """A file was written to."""
        self._dirty[file] = None
        self._written += 1

    def forget(self, file: Syncable) -> None:
        """A file is about to be closed and removed."""
        self._dirty.pop(file, None)
        self._in_flight = tuple(each for each in self._in_flight if each is not file)

    def sync(self, file: Syncable) -> None:
        """Bring one file to disk now, whatever the policy. Raises `DiskFailed`."""
        self._sync_here([file])
        self._dirty.pop(file, None)

    def barrier(self) -> None:
        """Under `always`: return when everything written so far is on disk, so that what is written next cannot get
        there before it. Holds up the whole broker meanwhile. Raises `DiskFailed`."""
        if self._policy is FsyncPolicy.ALWAYS:
            self.sync_now()

    def sync_now(self) -> None:
        """Bring everything to disk. Raises `DiskFailed`."""
        self._sync_here({**self._dirty, **dict.fromkeys(self._in_flight)})
        self._dirty.clear()
        self._synced = self._written

    async def settle(self) -> None:
        """Under `always`: return when everything written so far is on disk. Raises `DiskFailed`."""
        self.check()
        if self._policy is not FsyncPolicy.ALWAYS:
            return
        wanted = self._written
        while self._synced < wanted:
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._sync_in_background())
            await asyncio.shield(self._running)  # whoever stops waiting must not stop the others' sync
            self.check()

    async def run(self) -> None:
        """Under `interval`: sync from time to time; for ever."""
        while self._policy is FsyncPolicy.INTERVAL and self._failure is None:
            await asyncio.sleep(self._interval)
            await self._sync_in_background()

    async def failure(self) -> DiskFailed:
        """Wait until the disk has failed."""
        await self._failed.wait()
        assert self._failure is not None
        return self._failure

    def fail(self, error: OSError) -> DiskFailed:
        """From now on everything raises this."""
        if self._failure is None:
            self._failure = DiskFailed(f"the disk failed, the broker stops: {error}")
            self._failed.set()
        return self._failure

    def _sync_here(self, files: Iterable[Syncable]) -> None:
        self.check()
        try:
            self._files.sync_all([file.descriptor for file in files])
        except OSError as error:
            raise self.fail(error) from error

    async def _sync_in_background(self) -> None:
        if not self._dirty:  # each was brought to disk for its own sake
            self._synced = self._written
            return
        written, self._in_flight = self._written, tuple(self._dirty)
        self._dirty.clear()
        descriptors: list[int] = []
        try:
            # Duplicates, since a file may be closed here while the thread still syncs it.
            descriptors += [os.dup(file.descriptor) for file in self._in_flight]
            await asyncio.to_thread(self._files.sync_all, descriptors)
        except OSError as error:
            self.fail(error)
            return
        finally:
            self._in_flight = ()
            for descriptor in descriptors:
                os.close(descriptor)
        self._synced = max(self._synced, written)
