"""The design that does without transactions: every row carries the offset that wrote it, and guards itself by it.

As with a Faust table whose changelog goes out row by row. A row that was written by the message at hand, or a later
one, is left as it is; what is published is what the row then holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from prometheus_client import Counter

from topics.catalogue import DAILY, EVENTS, Topic
from topics.headers import pack
from workers.aggregation.keys import DAILY as DAILY_ROW
from workers.aggregation.keys import EVENT
from workers.runtime.overlay import Outgoing


class Row(NamedTuple):
    """A changed row."""

    key: bytes
    value: bytes | None


class Guarded:
    """A scope (`workers/runtime/handler.py`) for the message at `offset`: its writes in the order they were made."""

    def __init__(self, beneath: Callable[[bytes], bytes | None], offset: int) -> None:
        self._beneath = beneath
        self._offset = offset
        self._rows: dict[bytes, bytes | None] = {}
        self.writes: list[Row | Outgoing] = []

    def get(self, key: bytes) -> bytes | None:
        return self._rows[key] if key in self._rows else self._stored(key)[1]

    def put(self, key: bytes, value: bytes | None) -> None:
        guard, held = self._stored(key)
        if guard >= self._offset:
            self._rows[key] = held
            return
        self._rows[key] = value
        self.writes.append(Row(key, b"%d|" % self._offset + (b"" if value is None else b"=" + value)))

    def publish(
        self,
        topic: Topic,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int] | None = None,
        *,
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        prefix = {EVENTS.name: EVENT, DAILY.name: DAILY_ROW}.get(topic.name)
        if prefix is not None and key is not None:
            value = self.get(prefix + key)
        self.writes.append(Outgoing(topic.name, key, value, pack(headers or {}), partition))

    def count(self, counter: Counter) -> None: ...

    def _stored(self, key: bytes) -> tuple[int, bytes | None]:
        row = self._beneath(key)
        if row is None:
            return -1, None
        guard, _, rest = row.partition(b"|")
        return int(guard), rest[1:] if rest.startswith(b"=") else None
