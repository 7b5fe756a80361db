"""Which days of the tables an audit is about."""

from __future__ import annotations

from msgspec import Struct

from models import Day, InvalidValue


class Days(Struct, frozen=True):
    """The days from `first` to `last`, both included; None is without end. Raises `InvalidValue` where none is left."""

    first: Day | None = None
    last: Day | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise InvalidValue(f"no day is from {self.first} to {self.last}")

    @property
    def all(self) -> bool:
        """Whether every row counts, those of no day as well."""
        return self.first is None and self.last is None

    def have(self, day: Day | None) -> bool:
        """Whether rows of this day count; None is an event whose date is coarser than a day."""
        if day is None:
            return self.all
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def __str__(self) -> str:
        return "all days" if self.all else f"days from {self.first or 'the first'} to {self.last or 'the last'}"
