"""A segment: a file of record batches, one after the other, as they came over the wire.

Only the newest segment of a partition is written to, at its end. What a crash leaves there is whole batches and then,
perhaps, part of one or bytes that never reached the disk. Reading stops at the first batch that is not whole by its
checksum, and the rest is cut off: no acknowledged batch can lie behind one that is not on disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aiokafka.record.util import calc_crc32c

from topics.embedded import batch as batches
from topics.embedded.batch import BatchHeader
from topics.embedded.errors import Refused
from topics.embedded.files import Files

SUFFIX = ".log"


class Segment:
    """An open segment file."""

    __slots__ = ("created_ms", "descriptor", "path", "size")

    def __init__(self, path: Path, descriptor: int, size: int, created_ms: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.created_ms = created_ms
        self.size = size
        """Bytes of whole batches."""

    @classmethod
    def create(cls, files: Files, directory: Path, base_offset: int, number: int, now_ms: int) -> Segment:
        """A new one; `number` tells it from others that begin at the same offset. Raises `OSError`."""
        path = directory / f"{base_offset:020d}-{number}{SUFFIX}"
        return cls(path, files.create(path), 0, now_ms)

    @classmethod
    def open(cls, files: Files, path: Path, created_ms: int) -> Segment:
        """One that exists. Raises `OSError`."""
        descriptor = files.open(path)
        return cls(path, descriptor, os.fstat(descriptor).st_size, created_ms)

    @property
    def number(self) -> int:
        return int(self.path.stem.partition("-")[2])

    def read(self, position: int, size: int) -> bytes:
        """Bytes at a position. Raises `OSError`."""
        data = os.pread(self.descriptor, size, position)
        while len(data) < size:
            more = os.pread(self.descriptor, size - len(data), position + len(data))
            if not more:
                raise OSError(f"{self.path} ends at {position + len(data)}, {size} bytes were wanted at {position}")
            data += more
        return data

    def scan(self, after: int, *, checked: bool) -> Iterator[tuple[BatchHeader, int]]:
        """The headers and positions of whole batches, up to the end or to the first that is not whole. Offsets must
        grow, beginning above `after`. `checked`: by its checksum too, not only by its header."""
        position = 0
        while position + batches.HEADER_SIZE <= self.size:
            try:
                header = batches.read_header(self.read(position, batches.HEADER_SIZE))
            except Refused:
                return
            fits = batches.HEADER_SIZE <= header.size <= self.size - position
            if not fits or header.base_offset <= after or header.last_offset_delta < 0:
                return
            if checked and not _is_whole(self.read(position, header.size), header):
                return
            yield header, position
            after = header.last_offset
            position += header.size


def _is_whole(data: bytes, header: BatchHeader) -> bool:
    return bool(calc_crc32c(memoryview(data)[batches.CHECKED_FROM :]) == header.crc)
