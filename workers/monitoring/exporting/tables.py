"""The three tables as flat columns: one value a column, the same in CSV and Parquet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from models import Actor, DailyRelation, EventType, Mention, Quad, Tally
from workers.monitoring.exporting.scratch import ToldEvent

R = TypeVar("R")
Value = str | int | float | bool | None


class Column(Struct, Generic[R], frozen=True):
    """A column: its name, its type in SQL, and how a record says its value."""

    name: str
    kind: str
    of: Callable[[R], Value]


def _tally(side: str, tally: Callable[[DailyRelation], Tally]) -> list[Column[DailyRelation]]:
    plain = {"events": "INTEGER", "mentions": "INTEGER", "sources": "INTEGER", "goldstein": "DOUBLE",
             "intensity": "DOUBLE", "planned": "INTEGER", "hypothetical": "INTEGER", "denied": "INTEGER"}  # fmt: skip

    def field(name: str) -> Callable[[DailyRelation], Value]:
        return lambda row: getattr(tally(row), name)

    def quad(quad: Quad) -> Callable[[DailyRelation], Value]:
        return lambda row: tally(row).by_quad.get(quad, 0)

    def type_(type_: EventType) -> Callable[[DailyRelation], Value]:
        return lambda row: tally(row).by_type.get(type_, 0)

    return [
        *(Column(f"{side}_{name}", kind, field(name)) for name, kind in plain.items()),
        *(Column(f"{side}_q{number}", "INTEGER", quad(number)) for number in Quad),
        *(Column(f"{side}_{name.lower()}", "INTEGER", type_(name)) for name in EventType),
    ]


DAYS: list[Column[DailyRelation]] = [
    Column("dyad", "VARCHAR", lambda row: row.dyad),
    Column("a", "VARCHAR", lambda row: row.dyad.a),
    Column("b", "VARCHAR", lambda row: row.dyad.b),
    Column("day", "DATE", lambda row: row.day),
    *_tally("together", lambda row: row.together),
    *_tally("a_to_b", lambda row: row.a_to_b),
    *_tally("b_to_a", lambda row: row.b_to_a),
]
"""Columns of `relations.daily`; docs/tables.md says what each counts."""

EVENTS: list[Column[ToldEvent]] = [
    Column("id", "VARCHAR", lambda row: row.event.id),
    Column("dyad", "VARCHAR", lambda row: row.event.dyad),
    Column("source", "VARCHAR", lambda row: row.event.source),
    Column("target", "VARCHAR", lambda row: row.event.target),
    Column("reciprocal", "BOOLEAN", lambda row: row.event.reciprocal),
    Column("type", "VARCHAR", lambda row: row.event.type.value),
    Column("cameo", "VARCHAR", lambda row: row.event.cameo),
    Column("quad", "INTEGER", lambda row: row.event.quad.value),
    Column("goldstein", "DOUBLE", lambda row: row.event.goldstein),
    Column("intensity", "DOUBLE", lambda row: row.event.intensity),
    Column("status", "VARCHAR", lambda row: row.event.status.value),
    Column("date", "VARCHAR", lambda row: row.event.date),
    Column("day", "DATE", lambda row: day_of(row)),
    Column("mentions", "INTEGER", lambda row: row.event.mentions),
    Column("outlets", "INTEGER", lambda row: row.event.outlets),
    Column("evidence", "VARCHAR", lambda row: row.best.evidence.text if row.best else None),
    Column("updated_at", "TIMESTAMP", lambda row: row.updated_at.strftime("%Y-%m-%d %H:%M:%S")),
]
"""Columns of `relations.events`, with the most confident evidence; `day` where the date is known to the day."""


def _actor(side: str, actor: Callable[[Mention], Actor]) -> list[Column[Mention]]:
    return [
        Column(side, "VARCHAR", lambda row: actor(row).code),
        Column(f"{side}_sector", "VARCHAR", lambda row: actor(row).sector),
        Column(f"{side}_name", "VARCHAR", lambda row: actor(row).name),
        Column(f"{side}_office", "VARCHAR", lambda row: actor(row).office),
    ]


MENTIONS: list[Column[Mention]] = [
    Column("event", "VARCHAR", lambda row: row.event),
    Column("article", "VARCHAR", lambda row: row.article),
    Column("version", "BIGINT", lambda row: row.version),
    Column("dyad", "VARCHAR", lambda row: row.dyad),
    *_actor("source", lambda row: row.source),
    *_actor("target", lambda row: row.target),
    Column("date_precision", "VARCHAR", lambda row: row.date_precision.value),
    Column("mode", "VARCHAR", lambda row: row.mode),
    Column("contexts", "VARCHAR", lambda row: ";".join(row.contexts)),
    Column("place", "VARCHAR", lambda row: row.place),
    Column("evidence", "VARCHAR", lambda row: row.evidence.text),
    Column("evidence_start", "INTEGER", lambda row: row.evidence.start),
    Column("trigger", "VARCHAR", lambda row: row.trigger.text),
    Column("trigger_start", "INTEGER", lambda row: row.trigger.start),
    Column("confidence", "DOUBLE", lambda row: row.confidence),
    Column("rule", "VARCHAR", lambda row: row.rule),
    Column("outlet", "VARCHAR", lambda row: row.outlet),
    Column("url", "VARCHAR", lambda row: row.url),
    Column("published_at", "VARCHAR", lambda row: row.published_at.isoformat() if row.published_at else None),
    Column("coder", "VARCHAR", lambda row: row.coder),
]
"""Columns of `relations.mentions`; `contexts` by semicolons; offsets count characters of the article's text."""


def day_of(told: ToldEvent) -> str | None:
    """The event's day where it is known to the day."""
    date = told.event.date
    return date if date is not None and len(date) == 10 else None
