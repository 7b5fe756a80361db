"""Lists in parts: a cursor says after which row the next part begins, so rows that come meanwhile shift nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import orjson

T = TypeVar("T")


class BadCursor(ValueError):
    """A cursor that was not given out for this list."""


def cursor(*values: str | float | None) -> str:
    """A cursor after the row that has these values to sort by."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def after(text: str, *kinds: type | tuple[type, ...]) -> list[str | float]:
    """The values in a cursor. Raises `BadCursor` where they are not of these kinds."""
    try:
        values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise BadCursor(text) from None
    if not isinstance(values, list) or len(values) != len(kinds):
        raise BadCursor(text)
    if not all(
        isinstance(value, kind) and not isinstance(value, bool) for value, kind in zip(values, kinds, strict=True)
    ):
        raise BadCursor(text)
    return values


def split(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The rows of this part, given one more than may be in it, and the last of them where another part follows."""
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None
