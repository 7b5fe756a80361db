"""The organizations that act in news beside states: intergovernmental ones and a few of the others."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from msgspec import Struct

from models.data import BrokenData, rows
from models.ontology import ontology
from models.states import states


class Organization(Struct, frozen=True):
    """An organization. `actor` is the code its acts are coded to: its own, or that of the one it belongs to (EUR)."""

    code: str
    sector: str
    actor: str
    name: str


@cache
def organizations() -> MappingProxyType[str, Organization]:
    """All organizations by code. Raises `BrokenData`."""
    found: dict[str, Organization] = {}
    file = "organizations.csv"
    for line, row in rows(__package__, file, ("code", "sector", "actor", "name")):
        organization = Organization(**row)
        if not re.fullmatch(r"[A-Z0-9]{2,10}", organization.code) or organization.code in found:
            raise BrokenData(file, line, f"{organization.code!r} is no code of 2 to 10 capitals or is there twice")
        if organization.sector not in ontology().sectors:
            raise BrokenData(file, line, f"{organization.sector!r} is no sector")
        if organization.actor != organization.code and organization.actor not in found:
            raise BrokenData(file, line, f"the actor {organization.actor!r} is neither its own code nor one above")
        if organization.code in states() and organization.code not in ("EUR", "UNO"):
            raise BrokenData(file, line, f"{organization.code} is a state's code")
        found[organization.code] = organization
    return MappingProxyType(found)
