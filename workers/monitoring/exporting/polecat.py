"""Events in the 40 columns of POLECAT's files: tab separated with a header, `None` where nothing is known.

POLECAT says what happened on a day: events that are planned, hypothetical or denied, or known to a month or a year
only, have no row. docs/exports.md has the columns' meaning.
"""

from __future__ import annotations

from collections.abc import Iterator

from models import Actor, Status
from models.states import states
from workers.monitoring.exporting.gdelt import actor_in
from workers.monitoring.exporting.scratch import ToldEvent
from workers.monitoring.exporting.tables import day_of
from workers.monitoring.plain import plain


def _party_columns(party: str) -> tuple[str, ...]:
    return (
        f"{party} Name", f"{party} Country", f"{party} COW", f"Primary {party} Sector", f"{party} Sectors",
        f"{party} Title", f"{party} Name Raw", f"Wikipedia {party} ID",
    )  # fmt: skip


COLUMNS = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts",
    *_party_columns("Actor"), *_party_columns("Recipient"),
    "Placename", "City", "District", "Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename",
    "Feature Type", "Source", "Publication Date", "Story People", "Story Organizations", "Story Locations", "Language",
    "Version",
)  # fmt: skip
"""The header."""

NONE = "None"


def row(told: ToldEvent) -> tuple[str, ...] | None:
    """The event's row; None where POLECAT has no place for it, or its telling is still on its way."""
    event, day, best = told.event, day_of(told), told.best
    if event.status is not Status.HAPPENED or day is None or best is None:
        return None
    published = best.published_at.date().isoformat() if best.published_at else None
    said = (
        event.id, day, event.type.value, best.mode, str(event.intensity), event.quad.name.replace("_", " "),
        ";".join(best.contexts),
        *_party(event.source, actor_in(told, event.source)), *_party(event.target, actor_in(told, event.target)),
        None, None, None, None, None, None, None, None, best.place,
        None, best.outlet, published, None, None, None, None,
        best.coder,
    )  # fmt: skip
    return tuple(plain(value) if value else NONE for value in said)


def table(events: Iterator[ToldEvent]) -> Iterator[tuple[str, ...]]:
    """The header, and the rows of those events that have one."""
    yield COLUMNS
    for told in events:
        if (made := row(told)) is not None:
            yield made


def _party(code: str, actor: Actor) -> tuple[str | None, ...]:
    known = states().get(code)
    name = known.name if known else code
    return name, name, None, actor.sector, actor.sector, actor.office, actor.name, None
