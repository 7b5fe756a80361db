"""Making a generation current: the hand-over of `articles.raw`, and then one message.

 1. A record says `next`: from here on nobody writes to articles.raw what follows from messages there.
 2. The tasks of enrich of the current generation are fenced. What they have committed is final; opened anew, they find
    the record of step 1, and go past no message from which something follows.
 3. Where they have come to is read: up to there, articles.raw is kept.
 4. A record says `current`, and up to where the new one need not keep articles.raw. Readers follow this one alone.

Interrupted, it is done again: between 1 and 4 the old generation is current, and messages that make no generation write
to articles.raw are handled as ever. workers/enrichment/upkeep.py is the other side.
"""

from __future__ import annotations

from msgspec.structs import replace

from models import Generation, Stage
from topics import admin, groups
from topics.catalogue import RAW, state_topic
from topics.errors import translated
from topics.generations import Generations, write
from workers.cli.replaying.start import now
from workers.runtime.fencing import fence
from workers.runtime.progress import applied
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import group_of


class OtherDeployment(Exception):
    """No worker of the generation has ever run under the app id that the command was given."""


async def switch(address: str, app_id: str, known: Generations, number: int) -> Generation:
    """Make the generation current; its record. Raises `OtherDeployment`, `Unreachable`, `MissingTopics`, `Refused`."""
    state = state_topic("enrich").of(known.current).name
    partitions = (await admin.require(address, RAW.name, state))[RAW.name]
    group = group_of(app_id, known.current)
    await check_group(address, group, state, partitions)
    last = known.record(number) or Generation(number=number, stage=Stage.NEXT, at=now())
    # 1. (one that is current, with a switch from it pending, keeps its record: it is taken back)
    if number != known.current:
        await write(address, replace(last, stage=Stage.NEXT, at=now(), upkeep={}))
    # 2.
    await fence(address, group, "enrich", partitions)
    # 3.
    reached = await come_to(address, state, partitions)
    # 4.
    current = replace(last, stage=Stage.CURRENT, at=now(), upkeep=reached)
    await write(address, current)
    return current


async def come_to(address: str, state: str, partitions: int) -> dict[int, int]:
    """The last offset that is handled of each partition, where there is one, by a state topic."""
    with translated(address, f"reading {state}"):
        async with RangeReader(address) as reader:
            found = {partition: await applied(reader, state, partition) for partition in range(partitions)}
    return {partition: offset for partition, offset in found.items() if offset >= 0}


async def check_group(address: str, group: str, state: str, partitions: int) -> None:
    """Raises `OtherDeployment` where tasks have committed and no offset of the group tells of it: under a wrong app id
    nobody would be fenced."""
    if await come_to(address, state, partitions) and not await groups.has_offsets(address, group, RAW.name):
        raise OtherDeployment(
            f"the group {group} has no offsets in {RAW.name}, but {state} says that workers have run: set DYADS_APP_ID "
            "as it is set for them"
        )
