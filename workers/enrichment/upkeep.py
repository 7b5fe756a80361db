"""Which generation keeps `articles.raw`: sends messages home, and tombstones after a withdrawal.

All generations read `articles.raw`, and what enrich writes there must be written once: a second copy of an article
that was sent home would come after its withdrawal, and bring it back. So the current generation writes it. Any other
one comes to such a message, and waits until the current one has settled it.

A switch hands this over (workers/cli/replaying/switch.py): while it is pending nobody writes, and the tasks of the
generation before are fenced, so that what they committed is final. The new one leaves out what lies up to there.
"""

from __future__ import annotations

import asyncio
import logging

from topics.catalogue import GENERATIONS, state_topic
from topics.errors import translated
from topics.generations import Generations
from topics.message import Message
from workers.runtime.progress import applied
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import Settings

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two looks whether the current generation has come past a message."""


class Upkeep:
    """Knows, of every message of `articles.raw`, whether this generation writes what follows from it there."""

    def __init__(self, settings: Settings) -> None:
        self._broker = settings.broker
        self._generation = settings.generation
        self._reader: RangeReader | None = None
        self._looking = asyncio.Lock()
        self._looks = 0
        self._known = Generations()
        self._end = 0

    async def start(self) -> None:
        """Connect to the broker."""
        self._reader = await RangeReader(self._broker).__aenter__()

    async def stop(self) -> None:
        """Close the connection."""
        if self._reader is not None:
            await self._reader.__aexit__(None)

    async def is_ours(self, message: Message) -> bool:
        """Whether this generation writes what follows from the message; returns when that is sure."""
        waited = 0
        while True:
            try:
                answer = self._answer(message, known := await self._look())
                if answer is None and await self._is_settled_by(known, message):
                    answer = False
            except Exception:  # a broker that is away for a while makes no dead letter
                log.warning("who keeps articles.raw is not known yet", exc_info=True)
                answer = None
            if answer is not None:
                return answer
            if not waited:
                log.info("waiting for the current generation at articles.raw[%d] %d", message.partition, message.offset)
            waited += 1
            await asyncio.sleep(PAUSE)

    def _answer(self, message: Message, known: Generations) -> bool | None:
        if known.pending is None and known.current == self._generation:
            return message.offset > known.upkeep.get(message.partition, -1)
        return None

    async def _is_settled_by(self, known: Generations, message: Message) -> bool:
        if known.pending is not None:
            return False
        assert self._reader is not None, "is_ours() before start()"
        state = state_topic("enrich").of(known.current).name
        with translated(self._broker, f"reading {state}"):
            return await applied(self._reader, state, message.partition) >= message.offset

    async def _look(self) -> Generations:
        """The generations as they are after the call: never older, since only then a task that a switch has fenced
        cannot take itself for the current one. Those who wait meanwhile share the next look."""
        looks = self._looks
        async with self._looking:
            if self._looks == looks:
                self._looks += 1
                await self._read()
            return self._known

    async def _read(self) -> None:
        # By the connection that is open: many articles may be withdrawn at once.
        assert self._reader is not None, "is_ours() before start()"
        name = GENERATIONS.name
        with translated(self._broker, f"reading {name}"):
            if not self._end and not await self._reader.has(name):
                return
            end = await self._reader.end(name, 0)
            if end != self._end:
                last = {message.key: message async for message in self._reader.read(name, 0, 0, end)}
                self._known, self._end = Generations.of(last.values()), end
