"""Reading the relation topics and the dead letters as they are now."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from models import DailyRelation, Dyad, Mention, RelationEvent
from topics.catalogue import DAILY, DEAD, EVENTS, MENTIONS, Topic
from topics.codec import Undecodable, decode
from topics.reader import Reader
from workers.monitoring.dead import DeadLetter, dead_letter
from workers.monitoring.tables import DyadRow, DyadView, dyad_rows, dyad_view

R = TypeVar("R", bound=msgspec.Struct)


class BadRow(ValueError):
    """A published row that is no record of its topic; the message says where it is and what is wrong."""


async def read_dyads(address: str) -> list[DyadRow]:
    """The relations table, one row a dyad. Raises what `Reader` raises, and `BadRow`."""
    async with Reader(address) as reader:
        return dyad_rows(await _records(reader, DAILY, DailyRelation))


async def read_dyad(address: str, dyad: Dyad) -> DyadView | None:
    """Everything known of one dyad; None where nothing is. Raises what `Reader` raises, and `BadRow`."""
    async with Reader(address) as reader:
        return dyad_view(
            dyad,
            await _records(reader, DAILY, DailyRelation),
            await _records(reader, EVENTS, RelationEvent),
            await _records(reader, MENTIONS, Mention),
        )


async def read_dead(address: str) -> list[DeadLetter]:
    """All dead letters, oldest first. Raises what `Reader` raises."""
    async with Reader(address) as reader:
        letters = [dead_letter(message) async for message in reader.read(DEAD)]
    return sorted(letters, key=lambda letter: (letter.at, letter.place))


async def _records(reader: Reader, topic: Topic, kind: type[R]) -> list[R]:
    records = []
    for message in (await reader.latest(topic)).values():
        try:
            records.append(decode(kind, message.value or b""))
        except Undecodable as error:
            raise BadRow(f"{topic.name}, partition {message.partition}, offset {message.offset}: {error}") from None
    return records
