"""The tokens of a sentence: razdel's, with dashes and commas apart that stuck to words, and addresses as one each.

razdel looks at each pair of its atoms; at blanks it always parts. So a stretch between blanks is cut the same wherever
it stands, but for what its first or last mark may join to: "1920, 30" over the blank depends on the numbers on either
side. The cuts are remembered by stretch, with the kinds of those neighbours where they count: news repeats its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import razdel
from razdel.segmenters.punct import DASHES
from razdel.segmenters.tokenize import ATOM

Cut = tuple[int, int]
"""Where a token stands in the paragraph: first character, character after the last."""

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s\"»”<>]{1,400}"
    r"|(?<![\w.@-])[\w+-]{1,40}(?:\.[\w+-]{1,40}){0,3}@[\w-]{1,40}(?:\.[\w-]{1,40}){1,4}"
    r"|(?<![\w.@-])[A-Za-z][A-Za-z0-9-]{0,40}(?:\.[A-Za-z0-9-]{1,40}){0,3}\.[A-Za-z]{2,6}(?![\w-])"
    r"|(?<![\w.@-])[А-Яа-яЁё]{2,40}\.(?:ру|рф)(?![\w-])"
)
_DASHED = re.compile(r"(?<=[^\W\d_])[–—](?=[^\W\d_])|(?<=[\w)\"»”])-(?=[\"«“(])")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_EDGES = "-‐‑–—,./\\_"
_STRETCH = re.compile(r"\S+")
_JOINING = frozenset(DASHES + "_.,/\\")
"""Marks by which razdel may join what stands on either side, even over a blank."""
_SAMPLES = {"RU": "а", "LAT": "a", "INT": "1", "PUNCT": "!", "OTHER": "€"}
"""An atom of each kind."""
_REMEMBERED = 50_000
_LONG = 40
"""Most stretches that are remembered, and the longest in characters."""


def tokens(text: str, start: int, end: int) -> Iterator[Cut]:
    """The tokens of a sentence, addresses of the web and of mail as one each."""
    at = start
    for address in _ADDRESS.finditer(text, start, end):
        yield from _between(text, at, address.start())
        stop = address.end() - (len(address[0]) - len(address[0].rstrip(".,;:!?)")))
        yield address.start(), stop
        at = stop
    yield from _between(text, at, end)


def _between(text: str, start: int, end: int) -> Iterator[Cut]:
    """The tokens of a part without addresses."""
    stretches = [(found.start(), found[0]) for found in _STRETCH.finditer(text, start, end)]
    for number, (at, stretch) in enumerate(stretches):
        before = after = ""
        if stretch[0] in _JOINING and number:
            before = _kind(stretches[number - 1][1][-1])
        if stretch[-1] in _JOINING and number + 1 < len(stretches):
            after = _kind(stretches[number + 1][1][0])
        if len(stretch) > _LONG or (at and not text[at - 1].isspace()):
            cuts = _cuts(stretch, before, after, text[at - 1 : at])
        else:
            cuts = _known(stretch, before, after)
        for a, b in cuts:
            yield at + a, at + b


def _kind(character: str) -> str:
    found = ATOM.match(character)
    return found.lastgroup or "" if found else ""


def _cuts(stretch: str, before: str, after: str, held: str = "") -> tuple[Cut, ...]:
    """The tokens of a stretch between neighbours of these kinds; `held` is a character that it follows unparted."""
    lead = f"{_SAMPLES[before]} " if before else ""
    trail = f" {_SAMPLES[after]}" if after else ""
    found: list[Cut] = []
    for token in razdel.tokenize(f"{lead}{stretch}{trail}"):
        start, stop = token.start - len(lead) + len(held), token.stop - len(lead) + len(held)
        if len(held) <= start < len(held) + len(stretch):
            apart = stop - start > 1 and _LETTER_OR_DIGIT.search(token.text)
            found += _trimmed(held + stretch, start, stop) if apart else [(start, stop)]
    return tuple((a - len(held), b - len(held)) for a, b in found)


_known = lru_cache(_REMEMBERED)(_cuts)


def _trimmed(text: str, start: int, end: int) -> Iterator[Cut]:
    """A token with letters or digits, apart from dashes and commas that stuck to it."""
    if text[start] in _EDGES and text[start + 1].isalpha():
        yield start, start + 1
        start += 1
    core = end
    while core - start > 1 and text[core - 1] in _EDGES:
        core -= 1
    for dash in _DASHED.finditer(text, start, core):
        yield start, dash.start()
        yield dash.start(), dash.end()
        start = dash.end()
    yield start, core
    for at in range(core, end):
        yield at, at + 1
