"""Cut after cut: take one, read up to it, compare.

1. A cut is a vector of positions, one for each partition of each topic. The ends of what is made are asked for before
   the ends of what it is made from: tables, then coded articles and dead letters, then raw articles. So a cut that has
   a row has the coded revisions behind it, and one that has a coded revision has the raw message behind that: at any
   cut the tables can be behind the articles, never ahead of them.
2. Each topic is read from the cut before to this one, and what it says is spilled.
3. At the first cut every unit is compared, at a later one each that changed since the one before. A unit that did not
   change compares as it did.
4. The rows that differ are noted, with how many cuts they will be waited for (`Doubts`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice

from msgspec import Struct, msgpack

from topics import admin
from topics.catalogue import CODED, DAILY, DEAD, EVENTS, MENTIONS, RAW, Topic
from topics.reader import Positions, Reader
from workers.aggregation.audit import DifferingRow
from workers.cli.auditing.days import Days
from workers.cli.auditing.doubts import Doubts
from workers.cli.auditing.intake import Intake
from workers.cli.auditing.layout import CHANGED, Kind, units
from workers.cli.auditing.spill import Spill
from workers.cli.auditing.units import Checked, Comparison, Counts

Cut = Mapping[str, Positions]
"""How far each topic is read: the offset after the last message, by partition."""

_TABLES = (DAILY, EVENTS, MENTIONS)
_ORDER_OF_ENDS = (*_TABLES, CODED, DEAD, RAW)
_ORDER_OF_READING = (RAW, DEAD, CODED, *_TABLES)

PARTITIONS_AT_ONCE = 8
"""Partitions that are read side by side: the client keeps up to one fetch of each, 4 MiB, in memory."""
_BREATH = 1000
"""Messages or units after which the event loop gets a turn, so that Ctrl-C is heard."""

_dump, _load = msgpack.Encoder().encode, msgpack.Decoder(Counts).decode


class Findings(Struct, frozen=True):
    """What is known at one cut: how much was compared, and how much differs of the rows that are in doubt.

    `differences` counts fields, and a row that is missing or one too many as one. `compared` is articles in force, and
    live rows by table.
    """

    cut: Cut
    cuts: int
    compared: Counts
    dead_letters: int
    rows_differing: int
    differences: int
    settled: bool
    """Whether nothing is worth waiting for: what is in doubt now would not come right, or there is nothing."""

    @property
    def rows(self) -> int:
        """Rows of relations.* that were compared."""
        return self.compared.events + self.compared.mentions + self.compared.days


class Audit:
    """An audit of the broker at `address`; what it reads goes to `spill`, which is empty.

    `say` is told, now and then, what is being done. Methods raise what `Reader` raises, and `SpillFailed`.
    """

    def __init__(
        self, address: str, spill: Spill, days: Days | None = None, *, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._address = address
        self._spill = spill
        self._days = days or Days()
        self._say = say
        self._comparison = Comparison(spill, self._days)
        self._doubts = Doubts(spill)
        self._intake: Intake | None = None
        self._cut: Cut = {}
        self._cuts = 0
        self._compared = Counts()

    async def look(self) -> Findings:
        """Take a cut, read up to it and compare: all at the first call, later what has changed."""
        # 1.
        if self._intake is None:
            counts = await admin.require(self._address, *(topic.name for topic in _ORDER_OF_ENDS))
            self._intake = Intake(self._spill, counts[RAW.name], self._days, self._touched)
        async with Reader(self._address) as reader:
            cut = {
                topic.name: {place.partition: end for place, end in (await reader.ends(topic)).items()}
                for topic in _ORDER_OF_ENDS
                if self._reads(topic)
            }
            # 2.
            for topic in _ORDER_OF_READING:
                if self._reads(topic):
                    await self._read(reader, self._intake, topic, cut[topic.name])
        # 3., 4.
        await (self._compare_changed() if self._cuts else self._compare_all())
        self._doubts.end_cut()
        self._cut = cut
        self._cuts += 1
        return Findings(
            cut=cut,
            cuts=self._cuts,
            compared=self._compared,
            dead_letters=self._intake.dead_letters,
            rows_differing=self._doubts.rows,
            differences=self._doubts.differences,
            settled=not self._doubts,
        )

    def differing(self, limit: int | None = None) -> Iterator[DifferingRow]:
        """The rows in doubt after the last look, at most so many, in the order of units: articles, days, events."""
        open_rows = islice(self._doubts.open(), limit)
        last_unit, rows = b"", {}
        for unit, row in open_rows:
            if unit != last_unit:
                last_unit, rows = unit, {(r.topic, r.key): r for r in self._comparison.check_now(unit).rows}
            yield rows[row]

    def _reads(self, topic: Topic) -> bool:
        """Articles have no day before they are coded: with a limit to days they are not followed."""
        return self._days.all or topic not in (RAW, DEAD)

    async def _read(self, reader: Reader, intake: Intake, topic: Topic, until: Positions) -> None:
        since = self._cut.get(topic.name, {})
        new = sorted(partition for partition, end in until.items() if since.get(partition, 0) < end)
        taken = 0
        for at in range(0, len(new), PARTITIONS_AT_ONCE):
            some = {partition: until[partition] for partition in new[at : at + PARTITIONS_AT_ONCE]}
            async for message in reader.read(topic, since=since, until=some):
                intake.take(topic, message)
                taken += 1
                if not taken % _BREATH:
                    self._say(f"reading {topic.name}: {taken:,} messages")
                    await asyncio.sleep(0)

    def _touched(self, unit: bytes) -> None:
        """Note a unit before it changes, with what it counted for; at the first cut all are new."""
        if self._cuts and self._spill.get(CHANGED + unit) is None:
            self._spill.put(CHANGED + unit, _dump(self._comparison.check_now(unit).counts))

    async def _compare_all(self) -> None:
        everything = chain.from_iterable(units(self._spill.items(kind)) for kind in Kind)
        for done, (unit, items) in enumerate(everything, 1):
            self._take_in(unit, self._comparison.check(unit, items), Counts())
            if not done % _BREATH:
                self._say(f"comparing: {done:,} articles, days and events")
                await asyncio.sleep(0)

    async def _compare_changed(self) -> None:
        # Whether a message away from home is settled depends on other units, so each of them is compared again.
        for unit, _ in units(self._spill.items(Kind.MESSAGE)):
            self._touched(unit)
        for done, (key, before) in enumerate(self._spill.items(CHANGED), 1):
            unit = key[len(CHANGED) :]
            self._take_in(unit, self._comparison.check_now(unit), _load(before))
            self._spill.delete(key)
            if not done % _BREATH:
                self._say(f"comparing again: {done:,} articles, days and events")
                await asyncio.sleep(0)

    def _take_in(self, unit: bytes, checked: Checked, before: Counts) -> None:
        self._compared = self._compared.plus(checked.counts).plus(before, -1)
        differing = {(row.topic, row.key): len(row.fields) for row in checked.rows}
        if self._cuts or differing:
            self._doubts.see(unit, differing)
