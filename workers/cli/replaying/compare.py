"""What a switch changes: rows of two generations counted as equal, different, or in one only.

What was read lies on disk, as in an audit: of each row a digest. Memory does not grow with the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from msgspec import Struct

from topics.catalogue import DAILY, EVENTS, Topic
from topics.reader import Reader
from workers.cli.auditing.spill import Spill

COMPARED = {DAILY: "dyad days", EVENTS: "events"}
"""Tables whose rows say the same under the same key, whoever coded them; mentions name their coder."""

_DIGEST = 16


class Counts(Struct, frozen=True):
    """Rows of one table."""

    equal: int = 0
    different: int = 0
    only_old: int = 0
    only_new: int = 0

    @property
    def changed(self) -> int:
        """Rows that readers will find changed, new or gone."""
        return self.different + self.only_old + self.only_new


async def compare(address: str, spill: Spill, topic: Topic, old: int, new: int) -> Counts:
    """Compare a table of two generations as they are; `spill` is empty. Raises as `Reader` does, and `SpillFailed`."""
    for side, number in enumerate((old, new)):
        async with Reader(address, number) as reader:
            async for message in reader.read(topic):
                if message.key is None:
                    continue
                key = _SIDES[side] + message.key
                if message.value is None:
                    spill.delete(key)
                else:
                    spill.put(key, hashlib.blake2b(message.value, digest_size=_DIGEST).digest())
    return _count(spill)


_SIDES = (b"0", b"1")


def _count(spill: Spill) -> Counts:
    """Walk both sides, each in the order of its keys."""
    equal = different = only_old = only_new = 0
    left, right = (_walk(spill, side) for side in _SIDES)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            only_old, one = only_old + 1, next(left, None)
        elif one is None or other[0] < one[0]:
            only_new, other = only_new + 1, next(right, None)
        else:
            equal, different = (equal + 1, different) if one[1] == other[1] else (equal, different + 1)
            one, other = next(left, None), next(right, None)
    return Counts(equal, different, only_old, only_new)


def _walk(spill: Spill, side: bytes) -> Iterator[tuple[bytes, bytes]]:
    return ((key[len(side) :], digest) for key, digest in spill.items(side))
