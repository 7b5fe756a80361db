"""Frames: which words tell of which event, and which of their arguments act and suffer. Data, read and checked once.

Each `*.toml` file here holds the frames of one PLOVER type, named by the file; `words.toml` holds classes of words that
frames name as @class. docs/coding.md tells how to write one. A broken frame is refused by file and line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct

from models import BrokenData, EventType
from models.ontology import ontology

Gen = Literal["source", "target", "both"]

ANY = frozenset({"*"})
ANIMATE = "<animate>"
"""In a need: any animate noun; written @animate."""
PERSON = "<person>"
"""In a need: any person's name; written @person."""
_PLAIN_SLOTS = frozenset({"topic", "subj", "obj", "dat", "ins", "gen", "any", "speaker", "place"})
_CASES = frozenset({"gen", "dat", "acc", "ins", "loc"})
_SPECIAL_NEEDS = frozenset({"self", "adj", "neg", "light", "inf", "pred", "fut", "opposed"})
_WORDS = ("verbs", "nouns", "adjectives", "light", "inverse_light")
_FLAGS = (
    "symmetric",
    "embeds",
    "setting",
    "explicit",
    "light_only",
    "foreign",
    "foreign_speaker",
    "foreign_object",
    "person",
    "borrows",
    "factive",
    "mutual",
)
_KEYS = frozenset({"id", "type", "mode", "cameo", "contexts", "source", "target", "gen", "needs", *_WORDS, *_FLAGS})


class Slot(Struct, frozen=True):
    """An argument by its marking: `name` is subj, obj, ..., or prep with a preposition and maybe a case."""

    name: str
    preposition: str = ""
    case: str = ""

    def __str__(self) -> str:
        return self.name if self.name != "prep" else f"{self.preposition}:{self.case}".rstrip(":")


class Need(Struct, frozen=True):
    """A condition: one of `words` stands in one of `slots` (any word, if `words` is *)."""

    slots: tuple[Slot, ...]
    words: frozenset[str]
    negated: bool
    alternative: bool


class Frame(Struct, frozen=True):
    """One meaning. `rule` is type and id (`consult.visit`); docs/coding.md tells what the other fields mean."""

    rule: str
    type: EventType
    mode: str | None
    cameo: str
    contexts: tuple[str, ...]
    verbs: frozenset[str]
    nouns: frozenset[str]
    adjectives: frozenset[str]
    light: frozenset[str]
    inverse_light: frozenset[str]
    source: tuple[Slot, ...]
    target: tuple[Slot, ...]
    gen: Gen
    needs: tuple[Need, ...]
    symmetric: bool = False
    embeds: bool = False
    setting: bool = False
    explicit: bool = False
    light_only: bool = False
    foreign: bool = False
    foreign_speaker: bool = False
    foreign_object: bool = False
    person: bool = False
    borrows: bool = False
    factive: bool = False
    mutual: bool = False
    clues: tuple[frozenset[str], ...] = ()
    """Of each of these sets a sentence must have a lemma, or the needs cannot hold."""

    @property
    def strictness(self) -> int:
        """How much the frame asks of a sentence: of two that fit one word, the stricter is meant."""
        return sum(not need.negated for need in self.needs) + self.foreign_speaker


class Frames(Struct, frozen=True):
    """All frames, in the order of the files, and by the lemma that may trigger them."""

    all: tuple[Frame, ...]
    by_verb: Mapping[str, tuple[Frame, ...]]
    by_noun: Mapping[str, tuple[Frame, ...]]
    by_adjective: Mapping[str, tuple[Frame, ...]]
    light: frozenset[str]
    layman: frozenset[str]
    """Those who act for themselves: the class of this name in words.toml."""


@cache
def frames() -> Frames:
    """The frames, read and checked once. Raises `BrokenData`."""
    folder = files(__name__)
    classes = {
        **_classes(_toml("words.toml"), "words.toml"),
        "person": frozenset({PERSON}),
        "animate": frozenset({ANIMATE}),
    }
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml") and f.name != "words.toml")
    found: list[Frame] = []
    seen: set[str] = set()
    for name in names:
        for frame, line in load(name, folder.joinpath(name).read_text(encoding="utf-8"), classes):
            if frame.rule in seen:
                raise BrokenData(name, line, f"{frame.rule} is there twice")
            seen.add(frame.rule)
            found.append(frame)
    light = frozenset().union(*(f.light | f.inverse_light for f in found))
    verbs, nouns, adjectives = (_index(found, part) for part in ("verbs", "nouns", "adjectives"))
    return Frames(tuple(found), verbs, nouns, adjectives, light, classes["layman"])


def load(name: str, text: str, classes: Mapping[str, frozenset[str]]) -> Iterator[tuple[Frame, int]]:
    """The frames of one file with their line numbers. Raises `BrokenData`."""
    lines = [i for i, line in enumerate(text.splitlines(), 1) if line.strip() == "[[frame]]"]
    try:
        rows = tomllib.loads(text).get("frame", [])
    except tomllib.TOMLDecodeError as error:
        raise BrokenData(name, _line_of(str(error)), str(error)) from None
    stem = name.removesuffix(".toml")
    for row, line in zip(rows, lines, strict=True):
        try:
            yield _frame(stem, row, classes), line
        except (KeyError, ValueError, TypeError) as error:
            raise BrokenData(name, line, f"frame {row.get('id', '?')}: {error}") from None


def _frame(stem: str, row: dict[str, Any], classes: Mapping[str, frozenset[str]]) -> Frame:
    if strange := set(row) - _KEYS:
        raise ValueError(f"no such field: {', '.join(sorted(strange))}")
    known = ontology()
    type_ = EventType(row.get("type", stem.upper()))
    cameo = known.cameo.get(row["cameo"])
    if cameo is None:
        raise ValueError(f"{row['cameo']} is no CAMEO code")
    mode = row.get("mode") or (cameo.mode if cameo.type is type_ else None)
    if mode is not None and (type_, mode) not in known.scores:
        raise ValueError(f"{type_} has no mode {mode}")
    contexts = tuple(row["contexts"].split()) if "contexts" in row else cameo.contexts
    if strange := set(contexts) - known.contexts:
        raise ValueError(f"no such context: {', '.join(sorted(strange))}")
    words = {key: _words(row.get(key, ""), classes) for key in _WORDS}
    if not words["verbs"] | words["nouns"] | words["adjectives"]:
        raise ValueError("no verbs, nouns or adjectives to trigger it")
    gen = row.get("gen", "source")
    if gen not in ("source", "target", "both"):
        raise ValueError(f"gen is {gen!r}, expected source, target or both")
    flags = {key: row.get(key, False) for key in _FLAGS}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise ValueError("flags are true or false")
    needs = tuple(_need(key, value, classes) for key, value in row.get("needs", {}).items())
    return Frame(
        rule=f"{stem}.{row['id']}",
        type=type_,
        mode=mode,
        cameo=cameo.code,
        contexts=contexts,
        verbs=words["verbs"],
        nouns=words["nouns"],
        adjectives=words["adjectives"],
        light=words["light"],
        inverse_light=words["inverse_light"],
        source=tuple(map(slot, row["source"].split())),
        target=tuple(map(slot, row["target"].split())),
        gen=gen,
        needs=needs,
        clues=tuple(_clues(needs)),
        **flags,
    )


def slot(text: str) -> Slot:
    """Read a slot: `subj`, `с:ins`, `в_ходе`; in prepositions of several words `_` stands for a space."""
    if text in _PLAIN_SLOTS:
        return Slot(text)
    preposition, _, case = text.partition(":")
    if not preposition or not preposition[0].isalpha() or preposition.isascii() or (case and case not in _CASES):
        raise ValueError(f"no such slot: {text!r}")
    return Slot("prep", preposition.replace("_", " "), case.capitalize())


def _need(key: str, value: str, classes: Mapping[str, frozenset[str]]) -> Need:
    negated, alternative = key.startswith("not:"), key.startswith("or:")
    names = key.removeprefix("not:").removeprefix("or:").split()
    slots = tuple(Slot(n) if n in _SPECIAL_NEEDS else slot(n) for n in names)
    if not slots:
        raise ValueError(f"a need without a slot: {key!r}")
    return Need(slots, ANY if value == "*" else _words(value, classes), negated, alternative)


def _clues(needs: Sequence[Need]) -> Iterator[frozenset[str]]:
    """The words of the needs that hold only by a lemma of the sentence; those marked or: and of self are one need."""
    alternatives = any(need.alternative for need in needs)
    either: list[Need] = []
    for need in needs:
        if need.alternative or (alternatives and not need.negated and any(s.name == "self" for s in need.slots)):
            either.append(need)
        elif not need.negated and _by_lemma(need):
            yield need.words
    if either and all(map(_by_lemma, either)):
        yield frozenset().union(*(need.words for need in either))


def _by_lemma(need: Need) -> bool:
    """Whether only lemmas of the sentence fulfil the need: no mark of a person, a negation, a state."""
    marks = {"neg", "fut", "opposed"} & {slot.name for slot in need.slots}
    return not marks and not need.words & {PERSON, ANIMATE} and need.words != ANY


def _words(text: str, classes: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    for word in text.split():
        if word.startswith("@"):
            if word[1:] not in classes:
                raise ValueError(f"no such class of words: {word}")
            found |= classes[word[1:]]
        elif word != word.lower() or "ё" in word:
            raise ValueError(f"{word!r} is no lemma: lower case, е for ё")
        else:
            found.add(word)
    return frozenset(found)


def _classes(table: dict[str, Any], name: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for number, (key, value) in enumerate(table.items(), 1):
        try:
            found[key] = _words(value, found)
        except ValueError as error:
            raise BrokenData(name, number, f"{key}: {error}") from None
    return MappingProxyType(found)


def _toml(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenData(name, _line_of(str(error)), str(error)) from None


def _line_of(message: str) -> int:
    digits = message.partition("at line ")[2].split(",")[0]
    return int(digits) if digits.isdigit() else 1


def _index(found: list[Frame], field: str) -> Mapping[str, tuple[Frame, ...]]:
    by: dict[str, list[Frame]] = {}
    for frame in found:
        for word in sorted(getattr(frame, field)):
            by.setdefault(word, []).append(frame)
    return MappingProxyType({word: tuple(held) for word, held in by.items()})
