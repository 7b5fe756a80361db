"""How far each generation is, by what its tasks have committed.

Agents are looked at in the order of a message's way. So when none lags, everything that was in `articles.raw` when the
look began is in the tables.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from msgspec import Struct

from models import CodedArticle
from topics import admin
from topics.catalogue import CODED, SOURCES, state_topic
from topics.codec import Undecodable, decode
from topics.errors import translated
from topics.generations import Generations, Standing
from workers.runtime.progress import Mark, applied, marks
from workers.runtime.ranges import RangeReader

COUNTED = 200
"""Messages that are waited for are counted up to so many; more are estimated by their offsets, which have gaps."""

RECENT_MS = 10 * 60 * 1000
"""What was committed in so many milliseconds tells how fast coding goes."""
FRESH_MS = 60 * 1000
"""If nothing was committed in so many milliseconds, nobody can say when it will be done."""
SPAN_MS = 5 * 1000
"""Least time between two commits that tell how fast coding goes."""
TAIL = 512
"""Offsets at the end of enrich's state that are looked at for that."""


class Progress(Struct, frozen=True):
    """How far one agent is in its source, in offsets; `lag` are messages, exactly if `exact`."""

    agent: str
    source: str
    total: int
    lag: int
    exact: bool

    @property
    def done(self) -> int:
        """How much is handled."""
        return max(0, self.total - self.lag)

    @property
    def percent(self) -> float:
        """How much of the whole is handled; 100 only if all is."""
        if not self.lag:
            return 100.0
        return min(99.9, 100 * self.done / max(1, self.total))


class Status(Struct, frozen=True):
    """One generation that is not retired. `seconds_left` is None where it cannot be told."""

    number: int
    standing: Standing
    coder: str | None
    agents: tuple[Progress, ...]
    seconds_left: float | None

    @property
    def lag(self) -> int:
        """Messages that some agent has not handled."""
        return sum(agent.lag for agent in self.agents)


async def status(address: str, known: Generations, number: int) -> Status:
    """How far a generation is. Raises `Unreachable`, `MissingTopics`, `Refused`."""
    names = [t.of(number).name for agent, source in SOURCES.items() for t in (source, state_topic(agent))]
    counts = await admin.require(address, *names)
    with translated(address, f"looking at generation {number}"):
        async with RangeReader(address) as reader:
            look = _Look(reader, counts, number)
            agents = tuple([await look.progress(agent) for agent in SOURCES])
            record = known.record(number)
            coder = record.coder if record and record.coder else await look.coder()
    return Status(number, known.standing(number), coder, agents, look.seconds_left)


class _Look:
    def __init__(self, reader: RangeReader, counts: Mapping[str, int], number: int) -> None:
        self._reader = reader
        self._counts = counts
        self._number = number
        self.seconds_left: float | None = None

    async def progress(self, agent: str) -> Progress:
        source, state = SOURCES[agent].of(self._number).name, state_topic(agent).of(self._number).name
        total, lag, exact = 0, 0, True
        left: list[float | None] = []
        for partition in range(self._counts[source]):
            beginning, end = await self._reader.beginning(source, partition), await self._reader.end(source, partition)
            if agent == "enrich":
                recent = await marks(self._reader, state, partition, tail=TAIL)
                done = recent[-1].applied if recent else -1
            else:
                recent, done = [], await applied(self._reader, state, partition)
            waiting = await self._waiting(source, partition, max(beginning, done + 1), end)
            total, lag, exact = total + end - beginning, lag + waiting, exact and waiting <= COUNTED
            if waiting:
                left.append(seconds_left(waiting, recent, round(time.time() * 1000)))
        if agent == "enrich":  # coding is the cost; the others follow it
            known = [seconds for seconds in left if seconds is not None]
            self.seconds_left = max(known) if known and len(known) == len(left) else None
        return Progress(agent, source, total, lag, exact)

    async def coder(self) -> str | None:
        """The coder by the last articles that are coded, for a generation of which nobody wrote it down."""
        source = CODED.of(self._number).name
        last: tuple[int, str] | None = None
        for partition in range(self._counts[source]):
            end = await self._reader.end(source, partition)
            async for message in self._reader.read(source, partition, max(0, end - COUNTED), end):
                try:
                    found = decode(CodedArticle, message.value).coder if message.value else None
                except Undecodable:
                    continue
                if found and (last is None or message.timestamp >= last[0]):
                    last = message.timestamp, found
        return last[1] if last else None

    async def _waiting(self, topic: str, partition: int, start: int, end: int) -> int:
        """Messages between two offsets; more than `COUNTED` are estimated."""
        found = 0
        async for _ in self._reader.read(topic, partition, start, end):
            found += 1
            if found > COUNTED:
                return end - start
        return found


def seconds_left(waiting: int, recent: list[Mark], now_ms: int) -> float | None:
    """How long a partition will take for what waits, by its commits; None where they do not tell."""
    recent = [mark for mark in recent if mark.at >= now_ms - RECENT_MS]
    if not recent or recent[-1].at < now_ms - FRESH_MS:
        return None
    spent, handled = recent[-1].at - recent[0].at, recent[-1].applied - recent[0].applied
    if spent < SPAN_MS or handled <= 0:
        return None
    return waiting * spent / handled / 1000
