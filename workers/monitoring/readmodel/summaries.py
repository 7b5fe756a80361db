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
            "INSERT INTO dyads SELECT dyad, substr(dyad, 1, 3), substr(dyad, 5), sum(events), sum(mentions),"
            " sum(other), min(first), max(last), NULL, 0, NULL FROM ("
            " SELECT dyad, sum(events) events, sum(mentions) mentions, 0 other, min(first) first, max(last) last"
            f" FROM dyad_types WHERE dyad IN ({marks}) GROUP BY dyad UNION ALL"
            f" SELECT dyad, 0, 0, sum(other), NULL, NULL FROM days WHERE dyad IN ({marks}) GROUP BY dyad UNION ALL"
            # One of which nothing counts, but something is known: a plan, or an event of some month.
            f" SELECT DISTINCT dyad, 0, 0, 0, NULL, NULL FROM events WHERE dyad IN ({marks})"
            ") GROUP BY dyad",
            dirty * 3,
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
