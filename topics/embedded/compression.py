"""Unpacking what a producer packed, within a bound: a kilobyte can be made to unpack to gigabytes.

The formats are those that Kafka's clients write: gzip, snappy raw or in xerial's blocks, LZ4 frames, zstd frames.
"""

from __future__ import annotations

import gzip
import io
import mmap
import struct
from collections.abc import Callable, Iterator

import cramjam

MAX_RECORDS_BYTES = 64 * 1024 * 1024
"""Most bytes that the records of one batch may unpack to. A bound of this broker's own: Apache Kafka unpacks as it
reads, this broker at once. The text of the longest article is less than a hundredth of it."""

_XERIAL = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
"""What xerial's blocks begin with: their name, version and compatible version; clients know no others."""
_BLOCK_LENGTH = struct.Struct(">i")


class Unpackable(ValueError):
    """Bytes that are not what their codec says."""


class TooLarge(ValueError):
    """Bytes that would unpack to more than `MAX_RECORDS_BYTES`."""


def unpack(codec: int, packed: bytes) -> bytes:
    """The bytes that were packed with a codec, numbered as in a batch's attributes. Raises `Unpackable`, `TooLarge`."""
    if codec not in _UNPACKERS:
        raise Unpackable(f"no codec {codec}")
    try:
        return _UNPACKERS[codec](packed)
    except TooLarge:
        raise
    except Exception as error:  # each library has exceptions of its own
        raise Unpackable(str(error)) from None


def _gzip(packed: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        unpacked = file.read(MAX_RECORDS_BYTES + 1)
    if len(unpacked) > MAX_RECORDS_BYTES:
        raise TooLarge(f"more than {MAX_RECORDS_BYTES} bytes")
    return unpacked


def _snappy(packed: bytes) -> bytes:
    """Snappy's blocks begin with the length that they unpack to, which is allocated before anything is unpacked."""
    blocks = list(_xerial_blocks(packed)) if packed.startswith(_XERIAL) else [packed]
    size = sum(int(cramjam.snappy.decompress_raw_len(block)) for block in blocks)
    if size > MAX_RECORDS_BYTES:
        raise TooLarge(f"{size} bytes")
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _xerial_blocks(packed: bytes) -> Iterator[bytes]:
    at = len(_XERIAL)
    while at < len(packed):
        (length,) = _BLOCK_LENGTH.unpack_from(packed, at)
        at += _BLOCK_LENGTH.size
        if not 0 < length <= len(packed) - at:
            raise Unpackable(f"a block of {length} bytes where {len(packed) - at} are left")
        yield packed[at : at + length]
        at += length


def _into_pages(decompress_into: Callable[[bytes, mmap.mmap], int]) -> Callable[[bytes], bytes]:
    """Unpack into memory that the system gives page by page, as it is written to: the bound costs nothing until it is
    reached, and the library fails at its end."""

    def unpacked(packed: bytes) -> bytes:
        with mmap.mmap(-1, MAX_RECORDS_BYTES) as pages:
            try:
                return pages[: decompress_into(packed, pages)]
            except cramjam.DecompressionError as error:
                if "write whole buffer" in str(error):
                    raise TooLarge(f"more than {MAX_RECORDS_BYTES} bytes") from None
                raise

    return unpacked


_UNPACKERS: dict[int, Callable[[bytes], bytes]] = {
    1: _gzip,
    2: _snappy,
    3: _into_pages(cramjam.lz4.decompress_into),
    4: _into_pages(cramjam.zstd.decompress_into),
}
