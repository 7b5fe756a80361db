"""One trap sprung in one of two workers, in the middle of a stream; what the counting agent says afterwards."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from aiokafka import AIOKafkaProducer
from msgspec import Struct

from tests.chaos.counter import Counting, wrong
from tests.chaos.points import SPRUNG, Action
from tests.chaos.process import COUNTING, MUTANT, TRAP
from tests.integration.workers import PAUSE_SECONDS, WorkerProcess
from workers.runtime.engine import EXIT_LOST
from workers.runtime.settings import StoreKind

PARTITIONS = 4
KEYS = 40
MESSAGES_A_SECOND = 60.0
PATIENCE = 120.0
"""Seconds for anything to happen at all."""
QUIET = 15.0
"""Seconds without a new count after which no more are expected: a session, a takeover and a look at the topic's end."""

_PASSES = {"restore": 5, "revoke": 1}
"""Which passing of a point springs its trap; the others' is `_USUAL`."""
_USUAL = 3
_COMMAND = ("tests.chaos.process",)


class Case(Struct, frozen=True):
    """A trap, what it does, where rows are kept, and how the workers are broken, if they are."""

    point: str
    action: Action
    store: StoreKind = StoreKind.ROCKSDB
    mutant: str = ""

    @property
    def name(self) -> str:
        return "-".join(part for part in (self.mutant, self.point, self.action, self.store) if part)


class Stream:
    """Messages sent at an even pace until told to stop."""

    def __init__(self, broker: str, agent: Counting) -> None:
        self.sent: Counter[bytes] = Counter()
        self._broker = broker
        self._agent = agent
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self._broker, enable_idempotence=True) as producer:
            for i in itertools.count():
                key = b"%d" % (i % KEYS)
                await producer.send_and_wait(self._agent.source.name, key=key, value=b"")
                self.sent[key] += 1
                if self._stop.is_set():
                    return
                await asyncio.sleep(1 / MESSAGES_A_SECOND)

    async def end(self) -> None:
        self._stop.set()
        await self._task


async def forced(broker: str, case: Case, directory: Path) -> list[str]:
    """Run the case; what is wrong with the counts. Raises `TimeoutError` where the trap does not spring."""
    agent = Counting(f"count-{case.name}")
    # An uncommitted reader is caught by what it reads; compaction would now and then take that away before it does.
    await agent.make_topics(broker, PARTITIONS, compacted=case.mutant != "uncommitted-readers")

    def worker(name: str, trap: str = "") -> WorkerProcess:
        chaos = {COUNTING: agent.name, TRAP: trap, MUTANT: case.mutant}
        patience = "60" if case.mutant == "no-fencing" else "15"  # else the broker itself would end what is left open
        return WorkerProcess(
            broker, name, directory, case.store, command=_COMMAND, DYADS_APP_ID=agent.name,
            DYADS_TRANSACTION_TIMEOUT=patience, **chaos,
        )  # fmt: skip

    steady = worker("steady")
    armed = worker("armed", f"{case.point}:{case.action}:{_PASSES.get(case.point, _USUAL)}")
    third = worker("third")
    unarmed = worker("armed")
    stream = Stream(broker, agent)
    try:
        await steady.start()
        await _until(lambda: "assigned" in steady.tail(), "the first worker to work")
        await asyncio.sleep(1)
        await armed.start()
        if case.point == "revoke":
            await _until(lambda: "assigned: count" in armed.tail(), "the second worker to work")
            await third.start()
        await _until(lambda: SPRUNG in armed.tail(), f"the trap to spring: {case.name}")
        if case.action is Action.PAUSE:
            await asyncio.sleep(PAUSE_SECONDS)
            others = (steady, third) if case.point == "revoke" else (steady,)
            await _until(lambda: sum(map(_holds, others)) == PARTITIONS, f"others to take over: {case.name}")
            await asyncio.sleep(1)
            armed.let_go_on()
        else:
            status = await asyncio.wait_for(armed.ended(), PATIENCE)
            assert status == (EXIT_LOST if case.action is Action.LOSE else -9), armed.tail()
            if case.mutant:
                await steady.end()  # what the broken one has left on its disk must not be passed by
            await unarmed.start()
        await asyncio.sleep(2)
        await stream.end()
        await _quiet(broker, agent, stream.sent.total())
        return wrong(stream.sent, await agent.published(broker))
    finally:
        for process in (steady, armed, third, unarmed):
            process.kill()


def _holds(worker: WorkerProcess) -> int:
    """How many partitions it was assigned last."""
    assigned = [line for line in worker.log.read_text().splitlines() if "assigned: " in line]
    return assigned[-1].count("[") if assigned else 0


async def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        await asyncio.sleep(0.1)


async def _quiet(broker: str, agent: Counting, expected: int) -> None:
    """Wait until as many counts are published as expected, and a little longer; or until no more come."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET:
        now = sum(map(len, (await agent.published(broker)).values()))
        if now != seen:
            seen, since = now, time.monotonic()
        if seen >= expected and time.monotonic() - since > 1:
            return
        await asyncio.sleep(0.5)
