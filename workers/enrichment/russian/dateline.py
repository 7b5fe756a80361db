"""The head of an agency story: "АЛМАТЫ, 29 мая - Sputnik.", "МИНСК, 3 июня. /ТАСС/.", "Астана. 12 марта. КазТАГ -".

It is cut off before sentences are made: its place and day are no part of the first sentence, and a parser takes them
for one.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from msgspec import Struct

from models.data import rows
from workers.enrichment.russian.calendar import calendar

SEARCHED = 160
"""A dateline ends within so many characters of its paragraph."""


class Head(Struct, frozen=True):
    """A dateline found: its length in characters, the place as written and the day."""

    length: int
    place: str | None
    day: dt.date | None


@cache
def _pattern() -> re.Pattern[str]:
    names = [row["name"] for _, row in rows("workers.enrichment.russian", "agencies.csv", ("name",))]
    agency = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    word = r"[А-ЯЁ][А-ЯЁа-яё]+(?:-[А-ЯЁа-яё]+){0,3}"
    return re.compile(
        rf"""
        (?P<place>{word}(?:\ {word}){{0,2}}(?:\s?[/–—-]\s?{word}(?:\ {word})?)?) (?:\s\([^()]{{2,40}}\)|,\s{word})?
        (?:
            (?P<comma>[,.]?|\s/) \s+ (?P<date>DATE) [.,]? (?P<signed>\s*SIGN)?
          | [,.]? (?P<only>\s*SIGN)
          | (?P<alone>\.|(?=\s[-–—]\s))
        )
        | (?P<date2>DATE) (?: , \s* (?P<place2>{word}(?:\ {word}){{0,2}}) (?P<signed2>\s*SIGN) | \. )
        """.replace("DATE", r"\d{1,2}\s+[А-Яа-я]{3,8}\.?(?:\s+\d{4}(?:\s*г(?:ода|\.)?)?)?").replace(
            "SIGN",
            rf"""
            (?:
                /[^/]{{2,60}}/\s*[.:–—-]*
              | [-–—]{{0,2}} \s* \((?i:{agency})[^()]{{0,40}}\)\s*[.:–—-]*
              | [-–—]{{0,2}} \s* (?i:{agency})
                (?:\s*[,/]\s*{word}(?:\s{word}){{1,2}})? \s* (?: [.:]+(?!\w) | [-–—]+(?=\s) | ,(?=\s[А-ЯЁ"«]))\s*[-–—]*
            )""",
        ),
        re.VERBOSE,
    )


_CLOSING = re.compile(r"\s+[-–—]+\s+|\s*:\s+|\s+")


def dateline(paragraph: str, published: dt.date, *, lead: bool = False) -> Head | None:
    """The dateline at the beginning of a clean paragraph, if it has one and prose follows it.

    In the lead a place in capitals, or a day that ends in a full stop, is a dateline by itself.
    """
    text = paragraph[:SEARCHED]
    found = _pattern().match(text)
    if found is None:
        return None
    end = found.end()
    if not (found["signed"] or found["signed2"] or found["only"]):
        closing = _CLOSING.match(text, end)
        if closing is None or not (text[end - 1] == "." or closing[0].strip()) or not _clear(found, lead):
            return None
        end = closing.end()
    written = found["date"] or found["date2"]
    day = calendar().day(written, published) if written else None
    end += len(text[end:]) - len(text[end:].lstrip())
    following = text[end : end + 1]
    prose = following.isupper() or following.isdigit() or (following and following in '"«“„-–—(')
    if not prose or (written and day is None):
        return None
    return Head(end, found["place"] or found["place2"], day)


def _clear(found: re.Match[str], lead: bool) -> bool:
    """Whether a head that no agency signed is a dateline: "Минск, 3 июня.", "МИНСК 3 июня.", in the lead "МИНСК."."""
    capitals = found["place"] is not None and found["place"].isupper()
    if found["date"]:
        return bool(found["comma"]) or capitals
    return lead and (found["place"] is None or (capitals and len(found["place"]) > 3))
