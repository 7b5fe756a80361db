"""Events in the 61 columns of GDELT 2.0's event files: tab separated, without a header, dates and codes as there.

GDELT says what happened on a day: events that are planned, hypothetical or denied, or known to a month or a year only,
have no row. docs/exports.md has the columns' meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from models import Actor, BrokenData, Status
from models.data import rows
from models.ontology import ontology
from models.states import states
from workers.monitoring.exporting.scratch import ToldEvent
from workers.monitoring.exporting.tables import day_of
from workers.monitoring.plain import plain


def _actor_columns(actor: str) -> tuple[str, ...]:
    parts = ("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code",
             "Type1Code", "Type2Code", "Type3Code")  # fmt: skip
    return tuple(actor + part for part in parts)


def _place_columns(place: str) -> tuple[str, ...]:
    parts = ("Type", "Fullname", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
    return tuple(f"{place}Geo_{part}" for part in parts)


COLUMNS = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *_actor_columns("Actor1"), *_actor_columns("Actor2"),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
    *_place_columns("Actor1"), *_place_columns("Actor2"), *_place_columns("Action"),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
"""The columns in their order; the files have no header."""

_NOWHERE = ("0", "", "", "", "", "", "", "")


def row(told: ToldEvent) -> tuple[str, ...] | None:
    """The event's row; None where GDELT has no place for it."""
    event, day = told.event, day_of(told)
    if event.status is not Status.HAPPENED or day is None:
        return None
    year, month, number = day.split("-")
    fraction = f"{int(year) + ((int(month) - 1) * 30 + int(number)) / 365:.4f}"
    best = told.best
    return (
        str(numeric_id(event.id)), year + month + number, year + month, year, fraction,
        *_actor(event.source, actor_in(told, event.source)), *_actor(event.target, actor_in(told, event.target)),
        str(int(told.leads)), event.cameo, event.cameo[:3], event.cameo[:2], str(event.quad.value),
        str(event.goldstein), str(event.mentions), str(event.outlets), str(event.mentions), "",
        *_NOWHERE, *_NOWHERE, _NOWHERE[0], plain(best.place or "") if best else "", *_NOWHERE[2:],
        told.updated_at.strftime("%Y%m%d%H%M%S"), plain(best.url or best.article) if best else "",
    )  # fmt: skip


def table(events: Iterator[ToldEvent]) -> Iterator[tuple[str, ...]]:
    """The rows of those events that have one."""
    return (made for told in events if (made := row(told)) is not None)


def numeric_id(event: str) -> int:
    """The event's id, 16 hexadecimal digits, as a number that a signed integer of 64 bits holds: without its top bit.

    Two events of a million have the same one with a chance of one in ten million.
    """
    return int(event, 16) & 0x7FFF_FFFF_FFFF_FFFF


def actor_in(told: ToldEvent, state: str) -> Actor:
    """Who acts for the state in the most confident telling; of a reciprocal event either may come first there."""
    actors = (told.best.source, told.best.target) if told.best else ()
    return next((actor for actor in actors if actor.code == state), Actor(country=state))


def _actor(code: str, actor: Actor) -> tuple[str, ...]:
    role = roles().get(actor.sector or "", "")
    known = states().get(code)
    name = known.name.upper() if known else code
    if union := unions().get(code):
        return union.code, name, union.country, union.group, "", "", "", union.type, "", ""
    return code + role, name, code, "", "", "", "", role, "", ""


class Union(Struct, frozen=True):
    """How GDELT codes a union of states."""

    code: str
    country: str
    group: str
    type: str


@cache
def unions() -> dict[str, Union]:
    """Unions by our code. Raises `BrokenData`."""
    found = {}
    for line, row in rows(__package__, "unions.csv", ("state", "code", "country", "group", "type")):
        code = row.pop("state")
        if code not in states():
            raise BrokenData("unions.csv", line, f"no state has the code {code}")
        found[code] = Union(**row)
    return found


@cache
def roles() -> dict[str, str]:
    """CAMEO's role codes by PLOVER's sectors, empty where CAMEO has none. Raises `BrokenData`."""
    found = {row["sector"]: row["cameo"] for _, row in rows(__package__, "roles.csv", ("sector", "cameo"))}
    if found.keys() != ontology().sectors.keys():
        raise BrokenData("roles.csv", 1, "the sectors are not the ontology's")
    return found
