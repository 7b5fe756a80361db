"""The grammar of date expressions, over the lower-case forms of a sentence; its words are rows of `calendar.csv`.

    29 мая 2024 года · 29 мая · с 3 по 5 июня · 29.05.2024 · в мае · в марте прошлого года · в 2026 году
    вчера · в среду · в минувшую пятницу · на прошлой неделе · в прошлом году · через два дня · три дня назад
    в первом квартале 2025 года · летом 2022 года · до конца года

Of a range the beginning is read. Quarters and seasons are read as their year, weeks as their month. Expressions that
count from another event ("на следующий день", "в тот же день") are no dates of the calendar and are left alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from workers.enrichment.russian import calendar as cal
from workers.enrichment.russian.calendar import Direction, Found, Reading, calendar

_DAY = re.compile(r"(\d{1,2})(?:-?(?:го|е|ое|ого))?")
_DAYS = re.compile(r"(\d{1,2})[-–—](\d{1,2})(?:-?го)?")
_NUMERIC = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_YEAR = re.compile(r"(1[5-9]\d\d|2[01]\d\d)(?:-?(?:го|м|й|ый|ом|ого))?")
_YEARS = re.compile(r"(1[5-9]\d\d|2[01]\d\d)[-–—/](?:\d{4}|\d{2})(?:-?(?:го|м|й))?")
_NUMBER = re.compile(r"\d{1,3}")
_JOIN = ("-", "–", "—", "и", ",")


class Scanner:
    """The grammar, over the lower-case forms of one sentence."""

    def __init__(self, forms: Sequence[str], published: dt.date) -> None:
        self.forms = forms
        self.published = published
        self.words = calendar()
        self.rules = (
            *(self.numeric, self.relative_day, self.weekday, self.day_range, self.day_month),
            *(self.month, self.quarter, self.season, self.years, self.turn_unit, self.distance, self.ago, self.part),
        )

    def __iter__(self) -> Iterator[tuple[int, Found]]:
        """Every expression with its first token; none overlap."""
        at = 0
        while at < len(self.forms):
            if not (self.forms[at][0].isdecimal() or self.forms[at].partition("-")[0] in self.words.openers):
                at += 1
                continue
            for rule in self.rules:
                try:
                    found = rule(at)
                except OverflowError:  # past the end of the calendar
                    continue
                if found is not None:
                    yield at, found
                    at = found.end
                    break
            else:
                at += 1

    def form(self, at: int) -> str:
        """The form at a position, empty outside the sentence."""
        return self.forms[at] if 0 <= at < len(self.forms) else ""

    # days

    def numeric(self, at: int) -> Found | None:
        """29.05.2024, 29/05/24, 2024-05-29."""
        if match := _NUMERIC.fullmatch(self.form(at)):
            year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
            day = cal.date(year, int(match[2]), int(match[1]))
        elif match := _ISO.fullmatch(self.form(at)):
            day = cal.date(int(match[1]), int(match[2]), int(match[3]))
        else:
            return None
        return Found(self._year_word(at + 1), Reading(day.isoformat())) if day else None

    def relative_day(self, at: int) -> Found | None:
        """Вчера; сегодняшним днем; сегодня, 31 октября 2025 года."""
        distance, end = self.words.number("day", self.form(at)), at + 1
        if distance is None:
            distance, end = self.words.number("day_adjective", self.form(at)), at + 2
            if distance is None or self.words.words["unit"].get(self.form(at + 1)) != "day":
                return None
        return self._explained(end) or self._after(distance, end)

    def weekday(self, at: int) -> Found | None:
        """В среду; в минувшую пятницу; в понедельник, 29 мая; вечером воскресенья."""
        turn = self.words.number("turn", self.form(at))
        here = at if turn is None else at + 1
        number = self.words.number("weekday", self.form(here))
        before = self.form(at - 1)
        if number is None or (before not in ("в", "во", "на", "с", "со", "до", "к", "ко", "по")
                              and not self.words.has("daytime", before)):  # fmt: skip
            return None
        if self.form(here) in ("среде", "среды") and turn is None and before not in ("к", "ко", "с", "со", "до"):
            return None
        if explained := self._explained(here + 1):
            return explained
        back = (self.published.isoweekday() - number) % 7
        if turn is None or turn == 0:
            return Found(here + 1, cal.weekday(number, self.published))
        # the last one before the day of publication, and the next one after it
        return self._after(-(back or 7) + 7 * (turn + 1) if turn < 0 else (7 - back) + 7 * (turn - 1), here + 1)

    def day_range(self, at: int) -> Found | None:
        """С 3 по 5 июня; 29-30 мая; 3, 4 и 5 июня; с 28 мая по 3 июня: the first day."""
        if match := _DAYS.fullmatch(self.form(at)):
            return self._day_of_month(int(match[1]), at + 1)
        day = self._day(at)
        if day is None:
            return None
        if (last := self.day_month(at)) and self.form(at - 1) in ("с", "со") and self.form(last.end) == "по":
            until = self.day_month(last.end + 1)
            if until:
                reading = until.reading if last.reading.past else last.reading
                if last.reading.past:  # the year stands at the end of the range
                    reading = self._same_year(at, until.reading.date) or last.reading
                return Found(until.end, reading)
        end = at + 1
        while (self.form(end) in _JOIN or self.form(end) == "по") and self._day(end + 1) is not None:
            end += 2
        return self._day_of_month(day, end) if end > at + 1 else None

    def day_month(self, at: int) -> Found | None:
        """29 мая; 29 мая 2024 года; первого мая прошлого года."""
        day = self._day(at)
        return None if day is None else self._day_of_month(day, at + 1)

    def _day(self, at: int) -> int | None:
        if match := _DAY.fullmatch(self.form(at)):
            return int(match[1])
        return self.words.number("ordinal", self.form(at)) if len(self.form(at)) > 3 else None

    def _day_of_month(self, day: int, at: int) -> Found | None:
        month = self.words.number("month", self.form(at))
        if month is None:
            return None
        end = at + 2 if self.form(at + 1) == "." and len(self.form(at)) < 5 and self._year(at + 2) else at + 1
        if (year := self._year(end)) is not None:
            found = cal.date(year[0], month, day)
            return Found(year[1], Reading(found.isoformat())) if found else None
        reading = cal.yearless(month, day, self.published)
        return Found(end, reading) if reading else None

    def _same_year(self, at: int, date: str) -> Reading | None:
        """The day at `at` in the year of a date that follows it."""
        day, month = self._day(at), self.words.number("month", self.form(at + 1))
        found = cal.date(int(date[:4]), month, day) if day and month else None
        return Reading(found.isoformat()) if found else None

    def _explained(self, end: int) -> Found | None:
        """An exact day that follows and says which day was meant."""
        end = end + 1 if self.form(end) in (",", "(") else end
        return self.numeric(end) or self.day_month(end)

    def _after(self, days: int, end: int) -> Found:
        return Found(end, Reading((self.published + dt.timedelta(days=days)).isoformat()))

    # months and years

    def month(self, at: int) -> Found | None:
        """В мае; в мае 2024 года; с мая по июль 2024 года. An abbreviated month needs its year."""
        first, dash, last = self.form(at).partition("-")
        month = self.words.number("month", first)
        if month is None or (dash and not self.words.has("month", last)) or _DAY.fullmatch(self.form(at - 1)):
            return None
        year, end = self._year(at + 1), at + 1
        if year is None and self.form(at + 1) in ("по", *_JOIN) and self.words.has("month", self.form(at + 2)):
            year, end = self._year(at + 3), at + 3
        if year is not None:
            date = cal.month_of(year[0], month)
            return Found(year[1], Reading(date)) if date else None
        if len(self.form(at)) < 4 and self.form(at) not in ("май", "мая", "маю", "мае"):
            return None
        reading = cal.yearless_month(month, self.published)
        return Found(end, reading) if reading else None

    def quarter(self, at: int) -> Found | None:
        """В первом квартале 2025 года: the year."""
        ordinal = self.form(at).removesuffix("-й").removesuffix("-м").removesuffix("-го")
        if not (ordinal in ("1", "2", "3", "4") or self.words.has("ordinal", ordinal)):
            return None
        return self._year_after(at + 2) if self.words.has("quarter", self.form(at + 1)) else None

    def season(self, at: int) -> Found | None:
        """Летом 2024 года; осенью прошлого года: the year. A season alone is left out."""
        return self._year_after(at + 1, exact=True) if self.words.has("season", self.form(at)) else None

    def part(self, at: int) -> Found | None:
        """До конца года; с начала года: the current year."""
        if not self.words.has("part", self.form(at)) or self.form(at + 1) not in ("года", "месяца"):
            return None
        size = 4 if self.form(at + 1) == "года" else 7
        return Found(at + 2, Reading(self.published.isoformat()[:size]))

    def years(self, at: int) -> Found | None:
        """2026 год; в 2024-м; в 2024, ...; (2024); в 2024-2026 годах: the first of them."""
        form = self.form(at)
        if match := _YEARS.fullmatch(form):
            end = self._year_word(at + 1)
            bracketed = (self.form(at - 1), self.form(end)) == ("(", ")")
            return Found(end, Reading(match[1])) if end > at + 1 or bracketed else None
        match = _YEAR.fullmatch(form)
        if match is None:
            return None
        end = self._year_word(at + 1)
        if end == at + 1 and self.form(end) in (*_JOIN, "по") and _YEAR.fullmatch(self.form(end + 1)):
            end = self._year_word(end + 2)  # 2024 и 2025 годах
            bracketed = (self.form(at - 1), self.form(end)) == ("(", ")")
            return Found(end, Reading(match[1])) if end > at + 3 or bracketed else None
        counted = form != match[1] and self.form(at - 1) in ("в", "с", "к", "до", "после")
        alone = end == at + 1 and (
            (self.form(at - 1) == "(" and self.form(end) in (")", ",", ";"))
            or (self.form(at - 1) == "в" and self.form(end) in ("", ".", ",", ")", ";"))
        )
        return Found(end, Reading(match[1])) if end > at + 1 or counted or alone else None

    def turn_unit(self, at: int) -> Found | None:
        """В прошлом году; на этой неделе; в следующем месяце."""
        turn = self.words.number("turn", self.form(at))
        unit = self.words.words["unit"].get(self.form(at + 1))
        if turn is None or unit is None or unit == "day":
            return None
        if turn == 0 and self.form(at) == "это":
            return None
        return self._moved(turn, unit, at + 2)

    def distance(self, at: int) -> Found | None:
        """Через два дня; через год."""
        if self.form(at) != "через":
            return None
        count, here = self._count(at + 1)
        unit = self.words.words["unit"].get(self.form(here))
        if unit is None or self.form(here + 1) in ("после", "со", "с"):
            return None
        return self._moved(count, unit, here + 1)

    def ago(self, at: int) -> Found | None:
        """Три дня назад; год назад; днем ранее."""
        count, here = self._count(at)
        unit = self.words.words["unit"].get(self.form(here))
        if unit is None or self.form(here + 1) not in ("назад", "ранее", "раньше"):
            return None
        if here == at and (_NUMBER.fullmatch(self.form(at - 1)) or self.form(at - 1) in ("несколько", "много", "пару")):
            return None
        return self._moved(-count, unit, here + 2)

    def _count(self, at: int) -> tuple[int, int]:
        """A number and the token after it; 1 where none stands there."""
        form = self.form(at)
        number = int(form) if _NUMBER.fullmatch(form) else self.words.number("number", form)
        return (1, at) if number is None else (number, at + 1)

    def _moved(self, count: int, unit: str, end: int) -> Found | None:
        day = self.published
        match unit:
            case "day":
                return self._after(count, end)
            case "week":
                date: str | None = cal.week(count, day)
            case "month":
                date = cal.month_of(day.year, day.month + count)
            case _:
                date = cal.year_of(day.year + count)
        direction: Direction = "past" if count < 0 else "future" if count else "present"
        return Found(end, Reading(date), direction) if date else None

    def _year(self, at: int) -> tuple[int, int] | None:
        """A year that belongs to the words before it, and the token after it: 2024 года, этого года, с.г."""
        at = at + 1 if self.form(at) == "," and _YEAR.fullmatch(self.form(at + 1)) else at
        if match := _YEAR.fullmatch(self.form(at)):
            return int(match[1]), self._year_word(at + 1)
        turn = self.words.number("turn", self.form(at))
        if turn is not None and self.words.words["unit"].get(self.form(at + 1)) == "year":
            return self.published.year + turn, at + 2
        if self.form(at) == "с" and self.forms[at + 1 : at + 3] == [".", "г"]:
            return self.published.year, at + 3
        return None

    def _year_after(self, at: int, *, exact: bool = False) -> Found | None:
        year = self._year(at)
        if year is None:
            return None if exact else Found(at, Reading(self.published.isoformat()[:4]))
        date = cal.year_of(year[0])
        return Found(year[1], Reading(date)) if date else None

    def _year_word(self, at: int) -> int:
        """The token after the word for year, which may be missing."""
        if not self.words.has("years", self.form(at)):
            return at
        return at + 2 if self.form(at) in ("г", "гг") and self.form(at + 1) == "." else at + 1
