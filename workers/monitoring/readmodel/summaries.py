"""What is kept of each dyad as a whole: its totals by type, and its temperature on its last day.

A dyad that changed is `dirty`, and is computed anew from its rows: whatever came and went, the result depends on the
rows alone. While a read model is built, that is done once, at the end.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from itertools import groupby

from workers.monitoring.measures import Told, temperature
from workers.monitoring.measures.temperature import DAYS

COUNTS = ("events", "mentions", "positive", "negative", "intensity", "weighted", "q1", "q2", "q3", "q4")
SUMS = (
    "sum(events) events, sum(mentions) mentions, sum(positive) positive, sum(negative) negative,"
    " sum(intensity) intensity, sum(weighted) weighted, "
    + ", ".join(f"sum(CASE quad WHEN {quad} THEN events ELSE 0 END) q{quad}" for quad in (1, 2, 3, 4))
    + ", min(first) first, max(last) last"
)
"""The sums of a dyad, from `dyad_types`."""

_CHUNK = 500
"""Dyads computed by one statement."""


def refresh(db: sqlite3.Connection, today: dt.date) -> None:
    """Compute what is kept of the dirty dyads, in the open transaction; no temperature is of a day after `today`."""
    while dirty := [dyad for (dyad,) in db.execute("SELECT dyad FROM dirty LIMIT ?", (_CHUNK,))]:
        marks = ", ".join("?" * len(dirty))
        for table in ("dyads", "dyad_types"):
            db.execute(f"DELETE FROM {table} WHERE dyad IN ({marks})", dirty)
        db.execute(
            "INSERT INTO dyad_types SELECT dyad, type, min(quad), count(*), sum(mentions), sum(max(goldstein, 0)),"
            " sum(max(-goldstein, 0)), sum(intensity), sum(goldstein * mentions), min(counted), max(counted)"
            f" FROM events WHERE dyad IN ({marks}) AND counted IS NOT NULL GROUP BY dyad, type",
            dirty,
        )
        db.execute(
            "INSERT INTO dyads SELECT dyad, substr(dyad, 1, 3), substr(dyad, 5),"
            f" {', '.join(f'coalesce({name}, 0)' for name in COUNTS)},"
            " first, last, coalesce(other, 0), NULL, 0, NULL FROM"
            # Of some nothing counts, but something is known: a plan, or an event of some month.
            f" (SELECT dyad FROM days WHERE dyad IN ({marks}) UNION SELECT dyad FROM events WHERE dyad IN ({marks}))"
            f" LEFT JOIN (SELECT dyad, {SUMS} FROM dyad_types WHERE dyad IN ({marks}) GROUP BY dyad) USING (dyad)"
            f" LEFT JOIN (SELECT dyad, sum(other) other FROM days WHERE dyad IN ({marks}) GROUP BY dyad) USING (dyad)",
            dirty * 4,
        )
        _temperatures(db, dirty, today)
        db.execute(f"DELETE FROM dirty WHERE dyad IN ({marks})", dirty)


def _temperatures(db: sqlite3.Connection, dyads: list[str], today: dt.date) -> None:
    marks = ", ".join("?" * len(dyads))
    found = db.execute(
        "SELECT events.dyad, counted, goldstein, mentions, count(*), d.last FROM"
        f" (SELECT dyad, (SELECT max(counted) FROM events e WHERE e.dyad = s.dyad AND counted <= ?) last"
        f"  FROM dyads s WHERE dyad IN ({marks})) d"
        " JOIN events ON events.dyad = d.dyad AND counted BETWEEN date(d.last, ?) AND d.last"
        " GROUP BY events.dyad, counted, goldstein, mentions ORDER BY events.dyad, counted, goldstein, mentions",
        (today.isoformat(), *dyads, f"-{DAYS - 1} days"),
    ).fetchall()
    for (dyad, last), rows in groupby(found, key=lambda row: (row[0], row[5])):
        heat = temperature(Told(day, goldstein, mentions, count) for _, day, goldstein, mentions, count, _ in rows)
        if heat is not None:
            db.execute(
                "UPDATE dyads SET heat = ?, heat_days = ?, heat_day = ? WHERE dyad = ?",
                (heat.index, heat.days, last, dyad),
            )
