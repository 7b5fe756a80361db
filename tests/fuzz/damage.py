"""Breaking bytes: what a bad cable, a bad client or somebody malicious makes of a frame."""

from __future__ import annotations

import struct
from random import Random

INTS = (
    -(2**63), -(2**31) - 1, -(2**31), -(2**15), -129, -2, 127, 128, 2**15 - 1, 2**16, 2**24, 2**31 - 2, 2**31 - 1,
    2**31, 2**32 - 1, 2**62, 2**63 - 1,
)  # fmt: skip
"""Numbers at the edges of the widths that lengths are written in."""

_ENDLESS = (b"\xff" * 5, b"\xff" * 10, b"\x80" * 20 + b"\x01", b"\xff" * 9 + b"\x7f")
"""Varints that overflow or never end."""


def varint(number: int) -> bytes:
    """A number as the records write theirs: zigzag, seven bits a byte; cut to 64 bits."""
    coded = (number << 1 ^ number >> 63) & 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while coded > 0x7F:
        out.append(coded & 0x7F | 0x80)
        coded >>= 7
    out.append(coded)
    return bytes(out)


_LENGTHS = [
    *(struct.pack(form, number) for form, bits in ((">h", 15), (">i", 31), (">q", 63)) for number in INTS
      if -(2**bits) <= number < 2**bits),
    *map(varint, INTS),
    *_ENDLESS,
]  # fmt: skip


def damaged(random: Random, data: bytes, most: int = 3) -> bytes:
    """The bytes after one to `most` injuries: cut, flipped, a length overwritten, a piece put in, out or twice."""
    for _ in range(random.randint(1, most)):
        at = random.randint(0, len(data))
        match random.randrange(7):
            case 0:
                data = data[:at]
            case 1 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
            case 2:
                put = random.choice(_LENGTHS)
                data = data[:at] + put + data[at + len(put) :]
            case 3:
                data = data[:at] + random.choice(_LENGTHS) + data[at:]
            case 4:
                data = data[:at] + random.randbytes(random.randint(1, 12)) + data[at:]
            case 5:
                data = data[:at] + data[at + random.randint(1, 16) :]
            case _:
                end = min(len(data), at + random.randint(0, 2000))
                data = data[:at] + data[at:end] * 2 + data[end:]
    return data
