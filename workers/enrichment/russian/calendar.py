"""The words of the calendar and its arithmetic: what a date without a year, or a weekday, means on a given day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from msgspec import Struct

from models.data import BrokenData, rows

KINDS = ("month", "weekday", "day", "day_adjective", "number", "ordinal", "unit", "years", "quarter", "season", "turn",
         "part", "daytime", "bound", "target")  # fmt: skip

NEAR = dt.timedelta(days=60)
"""A day without a year that lies as near to publication is that day; farther off, the tense may choose the year."""

_WRITTEN = re.compile(r"(\d{1,2})\s+([а-яё]+)\.?(?:\s+(\d{4}))?", re.IGNORECASE)


class Reading(Struct, frozen=True):
    """A date as read: `2024-05-29`, `2024-05` or `2024`, and what it is instead for an act in the past or future."""

    date: str
    past: str | None = None
    future: str | None = None


Direction = Literal["past", "present", "future", "unknown"]


class Found(Struct, frozen=True):
    """An expression read: the token after it, what it means, and where it lies if the words say so."""

    end: int
    reading: Reading
    direction: Direction | None = None


_CLOSERS = ("years", "quarter", "daytime", "bound", "target")


class Calendar(Struct, frozen=True):
    """The forms of each kind: `words["month"]["мая"] == "5"`. A date begins with a numeral or one of `openers`."""

    words: Mapping[str, Mapping[str, str]]
    openers: frozenset[str]

    def number(self, kind: str, form: str) -> int | None:
        """The value of a form of a kind with numbers for values, None where it is no such form."""
        value = self.words[kind].get(form)
        return None if value is None else int(value)

    def has(self, kind: str, form: str) -> bool:
        """Whether the form is of the kind."""
        return form in self.words[kind]

    def day(self, written: str, published: dt.date) -> dt.date | None:
        """The day of "29 мая 2024 года" or "29 мая"; None where there is no such day."""
        found = _WRITTEN.match(written)
        month = self.number("month", found[2].lower().replace("ё", "е")) if found else None
        if found is None or month is None:
            return None
        if found[3]:
            return date(int(found[3]), month, int(found[1]))
        reading = yearless(month, int(found[1]), published)
        return dt.date.fromisoformat(reading.date) if reading else None


@cache
def calendar() -> Calendar:
    """The table `calendar.csv`, read and checked once. Raises `BrokenData`."""
    words: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for line, row in rows("workers.enrichment.russian", "calendar.csv", ("kind", "value", "forms")):
        if row["kind"] not in words:
            raise BrokenData("calendar.csv", line, f"{row['kind']!r} is no kind")
        if row["kind"] != "unit" and not re.fullmatch(r"-?\d+", row["value"]):
            raise BrokenData("calendar.csv", line, f"{row['value']!r} is no number")
        for form in row["forms"].split():
            if form != form.lower().replace("ё", "е") or form in words[row["kind"]]:
                raise BrokenData("calendar.csv", line, f"{form!r} twice, or not in lower case with е for ё")
            words[row["kind"]][form] = row["value"]
    openers = {form for kind, forms in words.items() if kind not in _CLOSERS for form in forms}
    return Calendar(words, frozenset(openers | {"через"}))


def date(year: int, month: int, day: int) -> dt.date | None:
    """The day, None where the calendar has no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def month_of(year: int, month: int) -> str | None:
    """`2024-05`, the month counted on over the turn of the year; None outside the years 1 to 9999."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{year:04d}-{month:02d}" if 1 <= year <= 9999 else None


def year_of(year: int) -> str | None:
    """`2024`; None outside the years 1 to 9999."""
    return f"{year:04d}" if 1 <= year <= 9999 else None


def yearless(month: int, day: int, published: dt.date) -> Reading | None:
    """The day of a month without a year: the nearest to publication; if that is far, the last and the next as well."""
    years = range(published.year - 8, published.year + 9)  # eight years hold a 29 February
    days = [found for year in years if (found := date(year, month, day))]
    if not days:
        return None
    nearest = min(days, key=lambda found: abs(found - published))
    if abs(nearest - published) <= NEAR:
        return Reading(nearest.isoformat())
    past = max((found for found in days if found <= published), default=nearest)
    future = min((found for found in days if found > published), default=nearest)
    return Reading(nearest.isoformat(), past.isoformat(), future.isoformat())


def yearless_month(month: int, published: dt.date) -> Reading | None:
    """A month without a year: the current one, or else the nearest, and the last and the next."""
    ahead = (month - published.month) % 12
    future, past = (
        month_of(published.year, published.month + ahead),
        month_of(published.year, published.month + ahead - 12),
    )
    if future is None or past is None:
        return None
    if ahead == 0:
        return Reading(future)
    return Reading(future if ahead < 6 else past, past, future)


def weekday(number: int, published: dt.date) -> Reading:
    """A weekday, 1 for Monday: the last one, the day of publication included; for a future act the next one.

    On the day itself both are that day: agencies write "в среду" on Wednesdays.
    """
    back = (published.isoweekday() - number) % 7
    past = published - dt.timedelta(days=back)
    if back == 0:
        return Reading(past.isoformat())
    return Reading(past.isoformat(), past.isoformat(), (past + dt.timedelta(days=7)).isoformat())


def week(turn: int, published: dt.date) -> str:
    """The month of a week counted from the current one: that of its Thursday, in which most of its days lie.

    The records know days, months and years, so a week is told as coarsely as a month.
    """
    thursday = published + dt.timedelta(days=7 * turn + 4 - published.isoweekday())
    return thursday.isoformat()[:7]
