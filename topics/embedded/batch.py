"""Record batches of format 2, the unit in which records travel and are stored.

A batch is a header of 61 bytes and then its records, possibly compressed. The broker checks both, writes only the
header (it sets the offset) and otherwise passes the bytes through. The checksum covers everything from
the attributes on, so setting offset and leader epoch leaves it valid.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c, encode_varint

from topics.embedded.compression import TooLarge, unpack
from topics.embedded.errors import ErrorCode, Refused

NO_PRODUCER = -1
NO_SEQUENCE = -1
MAX_SEQUENCE = 2**31 - 1

_HEADER = struct.Struct(">qiibIhiqqqhii")
HEADER_SIZE = _HEADER.size
_PREFIX = struct.Struct(">qii")  # base offset, length, leader epoch: what the broker sets
_CRC = struct.Struct(">I")
_LENGTH_OVERHEAD = 12
"""Bytes before those that the length field counts: the base offset and the length itself."""
_CRC_AT = 17
_ATTRIBUTES_AT = 21
_MAX_TIMESTAMP_AT = 35
CHECKED_FROM = _ATTRIBUTES_AT
"""Where the bytes begin that the checksum covers."""

_CODEC_MASK = 0x07
_LOG_APPEND_TIME = 0x08
_TRANSACTIONAL = 0x10
_CONTROL = 0x20


class BatchHeader(NamedTuple):
    """The fields of a batch's header, as named by the protocol. Timestamps are milliseconds since 1970."""

    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size(self) -> int:
        """Bytes of the whole batch."""
        return _LENGTH_OVERHEAD + self.length

    @property
    def last_offset(self) -> int:
        return self.base_offset + self.last_offset_delta

    @property
    def last_sequence(self) -> int:
        """Sequence number of the last record; the numbers wrap to 0 after 2^31 - 1."""
        return (self.base_sequence + self.last_offset_delta) & MAX_SEQUENCE

    @property
    def codec(self) -> int:
        return self.attributes & _CODEC_MASK

    @property
    def is_transactional(self) -> bool:
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        return bool(self.attributes & _CONTROL)


def read_header(data: bytes) -> BatchHeader:
    """The header at the start of `data`. Raises `Refused` if that is no batch of format 2."""
    if len(data) < _HEADER.size:
        raise Refused(ErrorCode.CORRUPT_MESSAGE, f"{len(data)} bytes are no record batch")
    header = BatchHeader._make(_HEADER.unpack_from(data))
    if header.magic != 2:
        raise Refused(ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT, f"message format {header.magic}")
    return header


def check_produced(data: bytes) -> BatchHeader:
    """The header of a batch as a producer sends it, checked as Apache Kafka does: exactly one batch, whole, with a
    valid checksum, as many records as offsets, and no control batch (those are the broker's). Raises `Refused`."""
    header = read_header(data)
    if header.size < len(data) and header.size >= _HEADER.size:
        raise Refused(ErrorCode.INVALID_RECORD, "a produce request carries one batch for each partition")
    if header.size != len(data):
        raise Refused(ErrorCode.CORRUPT_MESSAGE, f"a batch of {header.size} bytes in {len(data)}")
    if calc_crc32c(memoryview(data)[_ATTRIBUTES_AT:]) != header.crc:
        raise Refused(ErrorCode.CORRUPT_MESSAGE, "wrong checksum")
    if header.is_control:
        raise Refused(ErrorCode.INVALID_RECORD, "clients write no control batches")
    if header.record_count < 1 or header.last_offset_delta != header.record_count - 1:
        raise Refused(ErrorCode.INVALID_RECORD, f"{header.record_count} records over {header.last_offset_delta + 1}")
    if header.producer_id != NO_PRODUCER and (header.producer_epoch < 0 or header.base_sequence < 0):
        raise Refused(ErrorCode.INVALID_RECORD, "a producer id without epoch or sequence")
    if header.is_transactional and header.producer_id == NO_PRODUCER:
        raise Refused(ErrorCode.INVALID_RECORD, "a transactional batch without producer id")
    return header


def check_records(data: bytes, header: BatchHeader, *, keyed: bool) -> None:
    """That the records are what the header says, as many and numbered from 0, so that every reader of the log can
    read them; with `keyed` that each has a key, since compaction could not tell which one it replaces. Raises
    `Refused`."""
    try:
        for delta, record in enumerate(DefaultRecordBatch(_unpacked(data, header))):
            if record.offset != header.base_offset + delta:
                raise Refused(ErrorCode.INVALID_RECORD, f"record {delta} is numbered {record.offset}")
            if keyed and record.key is None:
                raise Refused(ErrorCode.INVALID_RECORD, "a compacted topic takes no record without a key")
    except Refused:
        raise
    except TooLarge as error:
        raise Refused(ErrorCode.MESSAGE_TOO_LARGE, f"unpacked: {error}") from None
    except Exception as error:  # whatever the parser raises, the batch is unreadable
        raise Refused(ErrorCode.CORRUPT_MESSAGE, f"unreadable records: {error}") from None


def _unpacked(data: bytes, header: BatchHeader) -> bytes:
    """The batch without compression (its checksum then wrong)."""
    if header.codec == 0:
        return data
    head = bytearray(data[: _HEADER.size])
    struct.pack_into(">h", head, _ATTRIBUTES_AT, header.attributes & ~_CODEC_MASK)
    return bytes(head) + unpack(header.codec, data[_HEADER.size :])


def with_offset(data: bytes, base_offset: int) -> bytes:
    """The batch with its first offset set (and leader epoch 0)."""
    length: int = struct.unpack_from(">i", data, 8)[0]
    return _PREFIX.pack(base_offset, length, 0) + data[_PREFIX.size :]


def with_append_time(data: bytes, now_ms: int) -> bytes:
    """The batch stamped with the broker's time, which then holds for each of its records (LogAppendTime)."""
    changed = bytearray(data)
    attributes: int = struct.unpack_from(">h", changed, _ATTRIBUTES_AT)[0]
    struct.pack_into(">h", changed, _ATTRIBUTES_AT, attributes | _LOG_APPEND_TIME)
    struct.pack_into(">q", changed, _MAX_TIMESTAMP_AT, now_ms)
    _CRC.pack_into(changed, _CRC_AT, calc_crc32c(changed[_ATTRIBUTES_AT:]))
    return bytes(changed)


def control_batch(base_offset: int, producer_id: int, producer_epoch: int, *, commit: bool, now_ms: int) -> bytes:
    """The marker that ends a transaction in a partition: one record, its key saying commit (1) or abort (0)."""
    key = struct.pack(">hh", 0, 1 if commit else 0)  # version, type
    value = struct.pack(">hi", 0, 0)  # version, epoch of the coordinator
    record = bytearray(b"\0")  # attributes
    for number in (0, 0):  # timestamp delta, offset delta
        encode_varint(number, record.append)
    for part in (key, value):
        encode_varint(len(part), record.append)
        record += part
    encode_varint(0, record.append)  # headers
    sized = bytearray()
    encode_varint(len(record), sized.append)
    fields = struct.pack(
        ">hiqqqhii", _TRANSACTIONAL | _CONTROL, 0, now_ms, now_ms, producer_id, producer_epoch, NO_SEQUENCE, 1
    )
    covered = fields + sized + record
    head = struct.pack(">qiibI", base_offset, len(covered) + 9, 0, 2, calc_crc32c(covered))
    return head + covered


def is_commit(marker: bytes) -> bool:
    """Whether a control batch says commit; the other kind says abort."""
    [record] = DefaultRecordBatch(marker)
    return bool(struct.unpack_from(">hh", record.key)[1] == 1)
