"""One message of a topic, as it was received."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True):
    """One message as received. `timestamp` is in milliseconds since 1970; a value of None is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]
