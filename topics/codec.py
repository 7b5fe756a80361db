"""Bytes and records: orjson on the wire, msgspec for types and validation."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
import orjson

from models import InvalidValue, decode_hook, encode_hook

R = TypeVar("R", bound=msgspec.Struct)


class Undecodable(ValueError):
    """Bytes that are no valid record: `reason`, and the `field` it is about (empty: the whole value)."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


def encode(record: msgspec.Struct) -> bytes:
    """A record as JSON bytes; fields at their default are left out."""
    return orjson.dumps(msgspec.to_builtins(record, str_keys=True, enc_hook=encode_hook))


def decode(kind: type[R], data: bytes | str) -> R:
    """JSON bytes as a record of `kind`; fields it does not know are ignored. Raises `Undecodable`.

    A record with a method `accept` says which other forms of its JSON it takes.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Undecodable(f"expected a JSON object, got {type(value).__name__}")
    if accept := getattr(kind, "accept", None):
        value = accept(value)
    try:
        return msgspec.convert(value, kind, str_keys=True, dec_hook=decode_hook)
    except (msgspec.ValidationError, InvalidValue) as error:
        raise Undecodable(*_reason_and_field(str(error))) from None


def _reason_and_field(message: str) -> tuple[str, str]:
    """msgspec's `... - at `$.published_at`` and `... missing required field `text`` taken apart."""
    reason, _, path = message.partition(" - at `$")
    field = path.rstrip("`").removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", reason):
        return "missing", f"{field}.{missing[1]}" if field else missing[1]
    return reason, field
