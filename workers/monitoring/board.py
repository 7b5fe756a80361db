"""What `dyads watch` has on its screen: kept up to date message by message. Pure."""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict, defaultdict

from msgspec import Struct

from models import DailyRelation, Day, Dyad, Mention, RelationEvent
from topics.catalogue import DAILY, EVENTS, MENTIONS
from topics.codec import Undecodable, decode
from topics.message import Message
from workers.monitoring.sparks import spark, weekly
from workers.monitoring.tables import DyadRow, dyad_rows

EVENTS_KEPT = 200
MENTIONS_KEPT = 5_000
"""Mentions that may come before their event, or tell one that is on the screen."""
WEEKS = 13


class Arrived(Struct, frozen=True, order=True):
    """An event as it was last published: when (milliseconds since 1970), and under which id."""

    at: int
    id: str


class Board:
    """The tables as far as they are read: all days by dyad, the events that were published last, who tells them.

    `only` limits it to one dyad, or to those of a state. Rows that are no record are counted and left out.
    """

    def __init__(self, only: str | None = None) -> None:
        self.unreadable = 0
        self._only = only
        self._days: defaultdict[Dyad, dict[Day, DailyRelation]] = defaultdict(dict)
        self._rows: dict[Dyad, DyadRow] = {}
        self._arrived: list[Arrived] = []
        self._events: dict[str, tuple[Arrived, RelationEvent]] = {}
        self._mentions: OrderedDict[str, Mention] = OrderedDict()

    def take(self, message: Message) -> None:
        """Take in a message of `relations.daily`, `.events` or `.mentions`, topics by their names in generation 1."""
        if message.key is None or message.key.startswith((b"\xff", b"@")):
            return
        try:
            if message.topic == DAILY.name:
                self._day(message)
            elif message.topic == EVENTS.name:
                self._event(message)
            elif message.topic == MENTIONS.name:
                self._mention(message)
        except (Undecodable, UnicodeDecodeError):
            self.unreadable += 1

    def dyads(self) -> list[tuple[DyadRow, str]]:
        """The dyads, most events first, with a chart of the weeks up to the last day that any dyad has an event on."""
        rows = sorted(self._rows.values(), key=lambda row: (-row.events, row.dyad))
        last = max((row.last for row in rows if row.last), default=None)
        return [(row, spark(weekly(self._days[row.dyad].values(), last, WEEKS)) if last else "") for row in rows]

    def events(self, dyad: str | None = None) -> list[tuple[int, RelationEvent, Mention | None]]:
        """The events published last, newest first: when (milliseconds since 1970), what, and the surest telling."""
        found = []
        for arrived in reversed(self._arrived):
            _, event = self._events[arrived.id]
            if dyad is None or event.dyad == dyad:
                found.append((arrived.at, event, self._mentions.get(arrived.id)))
        return found

    def _wanted(self, dyad: str) -> bool:
        return self._only is None or self._only == dyad or self._only in dyad.split("-")

    def _day(self, message: Message) -> None:
        name, _, day = (message.key or b"").decode().partition("|")
        if not self._wanted(name):
            return
        dyad = Dyad(name)
        if message.value is None:
            self._days[dyad].pop(Day(day), None)
        else:
            row = decode(DailyRelation, message.value)
            self._days[dyad][row.day] = row
        self._rows.pop(dyad, None)
        for summary in dyad_rows(self._days[dyad].values()):
            self._rows[dyad] = summary

    def _event(self, message: Message) -> None:
        key = (message.key or b"").decode()
        event = None if message.value is None else decode(RelationEvent, message.value)
        if (known := self._events.pop(key, None)) is not None:
            self._arrived.remove(known[0])
        if event is not None and self._wanted(event.dyad):
            arrived = Arrived(message.timestamp, key)
            self._events[key] = arrived, event
            insort(self._arrived, arrived)
            if len(self._arrived) > EVENTS_KEPT:
                del self._events[self._arrived.pop(0).id]

    def _mention(self, message: Message) -> None:
        event, _, article = (message.key or b"").decode().partition("|")
        known = self._mentions.get(event)
        if message.value is None:
            if known is not None and known.article == article:
                del self._mentions[event]
            return
        told = decode(Mention, message.value)
        if known is None or known.article == article or _surer(told) < _surer(known):
            self._mentions[event] = told
            self._mentions.move_to_end(event)
            if len(self._mentions) > MENTIONS_KEPT:
                self._mentions.popitem(last=False)


def _surer(mention: Mention) -> tuple[float, str]:
    """The lower, the sooner shown: of equal confidence the article that comes first."""
    return -mention.confidence, mention.article
