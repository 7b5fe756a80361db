"""Sentences marked up with the events they tell, one a line: `[KAZ>RUS SUPPORT; KAZ=BLR CONSULT planned] text`.

`A>B` is directed, `A=B` reciprocal; the status is `happened` unless another is written. A line without brackets tells
no event. Lines that begin with # group the sentences by rule.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from models import CodedArticle, RawArticle, Version
from workers.enrichment.coder import Coder

FOLDER = Path(__file__).parent / "sentences"
CODEBOOK = Path(__file__).parents[2] / "docs" / "codebook.md"
DAY = dt.date(2025, 10, 31)
_LINE = re.compile(r"\[(?P<events>[^]]*)\] (?P<text>.+)")
_EVENT = re.compile(r"([A-Z0-9]{2,10})([>=])([A-Z0-9]{2,10}) ([A-Z]+)(?: ([a-z]+))?")

Told = tuple[str, str, str, str, str]
"""Source, `>` or `=`, target, type, status; the states of a reciprocal event in the order of the alphabet."""


def sentences() -> Iterator[tuple[str, frozenset[Told], str]]:
    """Each marked sentence with where it stands and what it tells."""
    for file in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                yield f"{file.stem}:{number}", *_marked(line)


def examples() -> Iterator[tuple[str, frozenset[Told], str]]:
    """The same of the examples in the blocks of the codebook."""
    inside = False
    for number, line in enumerate(CODEBOOK.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        elif inside:
            yield f"codebook:{number}", *_marked(line)


def _marked(line: str) -> tuple[frozenset[Told], str]:
    marked = _LINE.fullmatch(line)
    events, text = (marked["events"], marked["text"]) if marked else ("", line)
    return frozenset(_read(events)), text


def _read(events: str) -> Iterator[Told]:
    for event in filter(None, (e.strip() for e in events.split(";"))):
        found = _EVENT.fullmatch(event)
        assert found, f"{event!r} is no marked event"
        source, arrow, target, type_, status = found.groups()
        yield _ordered(source, arrow, target, type_, status or "happened")


@cache
def coded(coder: Coder, text: str) -> CodedArticle:
    """A text, coded once by each coder however many tests ask for it."""
    return coder.code(RawArticle(id="x", text=text), version=Version(0), received=DAY)


def told(coder: Coder, text: str) -> frozenset[Told]:
    """What the coder reads in a text."""
    article = coded(coder, text)
    return frozenset(
        _ordered(e.source.code, "=" if e.reciprocal else ">", e.target.code, e.type, e.status)
        for e in (*article.events, *article.organization_events)
    )


def rules(coder: Coder, text: str) -> frozenset[str]:
    """The frames by which the coder reads the events of a text."""
    return frozenset(e.rule for e in coded(coder, text).events)


def _ordered(source: str, arrow: str, target: str, type_: str, status: str) -> Told:
    if arrow == "=":
        source, target = sorted((source, target))
    return source, arrow, target, str(type_), str(status)
