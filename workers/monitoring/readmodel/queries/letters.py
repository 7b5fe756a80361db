"""Dead letters, and how many there are."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection

from topics.catalogue import DEAD
from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import Letter, Letters, moment


def list_letters(db: sqlite3.Connection, reasons: Collection[str], limit: int, since: str | None) -> Letters:
    """Dead letters in force, newest first. Raises `BadCursor`."""
    where = Where()
    where.add("at >= ?", _oldest())
    where.one_of("reason", reasons)
    if since is not None:
        where.add("(at, place) < (?, ?)", *after(since, int, str))
    found = db.execute(
        "SELECT place, at, reason, stage, error, article, origin, attempt"
        f" FROM letters{where} ORDER BY at DESC, place DESC LIMIT ?",
        (*where.values, limit + 1),
    ).fetchall()
    rows, end = split(found, limit)
    names = "reason", "stage", "error", "article", "origin", "attempt"
    return Letters(
        next=end and cursor(end[1], end[0]),
        items=[Letter(place=place, at=moment(at), **dict(zip(names, rest, strict=True))) for place, at, *rest in rows],
    )


def count_letters(db: sqlite3.Connection) -> dict[str, int]:
    """How many dead letters are in force, by reason."""
    return dict(
        db.execute("SELECT reason, count(*) FROM letters WHERE at >= ? GROUP BY 1 ORDER BY 1", (_oldest(),)).fetchall()
    )


def _oldest() -> int:
    """The topic forgets letters by age, without a word to its readers."""
    return round(time.time() * 1000) - DEAD.retention_ms
