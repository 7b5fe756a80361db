"""The rows of the tables on disk, in order: topics are in the order of their offsets, and larger than memory.

A database of its own instead of the read model of a server: an export needs no server, reads what the topics say at
this moment, and keeps three columns a row, without indexes for questions that nobody asks.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from models import DailyRelation, Day, Dyad, Mention, RelationEvent
from topics.catalogue import DAILY, EVENTS, MENTIONS, Topic
from topics.codec import Undecodable, decode
from topics.message import Message
from topics.reader import Reader
from workers.monitoring.read import BadRow

_SCHEMA = """
CREATE TABLE days (day TEXT, dyad TEXT, row BLOB NOT NULL, PRIMARY KEY (day, dyad)) WITHOUT ROWID;
CREATE TABLE events (
  id TEXT PRIMARY KEY, date TEXT NOT NULL, dyad TEXT NOT NULL, at INTEGER NOT NULL, row BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE mentions (
  event TEXT, article TEXT, confidence REAL NOT NULL, start INTEGER NOT NULL, row BLOB NOT NULL,
  PRIMARY KEY (event, article)
) WITHOUT ROWID;
"""
_CACHE_KIB = 16 * 1024
_WORKERS_OWN = (b"\xff", b"@")


class Selection(Struct, frozen=True):
    """Which rows: of any of these dyads, with any of these states, between these days, both included.

    Nothing given asks for nothing. An event known only to a month or a year is left out where days are asked for.
    """

    dyads: frozenset[Dyad] = frozenset()
    states: frozenset[str] = frozenset()
    first: Day | None = None
    last: Day | None = None

    def has_dyad(self, dyad: str) -> bool:
        """Whether rows of the dyad are wanted."""
        return (not self.dyads or dyad in self.dyads) and (not self.states or bool(self.states & set(dyad.split("-"))))

    def has_date(self, date: str | None) -> bool:
        """Whether rows of a date, as events have it, are wanted."""
        if self.first is None and self.last is None:
            return True
        return date is not None and len(date) == 10 and (self.first or date) <= date <= (self.last or date)


class ToldEvent(Struct, frozen=True):
    """An event, when its row was published, and the most confident of its tellings; None while that is on its way."""

    event: RelationEvent
    updated_at: dt.datetime
    best: Mention | None
    leads: bool
    """Whether a telling's sentence is the first of its article."""


class Scratch:
    """The rows of a selection, a context manager; the file is gone when it ends, and when the process is killed.

    Memory: the database's cache, 16 MiB at the most, however many rows.
    """

    def __init__(self, directory: Path, selection: Selection) -> None:
        self._directory = directory
        self._selection = selection

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._directory, prefix="export-") as file:
            self._db = sqlite3.connect(file.name, isolation_level=None)
            self._db.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                f"PRAGMA cache_size = -{_CACHE_KIB}; {_SCHEMA} BEGIN;"
            )
        return self  # with the name gone nothing is left behind

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    async def fill(self, reader: Reader, *topics: Topic) -> None:
        """Take in the topics as they are now. Raises what `Reader` raises, and `BadRow`."""
        take = {DAILY: self._day, EVENTS: self._event, MENTIONS: self._mention}
        for topic in topics:
            async for message in reader.read(topic):
                if message.key is None or message.key.startswith(_WORKERS_OWN):
                    continue
                try:
                    take[topic](message, message.key.decode())
                except (Undecodable, UnicodeDecodeError) as error:
                    where = f"{topic.name}, partition {message.partition}, offset {message.offset}"
                    raise BadRow(f"{where}: {error}") from None
        self._db.executescript("CREATE INDEX events_by_date ON events (date, id);")

    def days(self) -> Iterator[DailyRelation]:
        """Days by day, then dyad."""
        for (row,) in self._db.execute("SELECT row FROM days ORDER BY day, dyad"):
            yield decode(DailyRelation, row)

    def events(self) -> Iterator[ToldEvent]:
        """Events by date, then id; those without a date first."""
        found = self._db.execute(
            "SELECT row, at, (SELECT row FROM mentions m WHERE event = e.id ORDER BY confidence DESC, article LIMIT 1),"
            " EXISTS (SELECT 1 FROM mentions m WHERE m.event = e.id AND start = 0) FROM events e ORDER BY date, id"
        )
        for row, at, best, leads in found:
            yield ToldEvent(
                decode(RelationEvent, row),
                dt.datetime.fromtimestamp(at // 1000, dt.UTC),
                None if best is None else decode(Mention, best),
                bool(leads),
            )

    def mentions(self) -> Iterator[Mention]:
        """Mentions by date and id of their event, then article; one whose event is on its way is left out."""
        found = self._db.execute(
            "SELECT m.row FROM events e CROSS JOIN mentions m ON m.event = e.id ORDER BY e.date, e.id, m.article"
        )
        for (row,) in found:
            yield decode(Mention, row)

    def _day(self, message: Message, key: str) -> None:
        dyad, _, day = key.partition("|")
        if not (self._selection.has_dyad(dyad) and self._selection.has_date(day)):
            return
        if message.value is None:
            self._db.execute("DELETE FROM days WHERE day = ? AND dyad = ?", (day, dyad))
            return
        decode(DailyRelation, message.value)
        self._db.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", (day, dyad, message.value))

    def _event(self, message: Message, key: str) -> None:
        if message.value is None:
            self._db.execute("DELETE FROM events WHERE id = ?", (key,))
            return
        event = decode(RelationEvent, message.value)
        if self._selection.has_dyad(event.dyad) and self._selection.has_date(event.date):
            row = (key, event.date or "", event.dyad, message.timestamp, message.value)
            self._db.execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)", row)

    def _mention(self, message: Message, key: str) -> None:
        event, _, article = key.partition("|")
        if message.value is None:
            self._db.execute("DELETE FROM mentions WHERE event = ? AND article = ?", (event, article))
            return
        told = decode(Mention, message.value)
        if self._selection.has_dyad(told.dyad):
            row = (event, article, told.confidence, told.evidence.start, message.value)
            self._db.execute("INSERT OR REPLACE INTO mentions VALUES (?, ?, ?, ?, ?)", row)
