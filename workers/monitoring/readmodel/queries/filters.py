"""Conditions of a query, put together from those filters that were given."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection


class Where:
    """Conditions that all must hold, with their parameters."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._conditions: list[str] = []

    def add(self, condition: str, *values: object) -> None:
        """One more; `?` stands for each value."""
        self._conditions.append(condition)
        self.values += values

    def one_of(self, column: str, values: Collection[object] | None) -> None:
        """The column has one of the values; None or nothing asks for nothing."""
        if values:
            self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

    def between(self, column: str, first: dt.date | None, last: dt.date | None) -> None:
        """The column, a day, lies between these days, both included."""
        if first is not None:
            self.add(f"{column} >= ?", first.isoformat())
        if last is not None:
            self.add(f"{column} <= ?", last.isoformat())

    def states(self, column: str, states: Collection[str] | None) -> None:
        """The column, a dyad, has all of these states: two name a dyad, more name none."""
        for state in states or ():
            self.add(
                f"{column} IN (SELECT dyad FROM dyads WHERE a = ? UNION SELECT dyad FROM dyads WHERE b = ?)",
                state,
                state,
            )

    def __bool__(self) -> bool:
        return bool(self._conditions)

    def __str__(self) -> str:
        """The clause, with a blank before it; empty where there is no condition."""
        return " WHERE " + " AND ".join(self._conditions) if self._conditions else ""


def last_day(db: sqlite3.Connection, today: dt.date) -> dt.date:
    """The last day, up to today, with an event that counts: where windows end unless told otherwise.

    Not today itself: where nothing comes in, the measures of the last days should not fade away.
    """
    (found,) = db.execute("SELECT max(counted) FROM events WHERE counted <= ?", (today.isoformat(),)).fetchone()
    return today if found is None else dt.date.fromisoformat(found)
