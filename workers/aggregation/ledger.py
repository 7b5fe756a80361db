"""The rows of one dyad while one contribution changes them: read once, written and published once, if they changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from models import DailyRelation, Day, Dyad, Event, RelationEvent, Status
from topics.catalogue import DAILY, EVENTS, Topic
from topics.codec import encode
from workers.aggregation import keys
from workers.aggregation.algebra import day_of, identity_row, mentioned, sides_of, tallied
from workers.aggregation.rows import damaged, read_count, read_row
from workers.runtime.handler import Scope
from workers.runtime.metrics import EVENTS_TOLD

R = TypeVar("R", bound=Struct)


class Ledger:
    """Joins mentions to events and takes them away; `settle` then writes and publishes what came out different."""

    def __init__(self, scope: Scope, dyad: Dyad) -> None:
        self._scope = scope
        self._dyad = dyad
        self._events = _Drafts(scope, RelationEvent, EVENTS, keys.EVENT, empty=lambda row: not row.mentions)
        self._days = _Drafts(scope, DailyRelation, DAILY, keys.DAILY, empty=_is_empty)

    def join(self, event: Event, outlet: str) -> RelationEvent:
        """An article of `outlet` tells the event, which is returned."""
        known = self._events.get(keys.event(event.id))
        self._scope.count(_told(event.type, event.status))
        return self._count(known or identity_row(event, self._dyad), outlet, 1)

    def leave(self, event: str, outlet: str) -> RelationEvent:
        """An article of `outlet` that told the event, which is returned, does not tell it any longer."""
        known = self._events.get(keys.event(event))
        if known is None:
            raise damaged(keys.EVENT + keys.event(event), "missing, though an article is known to tell the event")
        return self._count(known, outlet, -1)

    def now(self, event: RelationEvent) -> RelationEvent:
        """The event with the counters that it has by now; zero where nobody tells it any longer."""
        return self._events.get(keys.event(event.id)) or replace(event, mentions=0, outlets=0)

    def settle(self) -> None:
        """Write and publish every row that came out different."""
        self._events.settle()
        self._days.settle()

    def _count(self, event: RelationEvent, outlet: str, step: int) -> RelationEvent:
        outlets = self._refer(keys.event_outlet_row(event.id, outlet), step)
        after = mentioned(event, step, outlets)
        self._events.set(keys.event(event.id), after)
        if day := day_of(event):
            self._count_day(day, event, outlet, events=bool(after.mentions) - bool(event.mentions), step=step)
        return after

    def _count_day(self, day: Day, event: RelationEvent, outlet: str, *, events: int, step: int) -> None:
        key = keys.daily(self._dyad, day)
        row = self._days.get(key) or DailyRelation(dyad=self._dyad, day=day)
        if event.status is Status.HAPPENED:
            for side in sides_of(event):
                sources = self._refer(keys.daily_outlet_row(self._dyad, day, side, outlet), step)
                row = tallied(row, side, event, events=events, mentions=step, sources=sources)
        elif events:
            for side in sides_of(event):
                row = tallied(row, side, event, events=events, mentions=0, sources=0)
        self._days.set(key, row)

    def _refer(self, key: bytes, step: int) -> int:
        """Count one reference more or fewer; 1 if it is the first, -1 if it was the last, else 0."""
        before = read_count(self._scope, key)
        after = before + step
        if after < 0:
            raise damaged(key, "missing, though an article is known to refer to it")
        self._scope.put(key, b"%d" % after if after else None)
        return bool(after) - bool(before)


_told = cache(EVENTS_TOLD.labels)  # looking a counter up takes a lock and longer than counting


class _Drafts(Generic[R]):
    """Rows of one published kind: kept under a prefix as the bytes that are published, so they are encoded once."""

    def __init__(self, scope: Scope, kind: type[R], topic: Topic, prefix: bytes, *, empty: Callable[[R], bool]) -> None:
        self._scope = scope
        self._kind = kind
        self._topic = topic
        self._prefix = prefix
        self._empty = empty
        self._before: dict[bytes, R | None] = {}
        self._after: dict[bytes, R | None] = {}

    def get(self, key: bytes) -> R | None:
        if key not in self._after:
            self._before[key] = self._after[key] = read_row(self._kind, self._scope, self._prefix + key)
        return self._after[key]

    def set(self, key: bytes, row: R) -> None:
        """Change the row under a key that `get` was asked for."""
        self._after[key] = None if self._empty(row) else row

    def settle(self) -> None:
        for key, row in sorted(self._after.items()):
            if row != self._before[key]:
                value = encode(row) if row is not None else None
                self._scope.put(self._prefix + key, value)
                self._scope.publish(self._topic, key, value)


def _is_empty(row: DailyRelation) -> bool:
    return row == DailyRelation(dyad=row.dyad, day=row.day)
