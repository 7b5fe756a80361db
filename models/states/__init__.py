"""The states of the world as actors: ISO 3166 alpha-3 codes with names, and the two unions coded like states.

193 members of the United Nations, its two observers, Taiwan and Kosovo (the user-assigned XKX), the European Union
(EUR) and the United Nations (UNO). Names are CLDR's. What a state is called in running text is the enrichment's
knowledge.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from msgspec import Struct

from models.data import BrokenData, rows

STANDINGS = ("member", "observer", "other", "union")


class State(Struct, frozen=True):
    """A state: alpha-3 code, alpha-2 code (empty for unions), names, and its standing in the United Nations."""

    code: str
    alpha2: str
    name: str
    name_ru: str
    standing: str


@cache
def states() -> MappingProxyType[str, State]:
    """All states by code, read and checked once. Raises `BrokenData`."""
    found: dict[str, State] = {}
    file = "states.csv"
    for line, row in rows(__name__, file, ("code", "alpha2", "name", "name_ru", "standing")):
        state = State(**row)
        if not re.fullmatch(r"[A-Z]{3}", state.code) or state.code in found:
            raise BrokenData(file, line, f"{state.code!r} is no alpha-3 code or is there twice")
        if state.standing not in STANDINGS:
            raise BrokenData(file, line, f"standing {state.standing!r} is none of {', '.join(STANDINGS)}")
        if not state.name or not state.name_ru or (state.standing != "union") != bool(state.alpha2):
            raise BrokenData(file, line, f"{state.code} lacks a name or its alpha-2 code")
        found[state.code] = state
    if sum(s.standing == "member" for s in found.values()) != 193:
        raise BrokenData(file, 1, "the United Nations has 193 members")
    return MappingProxyType(found)
