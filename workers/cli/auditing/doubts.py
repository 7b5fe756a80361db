"""Which rows are in doubt, cut after cut.

A row is in doubt from the cut where it differs to the cut where it does not. Under load there is always some row in
motion, so not every row of every cut is waited for, but those of the first cut, and those that began to differ before
the first ones were through: when an article that was missing is coded, its rows begin to differ, and it is these that
show whether they come right. The way from an article to a row has two steps, so two rounds are enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct, msgpack

from workers.cli.auditing.layout import DOUBTS, unit_of
from workers.cli.auditing.spill import Spill

Row = tuple[str, str]
"""Topic and key."""

LAST_ROUND = 2


class _Doubt(Struct, frozen=True, array_like=True):
    """The round in which a row is waited for, and in how many places it differs."""

    round: int
    differences: int


_dump, _load = msgpack.Encoder().encode, msgpack.Decoder(_Doubt).decode


class Doubts:
    """The rows that differ, in the spill, with the round in which each is waited for."""

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._round = 1
        self._newcomers = 1
        self._rows: Counter[int] = Counter()
        self._differences: Counter[int] = Counter()

    def see(self, unit: bytes, differing: Mapping[Row, int]) -> None:
        """Take in how a unit is at this cut: the rows that differ, and in how many places. Others are right."""
        before = {key: _load(value) for key, value in self._spill.items(DOUBTS + unit)}
        for key, doubt in before.items():
            self._count(doubt, -1)
            self._spill.delete(key)
        for (topic, row), differences in differing.items():
            place = DOUBTS + unit + f"{topic}\0{row}".encode("utf-8", "replace")
            known = before.get(place)
            doubt = _Doubt(known.round if known else self._newcomers, differences)
            self._count(doubt, 1)
            self._spill.put(place, _dump(doubt))

    def end_cut(self) -> None:
        """All units that may have changed at this cut were seen."""
        if self._round < LAST_ROUND and not self._rows[self._round]:
            self._round += 1
        self._newcomers = self._round + 1

    def __bool__(self) -> bool:
        """Whether there are rows worth waiting for."""
        return bool(self._rows[self._round])

    @property
    def rows(self) -> int:
        """How many rows are in doubt."""
        return sum(self._rows[round_] for round_ in self._open())

    @property
    def differences(self) -> int:
        """In how many places rows in doubt differ."""
        return sum(self._differences[round_] for round_ in self._open())

    def open(self) -> Iterator[tuple[bytes, Row]]:
        """The rows in doubt, each with its unit, in the order of the units."""
        rounds = self._open()
        for place, value in self._spill.items(DOUBTS):
            if _load(value).round in rounds:
                unit = unit_of(place[len(DOUBTS) :])
                topic, _, key = place[len(DOUBTS) + len(unit) :].decode().partition("\0")
                yield unit, (topic, key)

    def _open(self) -> range:
        """The rounds whose rows are in doubt: in the last no newcomer is waited for."""
        return range(self._round, LAST_ROUND + 1)

    def _count(self, doubt: _Doubt, step: int) -> None:
        self._rows[doubt.round] += step
        self._differences[doubt.round] += step * doubt.differences
