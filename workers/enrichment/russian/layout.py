"""What each paragraph of an article is: headline, lead, body, caption or boilerplate.

The patterns of captions and boilerplate are rows of `boilerplate.csv`. They look at a paragraph's beginning and length,
so that prose which happens to hold the words stays prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from models.data import BrokenData, rows
from workers.enrichment.document import Kind
from workers.enrichment.russian.text import ends_sentence

_KINDS = ("boilerplate", "caption", "link", "tail")

LONGEST = 600
"""A paragraph of more characters is prose, whatever it begins with."""

WHOLE = 20
"""Fewest letters of a paragraph that is the beginning of a title; a rubric of one word is none."""

_BYLINE = re.compile(r"[А-ЯЁ][а-яё-]+( [А-ЯЁ]\.)?( [А-ЯЁ][а-яё-]+){1,2}")
_SENTENCE = re.compile(r"[.!?…][\"»”)]*(?:\s*[\"«“]?[А-ЯЁ]|\Z)")
_LETTERS = re.compile(r"[^\W\d_]")
_SIMPLE = re.compile(r"\W+")


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds and patterns in the order of the file, the first that matches decides. Raises `BrokenData`."""
    found = []
    for line, row in rows("workers.enrichment.russian", "boilerplate.csv", ("kind", "pattern")):
        if row["kind"] not in _KINDS:
            raise BrokenData("boilerplate.csv", line, f"{row['kind']!r} is none of {', '.join(_KINDS)}")
        try:
            found.append((row["kind"], re.compile(row["pattern"], re.IGNORECASE)))
        except re.error as error:
            raise BrokenData("boilerplate.csv", line, str(error)) from None
    return tuple(found)


def kinds(texts: Sequence[str]) -> Iterator[Kind]:
    """The kind of each paragraph of a text, in order.

    The headline is what stands before the lead and does not end like a sentence; a text of one paragraph is its lead.
    The lead is the first paragraph of prose.
    """
    marks = [_mark(text) for text in texts]
    if "tail" in marks:
        cut = marks.index("tail")
        marks[cut:] = ["boilerplate"] * (len(marks) - cut)
    last = max((index for index, text in enumerate(texts) if ends_sentence(text)), default=-1)
    links = lead = False
    for index, (text, mark) in enumerate(zip(texts, marks, strict=True)):
        links = mark == "link" or (links and mark != "caption" and not _SENTENCE.search(text))
        if links or mark == "boilerplate":
            yield "boilerplate"
        elif mark == "caption":
            yield "caption"
        elif not lead and index < last and not ends_sentence(text):
            yield "headline"
        elif not lead:
            lead = True
            yield "lead"
        else:
            yield "boilerplate" if _BYLINE.fullmatch(text) else "body"


def _mark(text: str) -> str:
    if not _LETTERS.search(text):
        return "boilerplate"
    if len(text) <= LONGEST:
        for kind, pattern in patterns():
            if pattern.match(text):
                return kind
    return ""


def repeats(title: str, texts: Sequence[str]) -> bool:
    """Whether the title stands at the beginning of one of the first paragraphs, whole or cut off, or begins with one.

    Feeds add the outlet to a title ("... - Вестник") or cut it short.
    """
    wanted = _SIMPLE.sub("", title).lower()
    begins = [_SIMPLE.sub("", text[: 2 * len(title) + 40]).lower() for text in texts[:4]]
    return any(text.startswith(wanted) or (len(text) >= WHOLE and wanted.startswith(text)) for text in begins)
