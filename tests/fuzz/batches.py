"""Record batches, whole and broken: every codec, lengths that lie, varints that never end, bombs."""

from __future__ import annotations

import gzip
import struct
from functools import cache
from random import Random

import cramjam
from aiokafka.record.util import calc_crc32c

from tests.fuzz.damage import INTS, damaged, varint
from tests.topics.embedded.records import START_MS, Record, make_batch

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
CODECS = (0, GZIP, SNAPPY, LZ4, ZSTD)
HEADER_SIZE = 61
BOMB_BYTES = 65 * 1024 * 1024
"""What a bomb unpacks to."""

_CRC = struct.Struct(">I")
_HEADER_FIELDS = {
    # name: (where it begins, its format)
    "base offset": (0, ">q"), "length": (8, ">i"), "leader epoch": (12, ">i"), "magic": (16, ">b"),
    "attributes": (21, ">h"), "last offset delta": (23, ">i"), "base timestamp": (27, ">q"),
    "max timestamp": (35, ">q"), "producer id": (43, ">q"), "producer epoch": (51, ">h"),
    "base sequence": (53, ">i"), "record count": (57, ">i"),
}  # fmt: skip


def sealed(batch: bytes) -> bytes:
    """The batch with the length and the checksum that it ought to have, so that a reader looks further."""
    changed = bytearray(batch)
    if len(changed) >= HEADER_SIZE:
        struct.pack_into(">i", changed, 8, len(changed) - 12)
        _CRC.pack_into(changed, 17, calc_crc32c(bytes(changed[21:])))
    return bytes(changed)


def with_field(batch: bytes, name: str, value: int) -> bytes:
    """The batch with a field of its header overwritten (cut to the field's width), and sealed."""
    at, form = _HEADER_FIELDS[name]
    bits = 8 * struct.calcsize(form)
    changed = bytearray(batch)
    struct.pack_into(form, changed, at, (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1))
    if name == "length":  # sealing would mend it
        return bytes(changed)
    return sealed(bytes(changed))


def with_body(codec: int, body: bytes, count: int = 1) -> bytes:
    """A batch whose header says `count` records in a codec, and whose records are `body`, packed already."""
    head = bytearray(make_batch([Record(b"k", b"v")])[:HEADER_SIZE])
    struct.pack_into(">h", head, 21, codec)
    struct.pack_into(">i", head, 23, count - 1)
    struct.pack_into(">i", head, 57, count)
    return sealed(bytes(head) + body)


def pack(codec: int, body: bytes) -> bytes:
    """Bytes compressed as a producer would."""
    match codec:
        case 1:
            return gzip.compress(body, 1)
        case 2:
            return bytes(cramjam.snappy.compress_raw(body))
        case 3:
            return bytes(cramjam.lz4.compress(body))
        case 4:
            return bytes(cramjam.zstd.compress(body, 1))
    return body


def record(
    key: bytes | None = b"k",
    value: bytes | None = b"v",
    *,
    offset_delta: int = 0,
    timestamp_delta: int = 0,
    length: int | None = None,
    key_length: int | None = None,
    value_length: int | None = None,
    headers: int = 0,
) -> bytes:
    """One record, written by hand, so that its lengths may lie."""
    inner = b"\0" + varint(timestamp_delta) + varint(offset_delta)
    for part, said in ((key, key_length), (value, value_length)):
        inner += varint(said if said is not None else -1 if part is None else len(part)) + (part or b"")
    inner += varint(headers)
    return varint(len(inner) if length is None else length) + inner


@cache
def bombs() -> tuple[bytes, ...]:
    """Small batches of each codec whose record unpacks to 65 MiB, or says so."""
    body = record(value=bytes(BOMB_BYTES))
    made = [with_body(codec, pack(codec, body)) for codec in (GZIP, SNAPPY, LZ4, ZSTD)]
    says = varint_unsigned(2**32 - 1) + b"\0abc"
    xerial = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
    made += [with_body(SNAPPY, says), with_body(SNAPPY, xerial + struct.pack(">i", len(says)) + says)]
    made += [with_body(SNAPPY, xerial + struct.pack(">i", length) + b"\0" * 8) for length in (-4, -1, 0, 2**31 - 1)]
    return tuple(made)


def varint_unsigned(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_KEYS = (b"k", b"k", b"", b"other", None)
_VALUES = (b"v", b"v", None, b"", b"value" * 50)
_STAMPS = (START_MS, START_MS, START_MS - 10_000, START_MS + 1, 0, -1, START_MS + 10**12)
_HEADERS = ([], [], [("h", b"x")], [("h", None), ("", b"")])
_PRODUCERS = ((-1, -1, -1), (-1, -1, -1), (1000, 0, 0), (1000, 0, 1), (1001, 0, 0), (1000, 1, 0))


def valid(random: Random) -> bytes:
    """A batch as a producer sends it."""
    producer_id, epoch, sequence = random.choice(_PRODUCERS)
    records = [
        Record(random.choice(_KEYS), random.choice(_VALUES), random.choice(_STAMPS), random.choice(_HEADERS))
        for _ in range(random.randint(1, 4))
    ]
    return make_batch(
        records,
        producer_id=producer_id,
        epoch=epoch,
        sequence=sequence,
        transactional=producer_id == 1000 and random.random() < 0.5,
        codec=random.choice(CODECS),
    )


def lying(random: Random) -> bytes:
    """A batch of records whose inner lengths and numbers lie, well packed and sealed."""

    def maybe() -> int | None:
        return random.choice(INTS) if random.random() < 0.2 else None

    records = [
        record(
            random.choice(_KEYS),
            random.choice(_VALUES),
            offset_delta=number if random.random() < 0.7 else random.choice(INTS),
            timestamp_delta=maybe() or 0,
            length=maybe(),
            key_length=maybe(),
            value_length=maybe(),
            headers=maybe() or 0,
        )
        for number in range(random.randint(0, 3))
    ]
    codec, body = random.choice((0, *CODECS)), b"".join(records)
    if random.random() < 0.5:
        body = damaged(random, body)
    packed = pack(codec, body)
    if random.random() < 0.2:
        packed = damaged(random, packed)
    count = len(records) if random.random() < 0.7 else random.choice((0, *INTS)) % 2**31
    return with_body(codec, packed, count)


def changed_header(random: Random) -> bytes:
    """A whole batch with one field of its header changed."""
    return with_field(valid(random), random.choice(list(_HEADER_FIELDS)), random.choice((0, 1, 2, 3, 7, 16, 32, *INTS)))


def broken(random: Random) -> bytes:
    """A batch with bytes flipped, cut, spliced; sealed anew or with the checksum now wrong."""
    made = damaged(random, valid(random))
    return sealed(made) if random.random() < 0.5 else made


def any_batch(random: Random) -> bytes:
    """Any of them; a bomb now and then is enough."""
    if random.random() < 0.003:
        return random.choice(bombs())
    return random.choice((valid, valid, changed_header, lying, broken))(random)
