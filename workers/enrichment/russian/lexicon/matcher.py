"""Finding names in the tokens of a sentence: a trie over folded word forms, the longest name first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from workers.enrichment.russian.lexicon.entries import Entry, Guard, Hit, Kind
from workers.enrichment.russian.lexicon.inflection import Case, Forms, Grammeme, fold, pieces

_END = ""
_OPENING = frozenset('«"“„(:.!?…')
_JOINTS = frozenset("-‐‑–—−'’ʼ`«»\"“”„.")
"""Tokens that may stand inside a name without counting: hyphens, apostrophes, quotation marks, dots (ЧВК «Вагнер»)."""
_CLOSING = {"«": "»", '"': '"', "“": "”", "„": "“"}
_PLACE: Mapping[str, frozenset[Case]] = {
    "в": frozenset({"Loc", "Acc"}),
    "во": frozenset({"Loc", "Acc"}),
    "из": frozenset({"Gen"}),
    "близ": frozenset({"Gen"}),
    "вблизи": frozenset({"Gen"}),
    "под": frozenset({"Ins"}),
    "над": frozenset({"Ins"}),
    "через": frozenset({"Acc"}),
}
"""Prepositions of place with the cases they take before the name of a town."""
_TOWN = re.compile(r"г|(город|порт|аэропорт)(|а|у|ом|е)")
_FORMER = "экс"
_LONG = 40
_REMEMBERED = 50_000
"""Most tokens whose pieces are remembered, and the longest of them in characters."""
_SENTENCES = 128
_PARTS = 12
"""Most pieces of a hyphenated token that is read as several names."""
_FORMERLY = re.compile(r"бывш(ий|его|ему|им|ем|ая|ей|ую|ие|их|ими)")


class _Found(Struct, frozen=True):
    """A name as it ends in the trie: which entry, in which cases, and how its pieces must be written."""

    entry: Entry
    grammemes: frozenset[Grammeme]
    capital: int
    """The piece that must begin with a capital, -1 for none."""
    upper: tuple[tuple[int, int], ...]
    """Pieces that must be in capitals, each up to a length: МИДа -> 3."""


_Match = tuple[int, list[_Found]]
"""Index after the last piece, and what ends there."""


class Matcher:
    """The trie. Names are added once; `match` reads only."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, entry: Entry, forms: Forms) -> None:
        """Enter all forms of a name. Capitals in `entry.name` are required of the text as well."""
        written = pieces(entry.name)
        upper = tuple((i, len(p)) for i, p in enumerate(written) if len(p) > 1 and p.isupper())
        capital = next((i for i, p in enumerate(written) if p[0].isupper()), -1)
        alike: dict[frozenset[Grammeme], _Found] = {}
        for form, grammemes in forms.items():
            node = self._root
            for piece in form:
                node = node.setdefault(piece, {})
            found = alike.get(grammemes)
            if found is None:
                found = alike[grammemes] = _Found(entry, grammemes, capital, upper)
            node.setdefault(_END, []).append(found)

    def match(self, tokens: Sequence[str]) -> list[Hit]:
        """The names in a sentence's tokens, in order, longest first from the left, not overlapping."""
        sentence = _sentence(tuple(tokens))
        hits: list[Hit] = []
        i = 0
        while i < len(sentence.folded):
            alone = sentence.last[i]
            if not sentence.first[i] or (alone and sentence.folded[i] not in self._root):
                i += 1
                continue
            end, found = self._longest(sentence, i)
            if found:
                hits += _hits(sentence, i, end, found)
            elif not alone:
                end, compound = self._compound(sentence, i)
                hits += compound
            i = max(end, i + 1)
        return [replace(hit, former=True) if sentence.formerly(hit) else hit for hit in hits]

    def spelled(self, words: Sequence[str]) -> Iterator[tuple[int, int, Entry]]:
        """Every name that the pieces may spell, whatever stands between and beside them: first piece, piece after the
        last, and what is named. More than `match` finds, and never less."""
        folded = [fold(word) for word in words]
        for start, word in enumerate(folded):
            node, end = self._root.get(word), start + 1
            while node:
                for found in node.get(_END, ()):
                    if _written(found, words, start):
                        yield start, end, found.entry
                node = node.get(folded[end]) if end < len(folded) else None
                end += 1

    def _ends(self, sentence: _Sentence, start: int) -> Iterator[_Match]:
        """All names that begin at a piece and pass their guards, shortest first."""
        node = self._root
        for i in range(start, len(sentence.folded)):
            if i > start and not sentence.joined(i):
                return
            node = node.get(sentence.folded[i], {})
            if not node:
                return
            found = [f for f in node.get(_END, ()) if sentence.passes(f, start)]
            if found:
                yield i + 1, found

    def _longest(self, sentence: _Sentence, start: int) -> _Match:
        best: _Match = (start, [])
        for end, found in self._ends(sentence, start):
            whole = [f for f in found if f.entry.kind is not Kind.COMBINING]
            if whole and sentence.last[end - 1]:
                best = (end, whole)
        return best

    def _compound(self, sentence: _Sentence, start: int) -> tuple[int, list[Hit]]:
        """A token of several names (российско-белорусский, Москва-Пекин) or of экс- and a name."""
        stop = start + 1
        while not sentence.last[stop - 1]:
            stop += 1
        if not 1 < stop - start <= _PARTS:
            return stop, []
        if sentence.folded[start] == _FORMER:
            end, found = self._longest(sentence, start + 1)
            return end, [replace(hit, former=True) for hit in _hits(sentence, start + 1, end, found)]
        tiles = self._tiles(sentence, start, stop)
        hits = [hit for begin, end, found in tiles for hit in _hits(sentence, begin, end, found)]
        return stop, [replace(hit, compound=True) for hit in hits]

    def _tiles(self, sentence: _Sentence, start: int, stop: int) -> list[tuple[int, int, list[_Found]]]:
        """The names that together fill the pieces `start:stop` without a gap, or nothing."""
        if start == stop:
            return []
        for end, found in reversed([m for m in self._ends(sentence, start) if m[0] <= stop]):
            wanted = [f for f in found if end < stop or f.entry.kind is not Kind.COMBINING]
            rest = self._tiles(sentence, end, stop) if wanted else []
            if wanted and (rest or end == stop):
                return [(start, end, wanted), *rest]
        return []


class _Sentence:
    """The pieces of a sentence, each a run of letters or digits in a token, and the questions that guards ask of it."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self.tokens = tokens
        self.folded: list[str] = []
        self.texts: list[str] = []
        self.token: list[int] = []
        self.first: list[bool] = []
        """Whether the piece is the first of its token."""
        self.last: list[bool] = []
        for number, token in enumerate(tokens):
            folded, texts = _pieces(token) if len(token) <= _LONG else _pieces_of(token)
            count = len(texts)
            if count == 1:
                self.folded.append(folded[0])
                self.texts.append(texts[0])
                self.token.append(number)
                self.first.append(True)
                self.last.append(True)
            elif count:
                self.folded += folded
                self.texts += texts
                self.token += [number] * count
                self.first += [True, *[False] * (count - 1)]
                self.last += [*[False] * (count - 1), True]

    @cached_property
    def shouted(self) -> bool:
        """Whether all words are in capitals."""
        letters = [text for text in self.texts if len(text) > 3]
        return len(letters) > 1 and all(text.isupper() for text in letters)

    def joined(self, i: int) -> bool:
        """Whether nothing but joints stands between a piece and the one before it."""
        between = self.tokens[self.token[i - 1] + 1 : self.token[i]]
        return all(token in _JOINTS for token in between)

    def closed(self, start: int, end: int) -> int:
        """The token after a name, with the quotation mark that closes one opened inside it."""
        first, last = self.token[start], self.token[end - 1] + 1
        opened = [_CLOSING[token] for token in self.tokens[first:last] if token in _CLOSING]
        return last + 1 if opened and self.tokens[last : last + 1] == (opened[-1],) else last

    def formerly(self, hit: Hit) -> bool:
        """Whether an office is said to be a past one by the word before it: бывший министр обороны."""
        before = self.tokens[hit.start - 1] if hit.start else ""
        return hit.kind is Kind.OFFICE and bool(_FORMERLY.fullmatch(fold(before)))

    def passes(self, found: _Found, start: int) -> bool:
        """Whether the pieces are written as the name demands and its guard lets it pass."""
        if not _written(found, self.texts, start):
            return False
        match found.entry.guard:
            case Guard.WORD:
                token = self.token[start]
                return not self.shouted and token > 0 and self.tokens[token - 1] not in _OPENING
            case Guard.PLACE:
                return self._after_place_word(start, frozenset(case for case, _ in found.grammemes))
        return True

    def _after_place_word(self, start: int, cases: Collection[Case]) -> bool:
        before = self.folded[start - 1] if start else ""
        if not before or self.token[start] - self.token[start - 1] > (2 if before == "г" else 1):
            return False
        return bool(_TOWN.fullmatch(before)) or not _PLACE.get(before, frozenset()).isdisjoint(cases)


def _written(found: _Found, texts: Sequence[str], start: int) -> bool:
    """Whether the pieces have the capitals that the name demands."""
    if found.capital >= 0 and not texts[start + found.capital][0].isupper():
        return False
    return all(texts[start + i][:length].isupper() for i, length in found.upper)


def _pieces_of(token: str) -> tuple[list[str], list[str]]:
    """The pieces of a token, folded and as written."""
    texts = pieces(token)
    return [fold(text) for text in texts], texts


_pieces = lru_cache(_REMEMBERED)(_pieces_of)
_sentence = lru_cache(_SENTENCES)(_Sentence)
"""A sentence is matched with several tries, one after another."""


def _hits(sentence: _Sentence, start: int, end: int, found: Iterable[_Found]) -> list[Hit]:
    """One hit for each code (or each office, body) that the words may mean; none where they are a trap."""
    once: dict[tuple[str, str], _Found] = {}
    for f in found:
        if f.entry.kind is Kind.TRAP:
            return []
        once.setdefault((f.entry.code, "" if f.entry.code else f.entry.kind), f)
    first, last = sentence.token[start], sentence.closed(start, end)
    return [Hit(first, last, f.entry, f.grammemes, ambiguous=len(once) > 1) for f in once.values()]


def settle(hits: Sequence[Hit], present: Collection[str]) -> list[Hit]:
    """One hit where several share an ambiguous span: the one whose code the document names, else the usual one.

    `present` are the codes that the document names without doubt. The usual meaning is the first in the data that needs
    no confirmation by the document, else the first.
    """
    best: dict[tuple[int, int, str], Hit] = {}
    for hit in hits:
        key = (hit.start, hit.end, hit.code if hit.compound else "")
        held = best.get(key)
        if held is None or (held.code not in present and (hit.code in present or _sure(hit) > _sure(held))):
            best[key] = hit
    return list(best.values())


def _sure(hit: Hit) -> bool:
    """Whether the name means this without the document's confirmation."""
    return hit.entry.guard is not Guard.DOCUMENT
