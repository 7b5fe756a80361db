"""The model tells what the code does: the same steps in the same order, the code's being those of a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.model.agents import Agent
from tests.runtime.model.broker import Broker, Place
from tests.runtime.model.design import AS_IT_IS
from tests.runtime.model.holder import Holder
from tests.runtime.model.world import DiskStore
from tests.runtime.scratch import Bench, message
from tests.runtime.test_lane import Preparing
from workers.runtime import task as task_module
from workers.runtime.lane import Lane
from workers.runtime.ranges import RangeReader
from workers.runtime.store import Changes, RocksStore
from workers.runtime.task import Task

EFFECTS = {"fence", "end of state", "restored", "send row", "send", "commit", "store"}
"""All but what the group is told, which is done beside this, from time to time."""


@pytest.fixture
async def bench(broker_address: str) -> Bench:
    bench = Bench(broker_address)
    await bench.make_topics()
    await bench.publish(b"a", b"b", b"a")
    return bench


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> list[str]:
    """What the code does to the world, as it does it; all of it is done."""
    done: list[str] = []

    class Producer(task_module.AIOKafkaProducer):
        async def start(self) -> None:
            await super().start()
            done.append("fence")

        async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
            sent = await super().send_batch(batch, topic, partition=partition)
            done.extend(["send row" if topic.endswith(".state") else "send"] * batch.record_count())
            return sent

        async def commit_transaction(self) -> None:
            await super().commit_transaction()
            done.append("commit")

    class Reader(RangeReader):
        async def end(self, topic: str, partition: int) -> int:
            end = await super().end(topic, partition)
            done.append("end of state" if topic.endswith(".state") else "end")
            return end

    monkeypatch.setattr(task_module, "AIOKafkaProducer", Producer)
    monkeypatch.setattr(bench, "reader", Reader, raising=False)
    return done


class Store(RocksStore):
    """RocksDB's, telling when it is written."""

    def __init__(self, path: Path, done: list[str]) -> None:
        super().__init__(path, "cluster")
        self._done = done

    def write(self, changes: Changes, position: int, *, current: bool = True) -> None:
        super().write(changes, position, current=current)
        self._done.append("restored" if self._done[-1] == "end of state" else "store")


@asynccontextmanager
async def life(bench: Bench, store: Store, done: list[str]) -> AsyncIterator[tuple[Preparing, Lane]]:
    """A task and its lane from opening to closing."""
    task = Task(bench.settings, bench.agent, 0, store)
    failures: list[BaseException] = []
    async with bench.reader(bench.settings.broker) as reader:
        await task.open(reader)
        agent = Preparing(bench)
        lane = Lane(agent, task, 0, asyncio.Semaphore(agent.window), reader, 100, failures.append)
        yield agent, lane
        await lane.stop()
    await task.close()
    assert not failures


async def test_two_lives_of_a_task(bench: Bench, steps: list[str], tmp_path: Path) -> None:
    """The first one settles three messages and is given one of them again; the second one goes on with its store."""

    async with life(bench, Store(tmp_path, steps), steps) as (agent, lane):
        agent.gates[0] = asyncio.Event()  # so that the three are one batch
        for offset, key in enumerate((b"a", b"b", b"a")):
            await lane.accept(message(bench.source.name, offset, key), offset - 1)
        agent.gates[0].set()
        async with asyncio.timeout(90):
            while lane.position < 3:
                await asyncio.sleep(0.01)
        await lane.accept(message(bench.source.name, 2, b"a"), None)
    async with life(bench, Store(tmp_path, steps), steps):
        pass

    done = [step for step in steps if step in EFFECTS]
    assert done == modelled(bench)
    assert done[:4] == ["fence", "end of state", "restored", "send row"]


def modelled(bench: Bench) -> list[str]:
    """The same in the model."""
    broker = Broker(lambda _: None)
    agent = Agent(Preparing(bench))
    for key in (b"a", b"b", b"a"):
        broker.publish(agent.source(0), key, b"x")
    store = DiskStore(lambda: 0)
    done: list[str] = []

    def unheard(source: Place, offset: int) -> None: ...

    def work(holder: Holder) -> None:
        while holder.has_work():
            if (step := holder.step()) in EFFECTS:
                done.append(step)

    first = Holder(broker, agent, 0, store, AS_IT_IS, 1, unheard)
    work(first)
    first.rewind(1)
    work(first)
    work(Holder(broker, agent, 0, store, AS_IT_IS, 2, unheard))
    return done
