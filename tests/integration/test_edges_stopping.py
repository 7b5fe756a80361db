"""A worker under load is told to stop; /ready tells the truth from its start to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.news import history
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, readiness
from tests.runtime.test_health import free_port
from topics.catalogue import CODED
from workers.producing.client import ArticleProducer
from workers.runtime.settings import StoreKind

STATED_SECONDS = 20
"""docs/operators.md, Stopping."""
RESTORING = (503, "tasks are not restored yet\n")
READY = (200, "ready\n")


class Watch:
    """What a worker answered to /ready, without repetitions."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[tuple[int, str]] = []

    async def run(self) -> None:
        while True:
            answer = await readiness(self.port)
            if self.seen[-1:] != [answer]:
                self.seen.append(answer)
            await asyncio.sleep(0.005)

    async def ready(self) -> bool:
        return self.seen[-1:] == [READY]


@asynccontextmanager
async def watched(worker_port: int) -> AsyncIterator[Watch]:
    watch = Watch(worker_port)
    task = asyncio.create_task(watch.run())
    yield watch
    task.cancel()


async def test_a_worker_under_load_stops_in_the_stated_time_and_another_one_goes_on(
    broker: str, tmp_path: Path
) -> None:
    ports = [free_port(), free_port()]
    one, two = (
        WorkerProcess(broker, name, tmp_path, StoreKind.MEMORY, DYADS_HTTP_PORT=str(port))
        for name, port in zip(("one", "two"), ports, strict=True)
    )

    async def publish() -> None:
        async with ArticleProducer(broker) as producer:
            for message in history(3, 80, 300):
                await producer.enqueue(message)

    async def in_the_middle() -> bool:
        return len(await Pipeline(broker, 0).latest(CODED)) > 20

    try:
        async with watched(ports[0]) as watch_one, watched(ports[1]) as watch_two:
            await one.start()
            await eventually(watch_one.ready)
            assert RESTORING in watch_one.seen
            await publish()
            await eventually(in_the_middle)

            before = len(watch_one.seen)
            await two.start()  # so that there is a rebalance
            await eventually(watch_two.ready)
            await eventually(watch_one.ready)
            assert RESTORING in watch_one.seen[before:]

            before = len(watch_one.seen)
            one.signal(signal.SIGTERM)
            async with asyncio.timeout(STATED_SECONDS):
                assert await one.ended() == 0
            after = [text for status, text in watch_one.seen[before:] if status]
            assert after
            assert all(text.startswith("stopping\n") for text in after), after

            status, printed = await dyads(broker, "audit", "--wait", "180")
            assert (status, printed.splitlines()[-1]) == (0, "audit: 0 differences"), printed
            assert await two.end() == 0
    finally:
        one.kill()
        two.kill()
