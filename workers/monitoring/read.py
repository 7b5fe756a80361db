"""Reading the relation topics and the dead letters as they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from models import DailyRelation, Dyad, Mention, RelationEvent
from topics.catalogue import DAILY, DEAD, EVENTS, FIRST_GENERATION, MENTIONS, Topic
from topics.codec import Undecodable, decode
from topics.letters import Living
from topics.message import Message
from topics.reader import Reader
from workers.monitoring.dead import DeadLetter, dead_letter
from workers.monitoring.tables import DyadRow, DyadView, dyad_rows, dyad_view

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")


class BadRow(ValueError):
    """A published row that is no record of its topic; the message says where it is and what is wrong."""


async def read_dyads(address: str, generation: int = FIRST_GENERATION) -> list[DyadRow]:
    """The relations table, one row a dyad. Raises what `Reader` raises, and `BadRow`."""
    async with Reader(address, generation) as reader:
        return dyad_rows(await _records(reader, DAILY, DailyRelation))


async def read_dyad(address: str, dyad: Dyad, generation: int = FIRST_GENERATION) -> DyadView | None:
    """Everything known of one dyad; None where nothing is. Raises what `Reader` raises, and `BadRow`."""
    async with Reader(address, generation) as reader:
        return dyad_view(
            dyad,
            await _records(reader, DAILY, DailyRelation),
            await _records(reader, EVENTS, RelationEvent),
            await _records(reader, MENTIONS, Mention),
        )


async def read_dead(address: str, generation: int = FIRST_GENERATION) -> list[DeadLetter]:
    """All dead letters in force, oldest first. Raises what `Reader` raises."""
    async with Reader(address, generation) as reader:
        return await living_letters(reader, dead_letter)


async def living_letters(reader: Reader, keep: Callable[[Message], T]) -> list[T]:
    """What `keep` makes of each letter in force, oldest first. Raises what `Reader` raises."""
    living = Living(lambda message: ((message.timestamp, message.partition, message.offset), keep(message)))
    async for message in reader.read(DEAD):
        living.see(message)
    return [kept for _, kept in sorted(living.letters, key=lambda dated: dated[0])]


async def _records(reader: Reader, topic: Topic, kind: type[R]) -> list[R]:
    records = []
    for message in (await reader.latest(topic)).values():
        try:
            records.append(decode(kind, message.value or b""))
        except Undecodable as error:
            raise BadRow(f"{topic.name}, partition {message.partition}, offset {message.offset}: {error}") from None
    return records
