"""Cut after cut, without a broker: messages go in, and at the end of each cut it is known which rows differ.

1. What a message says is spilled; from the second cut on, the units that it changes are noted.
2. At the end of the first cut every unit is compared, at the end of a later one each that changed since the one before.
   A unit that did not change compares as it did.
3. The rows that differ are noted, with the round in which they are waited for (`Doubts`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain, islice

from msgspec import msgpack

from topics.catalogue import Topic
from topics.message import Message
from workers.aggregation.audit import DifferingRow
from workers.cli.auditing.days import Days
from workers.cli.auditing.doubts import Doubts
from workers.cli.auditing.intake import Intake
from workers.cli.auditing.layout import CHANGED, Kind, units
from workers.cli.auditing.spill import Spill
from workers.cli.auditing.units import Checked, Comparison, Counts

BREATH = 1000
"""Messages or units after which the event loop gets a turn, so that Ctrl-C is heard."""

_dump, _load = msgpack.Encoder().encode, msgpack.Decoder(Counts).decode


class Examination:
    """An examination of topics whose articles.raw has so many partitions; `spill` is empty. Raises `SpillFailed`.

    `say` is told, now and then, what is being done.
    """

    def __init__(
        self, spill: Spill, partitions: int, days: Days, *, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._spill = spill
        self._say = say
        self._comparison = Comparison(spill, days)
        self._intake = Intake(spill, partitions, days, self._touched)
        self.doubts = Doubts(spill)
        self.cuts = 0
        self.compared = Counts()

    @property
    def dead_letters(self) -> int:
        """Dead letters taken."""
        return self._intake.dead_letters

    def take(self, topic: Topic, message: Message) -> None:
        """Take the next message of a partition of `topic`."""
        # 1.
        self._intake.take(topic, message)

    async def end_cut(self) -> None:
        """All messages up to the cut are taken: compare."""
        # 2., 3.
        await (self._compare_changed() if self.cuts else self._compare_all())
        self.doubts.end_cut()
        self.cuts += 1

    def differing(self, limit: int | None = None) -> Iterator[DifferingRow]:
        """The rows in doubt at the last cut, at most so many, in the order of units: articles, days, events."""
        last_unit, rows = b"", {}
        for unit, row in islice(self.doubts.open(), limit):
            if unit != last_unit:
                last_unit, rows = unit, {(r.topic, r.key): r for r in self._comparison.check_now(unit).rows}
            yield rows[row]

    def _touched(self, unit: bytes) -> None:
        """Note a unit before it changes, with what it counted for; at the first cut all are new."""
        if self.cuts and self._spill.get(CHANGED + unit) is None:
            self._spill.put(CHANGED + unit, _dump(self._comparison.check_now(unit).counts))

    async def _compare_all(self) -> None:
        everything = chain.from_iterable(units(self._spill.items(kind)) for kind in Kind)
        for done, (unit, items) in enumerate(everything, 1):
            self._take_in(unit, self._comparison.check(unit, items), Counts())
            if not done % BREATH:
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
            if not done % BREATH:
                self._say(f"comparing again: {done:,} articles, days and events")
                await asyncio.sleep(0)

    def _take_in(self, unit: bytes, checked: Checked, before: Counts) -> None:
        self.compared = self.compared.plus(checked.counts).plus(before, -1)
        differing = {(row.topic, row.key): len(row.fields) for row in checked.rows}
        if self.cuts or differing:
            self.doubts.see(unit, differing)
