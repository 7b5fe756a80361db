"""The dates that a sentence tells, resolved from the day of publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from models.coded import Precision
from workers.enrichment.document import DateExpr, Sentence
from workers.enrichment.russian.calendar import Direction, Reading
from workers.enrichment.russian.date_grammar import Scanner


def dates(sentence: Sentence, published: dt.date) -> Iterator[DateExpr]:
    """The date expressions of a sentence, from left to right, resolved from the day of publication."""
    scan = Scanner([token.text.lower().replace("ё", "е") for token in sentence], published)
    for start, found in scan:
        if sentence[start].pos == "ADP" and sentence[start].text.lower() != "через":
            continue  # накануне визита
        reading = found.reading
        if reading.future and _scheduled(scan, start):
            reading = Reading(reading.future)
        yield DateExpr(
            sentence=sentence.index, start=start, end=found.end, text=sentence.slice(start, found.end),
            date=reading.date, precision=_precision(reading.date),
            direction=found.direction or _direction(reading, published),
            role=_role(scan, start, reading), past=reading.past, future=reading.future,
        )  # fmt: skip


def _precision(date: str) -> Precision:
    return {4: Precision.YEAR, 7: Precision.MONTH}.get(len(date), Precision.DAY)


def _direction(reading: Reading, published: dt.date) -> Direction:
    if reading.past or reading.future:
        return "unknown"
    day = published.isoformat()[: len(reading.date)]
    return "present" if reading.date == day else "past" if reading.date < day else "future"


def _role(scan: Scanner, start: int, reading: Reading) -> Literal["time", "term"]:
    """Whether the words before bound something by the date, or plan for it: "на 2026 год", "до конца года"."""
    at = start - 1
    while scan.words.has("part", scan.form(at)) or scan.words.has("turn", scan.form(at)):
        at -= 1
    if scan.form(at) in ("числа", "не"):
        at -= 1
    if scan.words.has("bound", scan.form(at)) or (scan.form(at) == "(" and len(reading.date) == 4):
        return "term"  # a year in brackets is that of a work or a life
    return "term" if scan.words.has("target", scan.form(at)) and len(reading.date) == 4 else "time"


def _scheduled(scan: Scanner, start: int) -> bool:
    """Whether something is set for the date: "намечен на июнь"; but "в ночь на среду" is that night."""
    return scan.words.has("target", scan.form(start - 1)) and not scan.words.has("daytime", scan.form(start - 2))
