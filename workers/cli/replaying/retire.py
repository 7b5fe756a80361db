"""Giving a generation up: its record, then its workers, its group, its topics. Interrupted, it is done again."""

from __future__ import annotations

import asyncio
import time

from msgspec import Struct
from msgspec.structs import replace

from models import Generation, Stage
from topics import admin, groups
from topics.catalogue import CATALOGUE
from topics.generations import Generations, Standing, write
from workers.cli.replaying.start import now
from workers.runtime.settings import group_of


class StillRunning(Exception):
    """Workers of the generation go on."""


class Retired(Struct, frozen=True):
    """What was deleted: nothing where it was done before."""

    topics: tuple[str, ...]


async def retire(address: str, app_id: str, known: Generations, number: int, patience: float) -> Retired:
    """Retire a generation that is not current; its workers get so many seconds to notice and end.

    Raises `StillRunning`, `Unreachable`, `MissingTopics`, `Refused`.
    """
    if known.standing(number) is not Standing.RETIRED:
        last = known.record(number) or Generation(number=number, stage=Stage.RETIRED, at=now())
        await write(address, replace(last, stage=Stage.RETIRED, at=now(), upkeep={}))
    group = group_of(app_id, number)
    deadline = time.monotonic() + patience
    # A worker that goes on would write, and a broker that makes topics by itself would make them again.
    while not await groups.delete_group(address, group):
        if time.monotonic() > deadline:
            raise StillRunning(f"workers of generation {number} (group {group}) have not ended: stop them, then again")
        await asyncio.sleep(1)
    names = [topic.of(number).name for topic in CATALOGUE if not topic.shared]
    return Retired(await admin.delete(address, names))
