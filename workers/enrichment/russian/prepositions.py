"""Prepositions of several words as one: "в ходе визита" is a визит marked by в ходе, whatever the parser made of it.

Universal Dependencies has the first word as `case` of the noun and the others as `fixed` to the first. The parser does
so for some of them and some of the time; elsewhere it takes ход for an adjunct and визит for its modifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from models.data import BrokenData, rows
from workers.enrichment.russian.morphology import Word, fold
from workers.enrichment.russian.neural import Tree

_CASES = frozenset({"Gen", "Dat", "Acc", "Ins", "Loc"})
_NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "X"})
_BEFORE_NOUN = frozenset({"ADJ", "DET", "NUM", "ADV", "VERB"})
_VERBAL = frozenset({"VERB", "AUX", "ADV"})

REACH = 8
"""Most words between a preposition and its noun."""


@cache
def prepositions() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """By their first word the prepositions, the longest first, each with the case it governs. Raises `BrokenData`."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line, row in rows("workers.enrichment.russian", "prepositions.csv", ("preposition", "case")):
        words = tuple(row["preposition"].split())
        if len(words) < 2 or row["preposition"] != fold(row["preposition"]):
            raise BrokenData("prepositions.csv", line, "expected several words in lower case, with е for ё")
        if row["case"] not in _CASES:
            raise BrokenData("prepositions.csv", line, f"{row['cases']!r} is no case")
        table.setdefault(words[0], []).append((words, row["case"]))
    return {first: tuple(sorted(found, key=lambda f: -len(f[0]))) for first, found in table.items()}


def joined(forms: Sequence[str], words: Sequence[Word], tree: Tree) -> Tree:
    """The tree with every preposition of several words made one, above its noun as Universal Dependencies has it."""
    table = prepositions()
    heads, relations = list(tree.heads), list(tree.relations)
    folded = [fold(form) for form in forms]
    at = 0
    while at < len(folded):
        end = at + 1
        for parts, case in table.get(folded[at], ()):
            if tuple(folded[at : at + len(parts)]) == parts:
                end = at + len(parts)
                noun = _noun(words, end, case)
                if noun is not None:
                    _attach(heads, relations, words, range(at, end), noun)
                break
        at = end
    return Tree(tuple(heads), tuple(relations))


def _noun(words: Sequence[Word], start: int, case: str) -> int | None:
    """The noun that a preposition ending before `start` governs: the first one, past its adjectives."""
    for index in range(start, min(start + REACH, len(words))):
        word = words[index]
        if word.pos in _NOMINAL:
            return index if word.feats.get("Case", case) in (case, "Nom") or word.pos == "X" else None
        if word.pos == "PUNCT" and word.lemma in ('"', "«", "“"):
            continue
        if word.pos not in _BEFORE_NOUN or word.feats.get("VerbForm", "Part") != "Part":
            return None
    return None


def _attach(heads: list[int], relations: list[str], words: Sequence[Word], parts: range, noun: int) -> None:
    """Make the words of `parts` the preposition of `noun`, and the noun what the preposition's own noun was."""
    phrase = {*parts, noun}
    outside = [i for i in (*parts, noun) if heads[i] not in phrase]
    outer = next(
        (i for i in outside if relations[i] not in ("case", "fixed", "punct")), outside[0] if outside else None
    )
    if outer is not None:
        above = heads[outer]
    elif parts.start and words[parts.start - 1].pos in _NOMINAL:
        above = parts.start - 1
    else:
        return
    for child, head in enumerate(heads):
        if head in parts and child not in phrase:
            heads[child] = noun
    if outer != noun and above >= 0:
        relations[noun] = "obl" if words[above].pos in _VERBAL else "nmod"
    elif outer is not None:
        relations[noun] = relations[outer]
    heads[noun] = above
    for index in parts:
        heads[index] = noun if index == parts.start else parts.start
        relations[index] = "case" if index == parts.start else "fixed"
