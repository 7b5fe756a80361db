"""A read article: sentences of tokens with lemmas, morphology, names and dependency trees, and what dates it tells.

The records are the ground on which the coder stands; which reader filled them (which language) does not show in them.
Every offset counts characters of the article as received: `article.text[token.start:token.end] == token.text`, and of
`article.title` where `part` is "title". A reader never changes the text to suit itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from msgspec import Struct

from models.coded import Precision

Part = Literal["title", "text"]
"""Which field of the article an offset counts in."""

Kind = Literal["headline", "lead", "body", "caption", "boilerplate"]
"""What a paragraph is. The headline may stand in the title or in the text; the lead is the first paragraph of prose."""

Answer = TypeVar("Answer")

NO_FEATURES: Mapping[str, str] = MappingProxyType({})


class Token(Struct, frozen=True):
    """One token of a sentence.

    `lemma` is in lower case with ё written е; `pos` and `feats` are those of Universal Dependencies (`NOUN`,
    `{"Case": "Gen"}`).
    `head` is the index of the governing token in the sentence, -1 at a root; `rel` the UD relation to it.
    `ner` is BIO: `O`, `B-PER`, `I-PER`, `B-LOC`, `I-LOC`, `B-ORG`, `I-ORG`.
    """

    index: int
    text: str
    start: int
    end: int
    lemma: str
    pos: str = "X"
    feats: Mapping[str, str] = NO_FEATURES
    head: int = -1
    rel: str = "root"
    ner: str = "O"

    @property
    def case(self) -> str:
        """The grammatical case (`Nom`, `Gen`, ...), empty where the word has none."""
        return self.feats.get("Case", "")


class Sentence(Struct, frozen=True, dict=True):
    """A sentence and its dependency graph.

    Parsers err: the graph may hold loops, cycles and several roots. Every walk below ends all the same and meets each
    token once. `text` is the article's own text from `start` to `end`; `index` counts in the document.
    """

    index: int
    tokens: tuple[Token, ...]
    start: int
    end: int
    text: str
    paragraph: int
    part: Part = "text"
    kind: Kind = "body"

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    def __getitem__(self, index: int) -> Token:
        return self.tokens[index]

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        below: list[list[int]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if 0 <= token.head < len(below) and token.head != token.index:
                below[token.head].append(token.index)
        return tuple(tuple(indexes) for indexes in below)

    @cached_property
    def _known(self) -> dict[tuple[str, int], Any]:
        """Answers given before: the coder asks the same of a token many times."""
        return {}

    def remembered(self, question: str, index: int, answer: Callable[[Sentence, int], Answer]) -> Answer:
        """`answer(self, index)`, worked out once for each `question` and token. Answers are not to be changed."""
        known, key = self._known, (question, index)
        try:
            found: Answer = known[key]
        except KeyError:
            found = known[key] = answer(self, index)
        return found

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The tokens without a governor: with head -1, outside the sentence, or themselves."""
        return tuple(t.index for t in self.tokens if not 0 <= t.head < len(self.tokens) or t.head == t.index)

    def children(self, index: int) -> tuple[int, ...]:
        """The tokens whose head is `index`, from left to right; never `index` itself."""
        return self._children[index]

    def ancestors(self, index: int) -> Iterator[int]:
        """The governors of `index` from the nearest up; ends at a root or where a cycle closes."""
        return iter(self.remembered("ancestors", index, _ancestors))

    def subtree(self, index: int) -> tuple[int, ...]:
        """`index` and all tokens below it, in the order of the text."""
        return self.remembered("subtree", index, _subtree)

    def preposition(self, index: int) -> str:
        """The preposition that marks the nominal `index`: `с`, `в ходе`, `по отношению к`; empty without one.

        A simple one is its lemma (со -> с); one of several words (relation `fixed`) is written as in the text, in lower
        case. A conjunct without a preposition of its own has that of the first: in "с Россией и Беларусью" both are
        marked by с.
        """
        return self.remembered("preposition", index, _preposition)

    def slice(self, start: int, end: int) -> str:
        """The article's text from token `start` up to, not including, token `end`; empty where there are none."""
        inside = self.tokens[start:end]
        if not inside:
            return ""
        return self.text[inside[0].start - self.start : inside[-1].end - self.start]

    def token_at(self, offset: int) -> Token | None:
        """The token that covers the character `offset` of the article, if one does."""
        return next((t for t in self.tokens if t.start <= offset < t.end), None)


def _ancestors(sentence: Sentence, index: int) -> tuple[int, ...]:
    tokens, found = sentence.tokens, [index]
    head = tokens[index].head
    while 0 <= head < len(tokens) and head not in found:
        found.append(head)
        head = tokens[head].head
    return tuple(found[1:])


def _subtree(sentence: Sentence, index: int) -> tuple[int, ...]:
    seen, open_ = {index}, [index]
    while open_:
        for child in sentence.children(open_.pop()):
            if child not in seen:
                seen.add(child)
                open_.append(child)
    return tuple(sorted(seen))


def _preposition(sentence: Sentence, index: int) -> str:
    tokens, seen = sentence.tokens, {index}
    while True:
        for child in sentence.children(index):
            token = tokens[child]
            if child < index and token.rel == "case" and token.pos != "PART":
                parts = [c for c in sentence.children(child) if tokens[c].rel == "fixed"]
                words = [tokens[c].text.lower().replace("ё", "е") for c in sorted({child, *parts})]
                return " ".join(words) if parts else token.lemma
        head = tokens[index].head
        if tokens[index].rel != "conj" or not 0 <= head < len(tokens) or head in seen:
            return ""
        seen.add(head)
        index = head


class Paragraph(Struct, frozen=True):
    """A stretch of the text or the title that sentences never cross."""

    index: int
    start: int
    end: int
    part: Part = "text"
    kind: Kind = "body"


class Dateline(Struct, frozen=True):
    """The place and day at the head of a story, "АЛМАТЫ, 29 мая - Sputnik.": `place` as it is written.

    `date` is `2024-05-29` (the year is that of the publication unless written), None where it tells no day.
    """

    place: str | None
    date: str | None
    start: int
    end: int


class DateExpr(Struct, frozen=True):
    """A date expression: tokens `start` up to, not including, `end` of the sentence `sentence` of the document.

    `date` is `2024-05-29`, `2024-05` or `2024` as `precision` (day, month, year) says. `direction` is where it lies
    from the day of publication; "unknown" where the words leave the week or the year open ("в среду", "в мае"): then
    `date` is the likeliest, and `past` and `future` are the readings for an act in the past or in the future.
    `role` is "term" for a date that bounds or names something and is not the time of the act: what a plan is made for
    ("план на 2026 год"), a deadline ("к 2030 году", "до конца года"), a document's date ("договор от 3 мая"); else
    "time".
    """

    sentence: int
    start: int
    end: int
    text: str
    date: str
    precision: Precision
    direction: Literal["past", "present", "future", "unknown"] = "unknown"
    role: Literal["time", "term"] = "time"
    past: str | None = None
    future: str | None = None

    def when(self, *, future: bool | None = None) -> str:
        """The date for an act that, by its tense, lies in the future (True) or in the past (False)."""
        reading = self.future if future else self.past if future is False else None
        return reading or self.date


class Document(Struct, frozen=True, dict=True):
    """An article as read. `published` is the day that relative dates count from; `depth` lists the stages that ran.

    `dated` tells whether the article says when it came out; else `published` is the day it was received.

    A document in a language that the reader does not read has no sentences, and `depth` ends at "language".
    """

    id: str
    language: str
    published: dt.date
    text: str
    title: str | None = None
    source: str | None = None
    paragraphs: tuple[Paragraph, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    dateline: Dateline | None = None
    dates: tuple[DateExpr, ...] = ()
    depth: tuple[str, ...] = ()
    dated: bool = True

    @cached_property
    def _dates(self) -> Mapping[int, tuple[DateExpr, ...]]:
        by: dict[int, list[DateExpr]] = {}
        for date in self.dates:
            by.setdefault(date.sentence, []).append(date)
        return {index: tuple(found) for index, found in by.items()}

    def dates_in(self, sentence: int) -> tuple[DateExpr, ...]:
        """The date expressions of the sentence with that index, in the order of the text."""
        return self._dates.get(sentence, ())

    def part(self, part: Part) -> str:
        """The field that offsets of that part count in: the text, or the title ("" where there is none)."""
        return self.text if part == "text" else self.title or ""
