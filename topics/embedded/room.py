"""What happens when the disk is full, or otherwise refuses a write.

The write is undone and answered with KAFKA_STORAGE_ERROR, after which clients try again; readers are served all the
while, and writing goes on as soon as there is room. It is logged when it begins and when it is over.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path

from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.files import Files
from topics.embedded.syncing import Syncer

RESERVE_BYTES = 1024 * 1024
"""Kept occupied, so that retention, compaction and the deletion of topics can begin on a full disk."""

TOLD_EVERY = 60.0
"""Seconds. On a disk that is nearly full small writes succeed among large ones that do not."""

logger = logging.getLogger(__name__)


class Room:
    """The files of a data directory, and whether there is room for more."""

    def __init__(self, path: Path, files: Files, syncer: Syncer, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.files = files
        self.syncer = syncer
        self._path = path
        self._reserve = path / "reserve"
        self._reserve_bytes = reserve_bytes
        self._refusing = False
        self._told_at = -math.inf

    @contextlib.contextmanager
    def wanted(self) -> Iterator[None]:
        """Around what writes. Raises `Refused` where that raises `OSError`."""
        try:
            yield
        except OSError as error:
            if time.monotonic() - self._told_at > TOLD_EVERY:
                logger.error("%s: %s; writes are refused until they succeed again", self._path, error.strerror or error)
                self._told_at, self._refusing = time.monotonic(), True
            raise Refused(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
        if self._refusing:
            self._refusing = False
            logger.warning("%s: writing goes on", self._path)

    def release_reserve(self) -> bool:
        """Make room out of the reserve; whether there was one."""
        if not self._reserve.exists():
            return False
        self.files.remove(self._reserve)
        return True

    def renew_reserve(self) -> None:
        """Occupy the reserve, if there is room."""
        if self._reserve.exists():
            return
        try:
            descriptor = self.files.create(self._reserve)
            try:
                self.files.write(descriptor, 0, bytes(self._reserve_bytes))
            finally:
                self.files.close(descriptor)
        except OSError:
            self.files.remove(self._reserve)
