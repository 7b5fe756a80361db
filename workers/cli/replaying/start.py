"""Beginning a generation: its topics, then its record. Begun again, it goes on where it was interrupted."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from models import Generation, Stage
from topics import admin
from topics.catalogue import CATALOGUE, GENERATIONS, RAW
from topics.generations import Generations, Standing, generations, write


class Started(Struct, frozen=True):
    """The generation that is building now, and the topics that were made for it: none if it was begun before."""

    number: int
    made: tuple[str, ...]


async def start(address: str, coder: str) -> Started:
    """Begin a generation for a coder, or go on with the one that is building for it.

    Raises `Unreachable`, `MissingTopics`, `Refused`.
    """
    known = await generations(address)
    begun = _begun(known, coder)
    number = begun or known.numbers[-1] + 1
    made = await admin.create_like(
        address, {topic.of(known.current).name: topic.of(number) for topic in CATALOGUE if not topic.shared}
    )
    await admin.create(address, 1, await admin.replicas(address, RAW.name), topics=(GENERATIONS,), generations=())
    if not begun:
        await write(address, Generation(number=number, stage=Stage.BUILDING, at=now(), coder=coder))
    return Started(number, made)


def now() -> dt.datetime:
    """The time for a record, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _begun(known: Generations, coder: str) -> int | None:
    building = [number for number in known.numbers if known.standing(number) is Standing.BUILDING]
    same = [number for number in building if (record := known.record(number)) and record.coder == coder]
    return same[-1] if same else None
