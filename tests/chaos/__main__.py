"""Random chaos and an audit: python -m tests.chaos [--broker embedded|apache] [--acts 40] [--seed N]

The whole pipeline, coder included, reads what two producers write, while workers are killed, stopped, paused past their
session, trapped inside their write path, added and removed, and the broker is killed and started again. When the stream
has ended, `dyads audit` must find nothing, and every source message must be acked. Exit status 1 if not. A run is
repeated by its seed as far as time allows: the acts are the same, what they hit is not.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from tests.chaos.cluster import BROKERS
from tests.chaos.nemesis import HARD, Nemesis
from tests.chaos.stream import Stream
from tests.integration.workers import dyads
from topics.admin import create
from topics.catalogue import SOURCES
from topics.reader import Reader
from workers.runtime.settings import Settings, StoreKind

PARTITIONS = 4
RATE = 30.0
"""Messages a second on the average."""
BETWEEN = (1.0, 5.0)
"""Seconds from one act to the next."""
CATCHING_UP = 240
"""Seconds for the workers to handle what is left."""
ACKING = 20
"""Seconds for them to ack it."""


async def run(kind: str, acts: int, seed: int, directory: Path, stores: list[StoreKind]) -> list[str]:
    """One run; what is wrong at its end."""
    rng = random.Random(seed)
    broker = BROKERS[kind](directory)
    await broker.start()
    started = time.monotonic()
    nemesis = None
    try:
        await create(broker.address, PARTITIONS)
        nemesis = Nemesis(broker, directory, rng, stores)
        stream = Stream(broker.address, seed, RATE)
        await asyncio.sleep(8)
        for number in range(1, acts + 1):
            say(started, f"{number:3} {await nemesis.act()}")
            await asyncio.sleep(rng.uniform(*BETWEEN))
        await nemesis.rest()
        await stream.end()
        say(started, "the stream has ended: " + ", ".join(f"{n} {what}" for what, n in sorted(stream.sent.items())))
        status, printed = await dyads(broker.address, "audit", "--wait", str(CATCHING_UP))
        say(started, "\n".join(printed.splitlines()[-3:]))
        wrong = [] if status == 0 else ["the audit found differences"]
        wrong += await unacked(broker.address)
        await nemesis.end()
        say(started, told(nemesis))
        return wrong
    finally:
        if nemesis is not None:
            nemesis.destroy()
        await broker.stop(kill=True)


async def unacked(address: str) -> list[str]:
    """The source messages that the group has not acked once it has had time."""
    deadline = time.monotonic() + ACKING
    while (behind := await _behind(address)) and time.monotonic() < deadline:
        await asyncio.sleep(1)
    return behind


async def _behind(address: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        acked = await admin.list_consumer_group_offsets(Settings().app_id)
    finally:
        await admin.close()
    behind = []
    async with Reader(address) as reader:
        for topic in SOURCES.values():
            since = {tp.partition: held.offset for tp, held in acked.items() if tp.topic == topic.name}
            left = reader.read(topic, since=since)  # ends are no measure: they count the markers of commits
            behind += [f"{topic.name}[{m.partition}]: {m.offset} is not acked" async for m in left]
    return behind


def told(nemesis: Nemesis) -> str:
    """What was done, and how the workers ended."""
    slots = (*nemesis.slots, *nemesis.gone)
    exits = sum((slot.exits for slot in slots), start=Counter[int]())
    sprung = sum(slot.sprung for slot in slots)
    hard = sum(nemesis.acts[act] for act in HARD) + sprung
    return (
        f"acts: {', '.join(f'{n} {act}' for act, n in sorted(nemesis.acts.items()))}; {sprung} traps sprung; "
        f"{hard} kills and pauses with them; "
        f"worker exits: {', '.join(f'{n} x {status}' for status, n in sorted(exits.items()))}"
    )


def say(started: float, what: str) -> None:
    print(f"[{time.monotonic() - started:6.1f}] {what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", choices=sorted(BROKERS), default="embedded")
    parser.add_argument("--acts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=None, help="drawn if not given, and printed")
    parser.add_argument(
        "--store", choices=[kind.value for kind in StoreKind], help="one store for all, not both by turns"
    )
    parser.add_argument("--keep", type=Path, help="a directory for the logs and the broker's data, kept afterwards")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every try while the broker is away
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    stores = [StoreKind(given.store)] if given.store else list(StoreKind)
    print(f"chaos on the {given.broker} broker, {given.acts} acts, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as scratch:
        directory = given.keep or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        wrong = asyncio.run(run(given.broker, given.acts, seed, directory, stores))
    for line in wrong[:20]:
        print("WRONG", line)
    print(f"chaos: {len(wrong)} wrong, seed {seed}")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
