"""Bytes and records: orjson on the wire, msgspec for types and validation."""

from __future__ import annotations

from typing import TypeVar

import msgspec
import orjson

from models import InvalidValue, decode_hook, encode_hook

R = TypeVar("R", bound=msgspec.Struct)


class Undecodable(ValueError):
    """Bytes that are no valid record; the message names the field and the reason."""


def encode(record: msgspec.Struct) -> bytes:
    """A record as JSON bytes; fields at their default are left out."""
    return orjson.dumps(msgspec.to_builtins(record, str_keys=True, enc_hook=encode_hook))


def decode(kind: type[R], data: bytes | str) -> R:
    """JSON bytes as a record of `kind`; fields it does not know are ignored. Raises `Undecodable`."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Undecodable(f"expected a JSON object, got {type(value).__name__}")
    try:
        return msgspec.convert(value, kind, str_keys=True, dec_hook=decode_hook)
    except (msgspec.ValidationError, InvalidValue) as error:
        raise Undecodable(_readable(str(error))) from None


def _readable(message: str) -> str:
    """msgspec's `... - at `$.published_at`` as `published_at: ...`."""
    reason, at, path = message.partition(" - at `$")
    field = path.rstrip("`").removeprefix(".")
    return f"{field}: {reason}" if at and field else message
