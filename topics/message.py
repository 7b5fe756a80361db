"""One message of a topic, as it was received."""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka import ConsumerRecord
from msgspec import Struct

from topics.headers import unpack


class Message(Struct, frozen=True, kw_only=True):
    """One message as received. `timestamp` is in milliseconds since 1970; a value of None is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]


def message_of(record: ConsumerRecord[bytes, bytes]) -> Message:
    """The message in a record of the client library's."""
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=unpack(record.headers),
    )
