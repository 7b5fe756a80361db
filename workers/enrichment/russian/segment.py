"""Sentences and tokens of a clean paragraph: razdel, with the repairs that news texts need.

razdel splits neither sentences nor words that were glued together without a blank, joins words over dashes and takes
the comma into "1920," before another number. It copies what it has read at every mark of punctuation, so a paragraph
goes to it in pieces of bounded length: the time stays proportional to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import razdel
from razdel.segmenters.sokr import SOKRS

from workers.enrichment.russian.tokens import Cut, tokens

PIECE = 5000
"""Most characters given to razdel at once."""

LONGEST = 200
"""Most tokens in a sentence; a longer one is cut at a semicolon or comma, or else at this length."""

_STOP = re.compile(r"[.!?…][\"»”)]*\s+")
_GLUED_STOP = re.compile(r"(?:(?<![\w-])([А-ЯЁа-яё-]{0,40}[а-яё]{3})|[\"»”)])[.!?…]{1,3}[\"»”]?(?=[\"«“]?[А-ЯЁ][а-яё])")
_GLUED_WORDS = re.compile(r"(?<![\w-])([А-ЯЁ]?[а-яё]{4,40})([А-ЯЁ][а-яё]{3,40})(?![\w-])")
_ABBREVIATED = re.compile(r"\d\s+(?:янв|февр?|мар|апр|июн|июл|авг|сент?|окт|нояб?|дек)\.\Z")
_DIGIT = re.compile(r"\s*\d")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def sentences(text: str, known: Callable[[str], bool]) -> Iterator[list[Cut]]:
    """The sentences of a clean paragraph, each as its tokens; those without letters or digits are left out.

    `known` tells Russian words, by which glued words ("КазахстанаГлава") are told from names ("КазМунайГаз").
    """
    for start, end in _pieces(text, known):
        piece = text[start:end]
        for first, last in _sentences(piece):
            cuts = [(start + a, start + b) for a, b in tokens(piece, first, last)]
            for part in _capped(text, cuts):
                if any(_LETTER_OR_DIGIT.search(text, a, b) for a, b in part):
                    yield part


def _sentences(text: str) -> Iterator[Cut]:
    """razdel's sentences, those joined that it parts at the full stop of an abbreviation: "12 февр. 2024 г."."""
    start = 0
    for sentence in razdel.sentenize(text):
        abbreviated = _ABBREVIATED.search(text, max(start, sentence.stop - 12), sentence.stop)
        if abbreviated and _DIGIT.match(text, sentence.stop):
            continue
        yield start, sentence.stop
        start = sentence.stop
    if start < len(text):
        yield start, len(text)


def _pieces(text: str, known: Callable[[str], bool]) -> Iterator[Cut]:
    """The paragraph cut where sentences were glued together, and to pieces of bounded length."""
    start = 0
    for stop in [*_glued(text, known), len(text)]:
        while stop - start > PIECE:
            cut = _last(_STOP, text, start + PIECE // 2, start + PIECE) or _blank(text, start, start + PIECE)
            yield start, cut
            start = cut
        if start < stop:
            yield start, stop
            start = stop


def _glued(text: str, known: Callable[[str], bool]) -> list[int]:
    """Where a sentence begins without a blank before it."""
    stops = [m.end() for m in _GLUED_STOP.finditer(text) if (m[1] or "").lower() not in SOKRS]
    words = [m.start(2) for m in _GLUED_WORDS.finditer(text) if known(m[1]) and known(m[2]) and not known(m[0])]
    return sorted({*stops, *words})


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    last = None
    for found in pattern.finditer(text, start, end):
        last = found.end()
    return last


def _blank(text: str, start: int, end: int) -> int:
    """The last blank of a stretch, or its end where it has none."""
    return text.rfind(" ", start + 1, end) + 1 or end


def _capped(text: str, cuts: list[Cut]) -> Iterator[list[Cut]]:
    """A sentence of bounded length, or the parts of one that is too long."""
    while len(cuts) > LONGEST:
        cut = LONGEST
        for mark in (";", ","):
            at = next((i for i in range(LONGEST - 1, LONGEST // 2, -1) if text[slice(*cuts[i])] == mark), None)
            if at is not None:
                cut = at + 1
                break
        yield cuts[:cut]
        cuts = cuts[cut:]
    if cuts:
        yield cuts
