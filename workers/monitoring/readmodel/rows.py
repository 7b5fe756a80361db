"""Messages of the topics into rows of the read model, and what changed by them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable

import orjson

from models import DailyRelation, Mention, RelationEvent, Status
from topics.catalogue import DAILY, DEAD, EVENTS, MENTIONS
from topics.codec import Undecodable, decode, encode
from topics.letters import is_letter, mark_of
from topics.message import Message
from workers.monitoring.dead import dead_letter
from workers.monitoring.measures import Direction
from workers.monitoring.readmodel.changes import KINDS, Change
from workers.monitoring.readmodel.records import EVENT_COLUMNS, event_of

log = logging.getLogger(__name__)

FOLLOWED = (EVENTS, DAILY, MENTIONS, DEAD)
"""Topics that make the read model, in the order in which a batch of them is taken in: an event before its mentions.

A topic of corrections would be followed from here: a table of its own in schema.sql, a method below, a letter in
changes.py if listeners are to hear of it, and the field `corrections` of an event in queries/events.py.
"""

_PLACE = {topic.name: place for place, topic in enumerate(FOLLOWED)}

_WORKERS_OWN = (b"\xff", b"@")
"""Keys that begin so are messages among the workers."""


class Rows:
    """Takes messages in, inside a transaction of the writer's. Topics have their names of generation 1.

    `changes` collects what listeners hear of, if `tell`. `unreadable` counts rows that are no record of their topic:
    they are logged and left out.
    """

    def __init__(self, connection: sqlite3.Connection, *, tell: bool) -> None:
        self._db = connection
        self._tell = tell
        self._dirty: set[str] = set()
        self._outlets: dict[str, int] = {}
        self.changes: list[Change] = []
        self.unreadable = 0
        self._take: dict[str, Callable[[Message], None]] = {
            EVENTS.name: self._event,
            DAILY.name: self._day,
            MENTIONS.name: self._mention,
            DEAD.name: self._letter,
        }

    def take(self, messages: Iterable[Message]) -> None:
        """Take in the messages, those of one partition in their order. Raises sqlite3.Error."""
        for message in sorted(
            messages, key=lambda message: _PLACE[message.topic]
        ):  # stable: order holds in a partition
            if message.key is None or (message.key.startswith(_WORKERS_OWN) and message.topic != DEAD.name):
                continue
            try:
                self._take[message.topic](message)
            except (Undecodable, UnicodeDecodeError) as error:
                self.unreadable += 1
                log.warning("%s, partition %d, offset %d: %s", message.topic, message.partition, message.offset, error)
        self._db.executemany("INSERT OR IGNORE INTO dirty VALUES (?)", [(dyad,) for dyad in self._dirty])

    def _event(self, message: Message) -> None:
        key = _key(message)
        found = self._db.execute(f"SELECT {EVENT_COLUMNS} FROM events WHERE id = ?", (key,)).fetchone()
        old = None if found is None else event_of(found)
        if message.value is None:
            if old is not None:
                self._db.execute("DELETE FROM events WHERE id = ?", (key,))
                self._changed(message, "gone", old.dyad, old.type, encode(old))
            return
        event = decode(RelationEvent, message.value)
        new = (
            key,
            event.dyad,
            direction(event).value,
            event.type.value,
            event.quad.value,
            event.cameo,
            event.status.value,
            event.date or "",
            round(10 * event.goldstein),
            round(10 * event.intensity),
            event.mentions,
            event.outlets,
            message.timestamp,
        )
        if found is not None and found[:-1] == new[:-1]:
            return
        counted = event.date if event.status is Status.HAPPENED and event.date and len(event.date) == 10 else None
        self._db.execute(
            f"INSERT OR REPLACE INTO events ({EVENT_COLUMNS}, counted) VALUES ({'?, ' * 13}?)", (*new, counted)
        )
        self._changed(message, "new" if old is None else "changed", event.dyad, event.type, encode(event_of(new)))

    def _day(self, message: Message) -> None:
        dyad, _, day = _key(message).partition("|")
        old = self._db.execute("SELECT row FROM days WHERE dyad = ? AND day = ?", (dyad, day)).fetchone()
        if message.value is None:
            if old is not None:
                self._db.execute("DELETE FROM days WHERE dyad = ? AND day = ?", (dyad, day))
                self._changed(message, "gone", dyad, None, old[0])
            return
        row = decode(DailyRelation, message.value)
        if old is not None and old[0] == message.value:
            return
        both = row.together
        other = both.planned + both.hypothetical + both.denied
        self._db.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?)", (dyad, day, other, message.value))
        self._changed(message, "new" if old is None else "changed", dyad, None, message.value)

    def _mention(self, message: Message) -> None:
        event, _, article = _key(message).partition("|")
        old = self._db.execute(
            "SELECT id, text, row, dyad FROM mentions WHERE event = ? AND article = ?", (event, article)
        ).fetchone()
        mention = None if message.value is None else decode(Mention, message.value)
        if old is not None:
            if old[2] == message.value:
                return
            self._db.execute("INSERT INTO evidence (evidence, rowid, text) VALUES ('delete', ?, ?)", old[:2])
            self._db.execute("DELETE FROM mentions WHERE id = ?", old[:1])
        if mention is None:
            if old is not None:
                self._changed(message, "gone", old[3], self._type(event), old[2])
            return
        made = self._db.execute(
            "INSERT INTO mentions (event, article, dyad, outlet, confidence, text, row, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event,
                article,
                mention.dyad,
                self._outlet(mention.outlet),
                mention.confidence,
                mention.evidence.text,
                message.value,
                message.timestamp,
            ),
        )
        self._db.execute("INSERT INTO evidence (rowid, text) VALUES (?, ?)", (made.lastrowid, mention.evidence.text))
        change = "new" if old is None else "changed"
        self._changed(message, change, mention.dyad, self._type(event), message.value or b"")

    def _letter(self, message: Message) -> None:
        partition, key = mark_of(message)
        mark = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else f"@{key}"
        if not is_letter(message):
            self._db.execute("DELETE FROM letters WHERE partition = ? AND mark = ?", (partition, mark))
            return
        letter = dead_letter(message, value=False)
        self._db.execute(
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                partition,
                mark,
                message.timestamp,
                letter.place,
                letter.article,
                letter.reason,
                letter.stage,
                letter.error,
                letter.origin,
                letter.attempt,
            ),
        )

    def _outlet(self, name: str | None) -> int:
        """The number of an outlet."""
        if name is None:
            return 0
        if name not in self._outlets:
            self._db.execute("INSERT OR IGNORE INTO outlets (name) VALUES (?)", (name,))
            (self._outlets[name],) = self._db.execute("SELECT id FROM outlets WHERE name = ?", (name,)).fetchone()
        return self._outlets[name]

    def _type(self, event: str) -> str | None:
        if not self._tell:
            return None
        found = self._db.execute("SELECT type FROM events WHERE id = ?", (event,)).fetchone()
        return None if found is None else str(found[0])

    def _changed(self, message: Message, change: str, dyad: str, type: str | None, row: bytes) -> None:
        kind = KINDS[message.topic]
        if kind != "mention":  # what is kept of a dyad as a whole rests on its events and days
            self._dirty.add(dyad)
        if not self._tell:
            return
        # On one line: white space is all that a line break in JSON can be.
        data = orjson.dumps({"change": change, "dyad": dyad, "type": type, kind: orjson.Fragment(row)}).replace(
            b"\n", b" "
        )
        made = self._db.execute(
            "INSERT INTO changes (topic, partition, offset, kind, dyad, type, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (message.topic, message.partition, message.offset, kind, dyad, type, data),
        )
        seq = made.lastrowid or 0
        self.changes.append(Change(seq, message.topic, message.partition, message.offset, kind, dyad, type, data))


def direction(event: RelationEvent) -> Direction:
    """Who acts, by the order of the dyad."""
    if event.reciprocal:
        return Direction.BOTH
    return Direction.A_TO_B if event.source == event.dyad.a else Direction.B_TO_A


def _key(message: Message) -> str:
    return (message.key or b"").decode()
