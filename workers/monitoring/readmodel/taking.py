"""One batch into the database: rows, positions, what is kept of dyads, changes for listeners; all of it or nothing."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Sequence

from msgspec import Struct

from topics.message import Message
from workers.monitoring.readmodel.changes import KINDS, Change, Heard
from workers.monitoring.readmodel.database import Database, Positions
from workers.monitoring.readmodel.rows import Rows
from workers.monitoring.readmodel.summaries import refresh

KEPT = 50_000
"""Changes kept for listeners that come back."""


class Taken(Struct, frozen=True):
    """What came of a batch: changes in their order, and rows that were no record of their topic."""

    changes: list[Change]
    unreadable: int


def take(database: Database, messages: Sequence[Message], positions: Positions, *, drained: bool) -> Taken:
    """Take messages in, and that they are read up to these positions. Raises sqlite3.Error.

    `drained` says that nothing more is there to read at the moment. A database that is built for the first time tells
    no changes, and is complete when it is drained once; until then what is kept of dyads waits.
    """
    was_complete = database.complete
    with database.transaction() as db:
        rows = Rows(db, tell=was_complete)
        rows.take(messages)
        db.executemany(
            "INSERT INTO positions (topic, partition, next) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET next = excluded.next",
            [(topic, partition, after) for (topic, partition), after in positions.items()],
        )
        if drained or was_complete:
            refresh(db, dt.datetime.now(dt.UTC).date())
        values: dict[str, object] = {"written": round(time.time() * 1000)}
        if drained and not was_complete:
            db.execute("UPDATE positions SET forgotten = next")
            values["complete"] = 1
        if rows.changes:
            _forget(db, rows.changes[-1].seq - KEPT)
        database.note(db, **values)
    return Taken(rows.changes, rows.unreadable)


def _forget(db: sqlite3.Connection, last: int) -> None:
    """Delete the changes up to this one, and note from where on each partition's are kept."""
    if last <= 0:
        return
    db.execute(
        "UPDATE positions SET forgotten = max(forgotten, (SELECT max(offset) + 1 FROM changes c WHERE seq <= ?1"
        " AND c.topic = positions.topic AND c.partition = positions.partition)) WHERE EXISTS (SELECT 1 FROM changes c"
        " WHERE seq <= ?1 AND c.topic = positions.topic AND c.partition = positions.partition)",
        (last,),
    )
    db.execute("DELETE FROM changes WHERE seq <= ?", (last,))


def first_unheard(db: sqlite3.Connection, heard: Heard) -> int | None:
    """The number of the first change kept that is not before these positions; None where there is none.

    Changes after it may be before them: those have to be left out one by one.
    """
    numbers = [
        db.execute(
            "SELECT seq FROM changes WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT 1",
            (topic, partition, offset),
        ).fetchone()
        for (topic, partition), offset in heard.items()
    ]
    return min((number for (number,) in filter(None, numbers)), default=None)


def kept_changes(db: sqlite3.Connection, first: int, limit: int) -> list[Change]:
    """Changes from the one of this number on, in order."""
    found = db.execute(
        "SELECT seq, topic, partition, offset, kind, dyad, type, data FROM changes WHERE seq >= ? ORDER BY seq LIMIT ?",
        (first, limit),
    )
    return [Change(*row) for row in found]


def forgotten(db: sqlite3.Connection) -> Heard:
    """From where on the changes of each partition are kept."""
    found = db.execute("SELECT topic, partition, forgotten FROM positions")
    return {(topic, partition): offset for topic, partition, offset in found if topic in KINDS}
