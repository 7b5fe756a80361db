"""What befalls the workers and the broker: one act after another, drawn by a seeded generator."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.chaos.cluster import Broker, Slot
from tests.chaos.points import POINTS
from tests.integration.workers import PAUSE_SECONDS, WorkerProcess
from workers.runtime.settings import StoreKind

PLACES = 3
"""Workers at the most; at least one is always kept."""
_AWAY_SECONDS = (0.5, 6.0)
"""How long a broker is away."""
_WEIGHTS = {"kill": 5, "term": 3, "pause": 4, "trap": 6, "add": 3, "remove": 2, "broker-kill": 2, "broker-stop": 1}
HARD = ("kill", "pause", "broker-kill")
"""Acts that interrupt something in the middle, as a trap does that springs."""
_TRAP_SECONDS = 15.0
"""How long a trap is waited for: the worker has to start again and to come to that point."""


class Nemesis:
    """Acts on a cluster; `acts` counts what was done."""

    def __init__(self, broker: Broker, directory: Path, rng: random.Random, stores: list[StoreKind]) -> None:
        self.acts: Counter[str] = Counter()
        self._broker, self._directory, self._rng, self._stores = broker, directory, rng, stores
        self._named = 0
        self._asleep: set[str] = set()
        self._later: set[asyncio.Task[None]] = set()
        self.slots: list[Slot] = []
        self.gone: list[Slot] = []
        self._waker = asyncio.create_task(self._wake())
        for _ in range(2):
            self._add()

    async def act(self) -> str:
        """Do one thing; what it was."""
        name = self._rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        does: dict[str, Callable[[Slot], Awaitable[str] | str]] = {
            "kill": self._kill, "term": self._term, "pause": self._pause, "trap": self._trap, "add": self._one_more,
            "remove": self._one_less, "broker-kill": self._broker_away, "broker-stop": self._broker_stopped,
        }  # fmt: skip
        awake = [slot for slot in self.slots if slot.name not in self._asleep]
        if not awake:
            await asyncio.sleep(PAUSE_SECONDS / 2)
            return "waited"
        done = does[name](self._rng.choice(awake))
        what = done if isinstance(done, str) else await done
        self.acts[what.split()[0]] += 1
        return what

    async def rest(self) -> None:
        """Wait for what is under way: pauses, mostly."""
        await asyncio.gather(*self._later)

    async def end(self) -> None:
        """Stop all workers as an operator would."""
        await asyncio.gather(*(slot.given_up(WorkerProcess.end) for slot in self.slots))

    def destroy(self) -> None:
        """Kill whatever is left."""
        self._waker.cancel()
        for slot in (*self.slots, *self.gone):
            slot.process.kill()

    async def _wake(self) -> None:
        """Let go on whoever has stood still for longer than its session: a trap may spring long after it was set."""
        still: dict[int, float] = {}
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for slot in (*self.slots, *self.gone):
                if (pid := slot.process.stopped) is None:
                    continue
                if now - still.setdefault(pid, now) > PAUSE_SECONDS:
                    slot.process.let_go_on()
                    del still[pid]

    def _kill(self, slot: Slot) -> str:
        slot.process.kill()
        return f"kill {slot.name}"

    def _term(self, slot: Slot) -> str:
        slot.process.signal(signal.SIGTERM)
        return f"term {slot.name}"

    def _pause(self, slot: Slot) -> str:
        async def sleep() -> None:
            await slot.process.pause()
            self._asleep.discard(slot.name)

        self._asleep.add(slot.name)
        self._soon(sleep())
        return f"pause {slot.name} for {PAUSE_SECONDS:.0f} s"

    async def _trap(self, slot: Slot) -> str:
        point = self._rng.choice(list(POINTS))
        action = self._rng.choice(POINTS[point][1])
        trap = f"{point}:{action}:{self._rng.randint(1, 6)}"

        before = slot.sprung
        await slot.armed(trap)
        deadline = time.monotonic() + _TRAP_SECONDS
        while slot.sprung == before and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        return f"trap {slot.name} {trap}{'' if slot.sprung > before else ', in vain so far'}"

    def _one_more(self, slot: Slot) -> str:
        return self._add() if len(self.slots) < PLACES else self._kill(slot)

    async def _one_less(self, slot: Slot) -> str:
        if len(self.slots) < 2:
            return self._kill(slot)
        self.slots.remove(slot)
        self.gone.append(slot)
        await slot.given_up(WorkerProcess.end)
        return f"remove {slot.name}"

    async def _broker_away(self, _: Slot) -> str:
        return await self._away(kill=True)

    async def _broker_stopped(self, _: Slot) -> str:
        return await self._away(kill=False)

    async def _away(self, *, kill: bool) -> str:
        seconds = self._rng.uniform(*_AWAY_SECONDS)
        await self._broker.stop(kill=kill)
        await asyncio.sleep(seconds)
        await self._broker.start()
        return f"broker-{'kill' if kill else 'stop'} for {seconds:.1f} s"

    def _add(self) -> str:
        self._named += 1
        name = f"w{self._named}"
        store = self._stores[self._named % len(self._stores)]
        self.slots.append(Slot(self._broker.address, name, self._directory, store))
        return f"add {name} with {store}"

    def _soon(self, doing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(doing)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
