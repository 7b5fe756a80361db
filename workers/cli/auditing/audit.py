"""The audit of a broker: take a cut, read up to it, compare; and again.

A cut is a vector of positions, one for each partition of each topic. The ends of what is made are asked for before the
ends of what it is made from: tables, then coded articles and dead letters, then raw articles. So a cut that has a row
has the coded revisions behind it, and one that has a coded revision has the raw message behind that: at any cut the
tables can be behind the articles, never ahead of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from topics import admin
from topics.catalogue import CODED, DAILY, DEAD, EVENTS, FIRST_GENERATION, MENTIONS, RAW, Topic
from topics.reader import Positions, Reader
from workers.aggregation.audit import DifferingRow
from workers.cli.auditing.days import Days
from workers.cli.auditing.examination import BREATH, Examination
from workers.cli.auditing.spill import Spill
from workers.cli.auditing.units import Counts

Cut = Mapping[str, Positions]
"""How far each topic is read: the offset after the last message, by partition."""

_ORDER_OF_ENDS = (DAILY, EVENTS, MENTIONS, CODED, DEAD, RAW)
_ORDER_OF_READING = (RAW, DEAD, CODED, DAILY, EVENTS, MENTIONS)

PARTITIONS_AT_ONCE = 8
"""Partitions that are read side by side: the client keeps up to one fetch of each, 4 MiB, in memory."""


class Findings(Struct, frozen=True):
    """What is known at one cut: how much was compared, and how much differs of the rows that are in doubt.

    `differences` counts fields, and a row that is missing or one too many as one.
    """

    cut: Cut
    cuts: int
    compared: Counts
    dead_letters: int
    rows_differing: int
    differences: int
    settled: bool
    """Whether there is nothing to wait for."""

    @property
    def rows(self) -> int:
        """Rows of relations.* that were compared."""
        return self.compared.events + self.compared.mentions + self.compared.days


class Audit:
    """An audit of a generation at the broker at `address`; what it reads goes to `spill`, which is empty.

    `say` is told, now and then, what is being done. Methods raise what `Reader` raises, and `SpillFailed`.
    """

    def __init__(
        self,
        address: str,
        spill: Spill,
        days: Days | None = None,
        generation: int = FIRST_GENERATION,
        *,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._address = address
        self._generation = generation
        self._spill = spill
        self._days = days or Days()
        self._say = say
        self._examination: Examination | None = None
        self._cut: Cut = {}

    async def look(self) -> Findings:
        """Take a cut, read up to it and compare: all at the first call, later what has changed."""
        examination = self._examination
        if examination is None:
            counts = await admin.require(self._address, *(topic.of(self._generation).name for topic in _ORDER_OF_ENDS))
            examination = Examination(self._spill, counts[RAW.name], self._days, say=self._say)
            self._examination = examination
        async with Reader(self._address, self._generation) as reader:
            cut = {
                topic.name: {place.partition: end for place, end in (await reader.ends(topic)).items()}
                for topic in _ORDER_OF_ENDS
                if self._reads(topic)
            }
            for topic in _ORDER_OF_READING:
                if self._reads(topic):
                    await self._read(reader, examination, topic, cut[topic.name])
        self._cut = cut
        await examination.end_cut()
        return Findings(
            cut=cut,
            cuts=examination.cuts,
            compared=examination.compared,
            dead_letters=examination.dead_letters,
            rows_differing=examination.doubts.rows,
            differences=examination.doubts.differences,
            settled=not examination.doubts,
        )

    def differing(self, limit: int | None = None) -> Iterator[DifferingRow]:
        """The rows in doubt after the last look, at most so many, in the order of units: articles, days, events."""
        return self._examination.differing(limit) if self._examination else iter(())

    def _reads(self, topic: Topic) -> bool:
        """Articles have no day before they are coded: with a limit to days they are not followed."""
        return self._days.all or topic not in (RAW, DEAD)

    async def _read(self, reader: Reader, examination: Examination, topic: Topic, until: Positions) -> None:
        since = self._cut.get(topic.name, {})
        new = sorted(partition for partition, end in until.items() if since.get(partition, 0) < end)
        taken = 0
        for at in range(0, len(new), PARTITIONS_AT_ONCE):
            some = {partition: until[partition] for partition in new[at : at + PARTITIONS_AT_ONCE]}
            async for message in reader.read(topic, since=since, until=some):
                examination.take(topic, message)
                taken += 1
                if not taken % BREATH:
                    self._say(f"reading {topic.name}: {taken:,} messages")
                    await asyncio.sleep(0)
