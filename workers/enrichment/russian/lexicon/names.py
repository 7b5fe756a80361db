"""Reading the tables of names into entries with their forms; a wrong row is refused by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from msgspec.structs import replace

from models.data import BrokenData, rows
from models.ontology import ontology
from models.states import states
from workers.enrichment.russian.lexicon.entries import Entry, Guard, Kind
from workers.enrichment.russian.lexicon.inflection import (
    CannotInflect,
    Forms,
    adjective_forms,
    combining_form,
    fold,
    name_forms,
    pieces,
)
from workers.enrichment.russian.lexicon.organizations import organizations

Named = tuple[Entry, Forms]
"""An entry with every form in which its name is found."""

STATE_KINDS = (
    Kind.NOUN, Kind.ADJECTIVE, Kind.DEMONYM, Kind.ABBREVIATION, Kind.COMBINING, Kind.CAPITAL, Kind.FORMER, Kind.RELATED,
)  # fmt: skip
PLACE_KINDS = (Kind.CITY, Kind.REGION, Kind.TERRITORY, Kind.PLACE_ADJECTIVE)
ROLES = frozenset(
    {
        "head_of_state", "head_of_government", "deputy_head", "foreign_minister", "defence_minister", "minister",
        "deputy_minister", "spokesman", "envoy", "legislator", "speaker", "commander", "soldier", "security", "judge",
        "prosecutor", "police", "intelligence", "heir", "regional", "official", "head", "organization_head",
        "party_leader", "opposition", "business", "journalist", "clergy",
    }
)  # fmt: skip
"""What an office is. `head` (глава, директор) leads the body named after it and takes that body's sector."""
BODIES = frozenset(
    {
        "government", "ministry", "agency", "presidency", "parliament", "court", "prosecutor", "armed_forces",
        "border_guard", "police", "intelligence", "embassy", "regional", "company", "bank", "party", "movement",
        "delegation", "side", "authorities", "press_service", "media",
    }
)  # fmt: skip
"""What a body is."""
_ADJECTIVES = (Kind.ADJECTIVE, Kind.PLACE_ADJECTIVE, Kind.RELATED)
_NONE = "-"
_E = TypeVar("_E", Kind, Guard)


def state_names(file: str = "states.csv") -> Iterator[Named]:
    """What states are called, with seats of power and combining forms made from the adjectives."""
    covered: set[tuple[str, Kind]] = set()
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("code", "kind", "name", "inflection", "guard", "note")):
        code, kind = _state(file, line, row["code"]), _one_of(file, line, Kind, row["kind"], STATE_KINDS)
        covered.add((code, kind))
        _once(file, line, seen, row["name"], code, kind)
        if row["name"] == _NONE:
            continue
        entry = Entry(row["name"], kind, code, guard=_guard(file, line, row["guard"]), note=row["note"])
        yield entry, _forms(file, line, entry, row["inflection"])
        if kind is Kind.ADJECTIVE and entry.guard is Guard.NONE:
            first = Entry(combining_form(entry.name), Kind.COMBINING, code)
            yield first, name_forms(first.name, first.name)
    for state in states().values():
        wanted = [Kind.NOUN]
        if state.standing == "member":
            wanted += [Kind.ADJECTIVE, Kind.CAPITAL]
        if missing := [kind for kind in wanted if (state.code, kind) not in covered]:
            raise BrokenData(file, 1, f"{state.code} ({state.name}) has no {' and no '.join(missing)}")


def seat_names(file: str = "seats.csv") -> Iterator[Named]:
    """Seats of power that act for their state."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("code", "name", "inflection", "sector", "guard", "note")):
        code = _state(file, line, row["code"])
        _once(file, line, seen, row["name"], code, Kind.SEAT)
        sector, guard = _sector(file, line, row["sector"]), _guard(file, line, row["guard"])
        entry = Entry(row["name"], Kind.SEAT, code, sector, guard=guard, note=row["note"])
        yield entry, _forms(file, line, entry, row["inflection"])


def place_names(file: str = "places.csv") -> Iterator[Named]:
    """Towns, regions and disputed places by the state they count to."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("code", "kind", "name", "inflection", "guard", "note")):
        code, kind = _state(file, line, row["code"]), _one_of(file, line, Kind, row["kind"], PLACE_KINDS)
        _once(file, line, seen, row["name"], code, kind)
        sector, guard = "PRE" if kind is Kind.TERRITORY else "", _guard(file, line, row["guard"])
        entry = Entry(row["name"], kind, code, sector, guard=guard, note=row["note"])
        yield entry, _forms(file, line, entry, row["inflection"])


def body_names(file: str = "bodies.csv") -> Iterator[Named]:
    """Bodies, forces, companies and movements; with a code those that one state alone has."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(
        __package__, file, ("code", "name", "inflection", "sector", "kind", "domain", "guard", "note")
    ):
        code = row["code"] and _actor(file, line, row["code"])
        _once(file, line, seen, row["name"], code, Kind.BODY)
        if row["kind"] not in BODIES or row["domain"] not in ("", "yes"):
            raise BrokenData(file, line, f"kind {row['kind']!r} or domain {row['domain']!r} is not known")
        sector, guard = _sector(file, line, row["sector"]), _guard(file, line, row["guard"])
        entry = Entry(row["name"], Kind.BODY, code, sector, row["kind"], guard, note=row["note"])
        forms = _forms(file, line, entry, row["inflection"], plural=not code)
        yield entry, forms
        if row["domain"]:
            yield from _with_domains(entry, forms)


def office_names(file: str = "offices.csv") -> Iterator[Named]:
    """Offices, alone and with each field of work that may follow them."""
    seen: set[tuple[str, str, Kind]] = set()
    columns = ("name", "inflection", "sector", "role", "domain", "code", "guard", "note")
    for line, row in rows(__package__, file, columns):
        code = row["code"] and _actor(file, line, row["code"])
        _once(file, line, seen, row["name"], code, Kind.OFFICE)
        if row["role"] not in ROLES or row["domain"] not in ("", "yes"):
            raise BrokenData(file, line, f"role {row['role']!r} or domain {row['domain']!r} is not known")
        sector, guard = _sector(file, line, row["sector"]), _guard(file, line, row["guard"])
        entry = Entry(row["name"], Kind.OFFICE, code, sector, row["role"], guard, note=row["note"])
        forms = _forms(file, line, entry, row["inflection"], plural=True, animate=True)
        yield entry, forms
        if row["domain"]:
            yield from _with_domains(entry, forms)


@cache
def _domains(file: str = "domains.csv") -> tuple[tuple[str, str, str], ...]:
    """Fields of work: the words as they follow министр, the sector, and the minister's role where it has its own."""
    seen: set[tuple[str, str, Kind]] = set()
    found = []
    for line, row in rows(__package__, file, ("name", "sector", "role")):
        _once(file, line, seen, row["name"], "", Kind.OFFICE)
        if row["role"] and row["role"] not in ROLES:
            raise BrokenData(file, line, f"{row['role']!r} is no role of an office")
        found.append((row["name"], _sector(file, line, row["sector"]), row["role"]))
    return tuple(found)


def _with_domains(entry: Entry, forms: Forms) -> Iterator[Named]:
    """An office or a ministry with each field of work: министр обороны, министерство обороны."""
    for words, sector, minister in _domains():
        role = minister if minister and entry.role == "minister" else entry.role
        added = tuple(pieces(fold(words)))
        whole = replace(entry, name=f"{entry.name} {words}", sector=sector, role=role)
        yield whole, {form + added: grammemes for form, grammemes in forms.items()}


def rank_names(file: str = "ranks.csv") -> Iterator[Named]:
    """Military and police ranks."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("name", "inflection", "sector")):
        _once(file, line, seen, row["name"], "", Kind.RANK)
        entry = Entry(row["name"], Kind.RANK, "", _sector(file, line, row["sector"]))
        yield entry, _forms(file, line, entry, row["inflection"], plural=True, animate=True)


def profession_names(file: str = "professions.csv") -> Iterator[Named]:
    """Professions, titles and vocations of those who act for no state."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("name", "inflection")):
        _once(file, line, seen, row["name"], "", Kind.PROFESSION)
        entry = Entry(row["name"], Kind.PROFESSION)
        yield entry, _forms(file, line, entry, row["inflection"], plural=True, animate=True)


def trap_names(file: str = "traps.csv") -> Iterator[Named]:
    """Names that hold a state's name and mean no state."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("name", "inflection", "note")):
        _once(file, line, seen, row["name"], "", Kind.TRAP)
        entry = Entry(row["name"], Kind.TRAP, note=row["note"])
        yield entry, _forms(file, line, entry, row["inflection"])


def organization_names(file: str = "organization_names.csv") -> Iterator[Named]:
    """The names of organizations; `role` is the organization's own code, `code` that of the actor."""
    seen: set[tuple[str, str, Kind]] = set()
    kinds = (Kind.ORGANIZATION, Kind.ABBREVIATION, Kind.ADJECTIVE, Kind.METONYM)
    for line, row in rows(__package__, file, ("code", "kind", "name", "inflection", "guard", "note")):
        organization = organizations().get(row["code"])
        if organization is None:
            raise BrokenData(file, line, f"{row['code']!r} is not in organizations.csv")
        kind, guard = _one_of(file, line, Kind, row["kind"], kinds), _guard(file, line, row["guard"])
        _once(file, line, seen, row["name"], row["code"], kind)
        shown = kind if kind is Kind.METONYM else Kind.ORGANIZATION
        entry = Entry(row["name"], shown, organization.actor, organization.sector, row["code"], guard, note=row["note"])
        yield entry, _forms(file, line, Entry(row["name"], kind), row["inflection"])
    if missing := organizations().keys() - {code for _, code, _ in seen}:
        raise BrokenData(file, 1, f"no name for {', '.join(sorted(missing))}")


def group_names(file: str = "groups.csv") -> Iterator[Named]:
    """Groups of states by description."""
    seen: set[tuple[str, str, Kind]] = set()
    for line, row in rows(__package__, file, ("code", "name", "inflection", "note")):
        _once(file, line, seen, row["name"], row["code"], Kind.GROUP)
        entry = Entry(row["name"], Kind.GROUP, row["code"], note=row["note"])
        yield entry, _forms(file, line, entry, row["inflection"])


def _forms(
    file: str, line: int, entry: Entry, inflection: str, *, plural: bool = False, animate: bool = False
) -> Forms:
    demonym = entry.kind is Kind.DEMONYM
    try:
        if entry.kind in _ADJECTIVES:
            return adjective_forms(entry.name)
        return name_forms(entry.name, inflection, plural=plural or demonym, animate=animate or demonym)
    except CannotInflect as error:
        raise BrokenData(file, line, str(error)) from None


def _state(file: str, line: int, code: str) -> str:
    if code not in states():
        raise BrokenData(file, line, f"{code!r} is no state's code")
    return code


def _actor(file: str, line: int, code: str) -> str:
    if code not in states() and code not in organizations():
        raise BrokenData(file, line, f"{code!r} is the code of no state or organization")
    return code


def _sector(file: str, line: int, sector: str) -> str:
    if sector and sector not in ontology().sectors:
        raise BrokenData(file, line, f"{sector!r} is no sector")
    return sector


def _guard(file: str, line: int, guard: str) -> Guard:
    return _one_of(file, line, Guard, guard, tuple(Guard))


def _one_of(file: str, line: int, enum: type[_E], value: str, allowed: tuple[_E, ...]) -> _E:
    try:
        member = enum(value)
    except ValueError:
        member = None
    if member is None or member not in allowed:
        raise BrokenData(file, line, f"{value!r} is none of {', '.join(allowed)}")
    return member


def _once(file: str, line: int, seen: set[tuple[str, str, Kind]], name: str, code: str, kind: Kind) -> None:
    if not name:
        raise BrokenData(file, line, "the name is empty")
    if (name, code, kind) in seen:
        raise BrokenData(file, line, f"{name} is there twice as {kind} {code}".rstrip())
    seen.add((name, code, kind))
