"""Small value objects for the hard ideas of the field: a pair of states, a day, an article's version.

Each is a `str` or `int` of the form it has on the wire, so it hashes, sorts and serialises as itself, but it can
only be made from a valid value: `Dyad.parse("KAZ-BLR")` fails where a plain string would have travelled on.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Self

_CODE = re.compile(r"[A-Z]{3}\Z")


class InvalidValue(ValueError):
    """A value that is not of its kind; the message says which and why."""


class Dyad(str):
    """A pair of states: two different alpha-3 codes in alphabetical order, `BLR-KAZ`.

    The order is the key's, not the direction of an event: who acted is said by `Event.source`.
    """

    __slots__ = ()

    @classmethod
    def of(cls, one: str, other: str) -> Self:
        """The dyad of two states given in any order."""
        for code in (one, other):
            if not _CODE.match(code):
                raise InvalidValue(f"{code!r} is not a state's three-letter code")
        if one == other:
            raise InvalidValue(f"a dyad needs two states, got {one} twice")
        return cls("-".join(sorted((one, other))))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `BLR-KAZ`; the codes must be in alphabetical order, as in keys."""
        a, dash, b = text.partition("-")
        if not dash:
            raise InvalidValue(f"{text!r} is not a dyad such as BLR-KAZ")
        dyad = cls.of(a, b)
        if dyad != text:
            raise InvalidValue(f"{text!r} is not in alphabetical order, write {dyad}")
        return dyad

    @property
    def a(self) -> str:
        """The state that comes first in the alphabet."""
        return self[:3]

    @property
    def b(self) -> str:
        """The state that comes second in the alphabet."""
        return self[4:]

    def __repr__(self) -> str:
        return f"Dyad({str(self)!r})"


class Day(str):
    """A calendar day, `2025-10-31`. Never taken from the wall clock: it comes from a text or a message."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ISO 8601 day with century, month and day."""
        try:
            day = cls(dt.date.fromisoformat(text).isoformat())
            if day != text:  # 2025-W44-5 is ISO 8601 too
                raise ValueError
            return day
        except ValueError:
            raise InvalidValue(f"{text!r} is not a day such as 2025-10-31") from None

    @classmethod
    def of(cls, date: dt.date) -> Self:
        """The day of a date or of a moment in its own time zone."""
        return cls(dt.date(date.year, date.month, date.day).isoformat())

    @property
    def date(self) -> dt.date:
        """The same day as a `datetime.date`."""
        return dt.date.fromisoformat(self)

    def __repr__(self) -> str:
        return f"Day({str(self)!r})"


class Version(int):
    """An article's version: the offset of the message in the article's home partition of `articles.raw`.

    Of two versions of one article the higher was published later; a lower one is stale and changes nothing.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: int | str | bytes) -> Self:
        """Read an offset, a number from zero."""
        try:
            if not isinstance(value, int) and not (value.isascii() and value.isdigit()):
                raise ValueError  # int() would take 1_000 and blanks
            number = cls(value)
        except ValueError:
            raise InvalidValue(f"{value!r} is not a version (an offset)") from None
        if number < 0:
            raise InvalidValue(f"a version is an offset and cannot be negative, got {number}")
        return number


def decode_hook(kind: type, value: Any) -> Any:
    """The hook by which msgspec reads the value objects inside records. Raises `InvalidValue`."""
    for wanted in (Dyad, Day):
        if kind is wanted and isinstance(value, str):
            return wanted.parse(value)
    if kind is Version and type(value) is int:  # JSON's true is an int to Python
        return Version.parse(value)
    raise InvalidValue(f"expected {kind.__name__}, got {type(value).__name__}")


def encode_hook(value: Any) -> Any:
    """The hook by which msgspec writes the value objects inside records."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{type(value).__name__} cannot be written")
