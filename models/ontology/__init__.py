"""The ontology: PLOVER 2.0 types, modes, contexts and scores; CAMEO codes with Goldstein scores.

Sources: PLOVER manual 2.0 and its crosswalk (Open Event Data Alliance); CAMEO 1.1b3 with Goldstein's scale as used by
ICEWS. Names, codes and scores are facts; no wording of the manual is in the data. Where the two disagree this is held:
SANCTION is material conflict; ACCUSE scores -3; CAMEO 163 (embargo, sanctions) is SANCTION; 057 (signing) is SUPPORT;
CAMEO 01 and 02 have no PLOVER type; modes of older manuals in the crosswalk are mapped to those of 2.0.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from msgspec import Struct

from models.coded import EventType, Quad
from models.data import BrokenData, rows


class Cameo(Struct, frozen=True):
    """One CAMEO code: its name, Goldstein score (-10..10) and, where it has one, its PLOVER type, mode and contexts."""

    code: str
    name: str
    goldstein: float
    type: EventType | None
    mode: str | None
    contexts: tuple[str, ...]

    @property
    def root(self) -> str:
        """The two-digit root: 057 -> 05."""
        return self.code[:2]


class Ontology(Struct, frozen=True):
    """The whole ontology; `scores` is keyed by (type, mode) since mode names repeat across types."""

    scores: MappingProxyType[tuple[EventType, str | None], float | None]
    quads: MappingProxyType[EventType, Quad]
    contexts: frozenset[str]
    sectors: MappingProxyType[str, str]
    cameo: MappingProxyType[str, Cameo]

    def modes(self, type: EventType) -> tuple[str, ...]:
        """The modes of a type, in the manual's order."""
        return tuple(mode for t, mode in self.scores if t is type and mode is not None)

    def intensity(self, type: EventType) -> float:
        """The PLOVER score of a type, -10..10."""
        score = self.scores[type, None]
        assert score is not None, "the loader refuses a type without a score"
        return score


@cache
def ontology() -> Ontology:
    """The ontology, read and checked once. Raises `BrokenData`."""
    scores: dict[tuple[EventType, str | None], float | None] = {}
    quads: dict[EventType, Quad] = {}
    for line, row in rows(__name__, "plover.csv", ("type", "mode", "score", "quad")):
        type_, mode = _type("plover.csv", line, row["type"]), row["mode"] or None
        if (type_, mode) in scores:
            raise BrokenData("plover.csv", line, f"{type_} {mode or ''} is there twice")
        if mode is None and not row["score"]:
            raise BrokenData("plover.csv", line, f"{type_} has no score")
        scores[type_, mode] = _score("plover.csv", line, row["score"]) if row["score"] else None
        quad = _quad("plover.csv", line, row["quad"])
        if quads.setdefault(type_, quad) is not quad:
            raise BrokenData("plover.csv", line, f"{type_} has two quads")
    if missing := {type_ for type_ in EventType if (type_, None) not in scores}:
        raise BrokenData("plover.csv", 1, f"types missing: {', '.join(sorted(missing))}")

    contexts = frozenset(row["context"] for _, row in rows(__name__, "contexts.csv", ("context",)))
    sectors = {row["sector"]: row["meaning"] for _, row in rows(__name__, "sectors.csv", ("sector", "meaning"))}
    cameo = _cameo(scores, contexts)
    return Ontology(
        MappingProxyType(scores), MappingProxyType(quads), contexts, MappingProxyType(sectors), MappingProxyType(cameo)
    )


def _cameo(scores: dict[tuple[EventType, str | None], float | None], contexts: frozenset[str]) -> dict[str, Cameo]:
    cameo: dict[str, Cameo] = {}
    file = "cameo.csv"
    for line, row in rows(__name__, file, ("code", "name", "goldstein", "type", "mode", "contexts")):
        code, named = row["code"], tuple(row["contexts"].split())
        type_ = _type(file, line, row["type"]) if row["type"] else None
        mode = row["mode"] or None
        if code in cameo:
            raise BrokenData(file, line, f"{code} is there twice")
        if not (code.isdigit() and 2 <= len(code) <= 4) or (len(code) > 2 and code[:2] not in cameo):
            raise BrokenData(file, line, f"{code} is no CAMEO code or stands before its root")
        if mode and (type_ is None or (type_, mode) not in scores):
            raise BrokenData(file, line, f"{row['type']} has no mode {mode}")
        if strange := set(named) - contexts:
            raise BrokenData(file, line, f"no such context: {', '.join(sorted(strange))}")
        cameo[code] = Cameo(code, row["name"], _score(file, line, row["goldstein"]), type_, mode, named)
    if len(cameo) != 312:
        raise BrokenData(file, 1, f"{len(cameo)} codes, CAMEO has 312")
    return cameo


def _type(file: str, line: int, name: str) -> EventType:
    try:
        return EventType(name)
    except ValueError:
        raise BrokenData(file, line, f"{name!r} is no PLOVER type") from None


def _quad(file: str, line: int, text: str) -> Quad:
    try:
        return Quad(int(text))
    except ValueError:
        raise BrokenData(file, line, f"{text!r} is no quad class from 1 to 4") from None


def _score(file: str, line: int, text: str) -> float:
    """A score of one decimal at the most: the tables add scores up in tenths, which is exact."""
    try:
        score = float(text)
    except ValueError:
        score = float("nan")
    if not -10 <= score <= 10 or score != round(score, 1):
        raise BrokenData(file, line, f"{text!r} is no score from -10 to 10 with one decimal")
    return score
