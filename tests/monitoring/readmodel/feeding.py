"""A read model fed by hand, with the messages that aggregate would have published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from topics.catalogue import DAILY, DEAD, EVENTS, MENTIONS
from topics.codec import encode
from topics.message import Message
from workers.aggregation.fold import Tables
from workers.monitoring.readmodel.database import Database
from workers.monitoring.readmodel.taking import Taken, take

EMPTY = Tables(daily={}, events={}, mentions={})


def row(topic: str, key: bytes, record: Struct | None, offset: int, *, at: int = 1_764_000_000_000) -> Message:
    value = None if record is None else encode(record)
    return Message(topic=topic, partition=0, offset=offset, timestamp=at + offset, key=key, value=value, headers={})


class Fed:
    """A database in a directory, and a topic of one partition each that it follows."""

    def __init__(self, directory: Path) -> None:
        self.database = Database(directory / "model.sqlite3")
        if not self.database.generation:
            with self.database.transaction() as connection:
                self.database.note(connection, generation=1, cluster="c", complete=0, written=0)
        self._rows: dict[str, dict[bytes, Struct]] = {EVENTS.name: {}, DAILY.name: {}, MENTIONS.name: {}}
        self._ends = dict.fromkeys([*self._rows, DEAD.name], 0)

    def publish(self, tables: Tables, *, drained: bool = True, mixed: bool = False) -> Taken:
        """Send what makes the topics these tables: rows that differ, and nulls for those that are gone.

        `mixed` sends a topic after the other as they may come, mentions first.
        """
        wanted: dict[str, Mapping[bytes, Struct]] = {
            EVENTS.name: tables.events, DAILY.name: tables.daily, MENTIONS.name: tables.mentions
        }  # fmt: skip
        messages = []
        for topic, rows in wanted.items():
            old = self._rows[topic]
            messages += [row(topic, key, None, self._next(topic)) for key in sorted(old.keys() - rows.keys())]
            for key, record in rows.items():
                if old.get(key) != record:
                    messages.append(row(topic, key, record, self._next(topic)))
            self._rows[topic] = dict(rows)
        return self.send(reversed(messages) if mixed else messages, drained=drained)

    def send(self, messages: Iterable[Message], *, drained: bool = True) -> Taken:
        positions = {(topic, 0): end for topic, end in self._ends.items()}
        in_order = sorted(messages, key=lambda message: message.offset)
        return take(self.database, in_order, positions, drained=drained)

    def _next(self, topic: str) -> int:
        self._ends[topic] += 1
        return self._ends[topic] - 1
