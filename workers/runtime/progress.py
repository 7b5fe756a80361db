"""How far tasks have come, read from their state topics by anyone at any time."""

from __future__ import annotations

from typing import NamedTuple

from workers.runtime.ranges import RangeReader
from workers.runtime.task import APPLIED

TAIL = 8
"""Offsets at the end of a state topic looked at first: a transaction writes `@applied` last, then its marker."""


class Mark(NamedTuple):
    """The last source offset whose effect was committed, and when that was, in milliseconds since 1970."""

    at: int
    applied: int


async def marks(reader: RangeReader, state: str, partition: int, *, tail: int = TAIL) -> list[Mark]:
    """The marks in the last offsets of a task's partition of its state topic, oldest first.

    At least the last one; none where nothing was ever committed. Raises what aiokafka raises.
    """
    end = await reader.end(state, partition)
    while True:
        start = max(0, end - tail)
        found = [
            Mark(message.timestamp, int(message.value))
            async for message in reader.read(state, partition, start, end)
            if message.key == APPLIED and message.value is not None
        ]
        if found or start == 0:
            return found
        tail *= 8


async def applied(reader: RangeReader, state: str, partition: int) -> int:
    """The last source offset whose effect is committed; -1 where there is none. Raises what aiokafka raises."""
    found = await marks(reader, state, partition)
    return found[-1].applied if found else -1
