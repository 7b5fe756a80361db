"""The broker is away: when a worker starts, and then in the middle of a stream for longer than a session lasts."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.integration.brokers import BrokerProcess
from tests.integration.news import history
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import SESSION_SECONDS, WorkerProcess, dyads, kept, readiness
from tests.runtime.test_health import free_port
from topics.admin import create
from topics.catalogue import CODED
from workers.producing.client import ArticleProducer
from workers.runtime.engine import EXIT_LOST
from workers.runtime.settings import StoreKind

AWAY_SECONDS = 2.5 * SESSION_SECONDS
MORE_LOG_BYTES = 30_000


async def publish(broker: str, seed: int) -> None:
    async with ArticleProducer(broker) as producer:
        for message in history(seed, 50, 100):
            await producer.enqueue(message)


@pytest.mark.chaos
async def test_a_broker_that_comes_late_and_goes_away_costs_nothing_but_time(tmp_path: Path) -> None:
    port = free_port()
    async with BrokerProcess(tmp_path / "broker") as broker:
        await create(broker.address, partitions=4)
        await broker.stop()
        worker = WorkerProcess(broker.address, "one", tmp_path, StoreKind.ROCKSDB, DYADS_HTTP_PORT=str(port))

        async def waits() -> bool:
            return worker.tail().count("waiting: no Kafka broker answers at") >= 4

        async def stopped() -> bool:
            return worker.exits == [0]

        async def ready() -> bool:
            return await readiness(port) == (200, "ready\n")

        async def silent() -> bool:
            status, reasons = await readiness(port)
            return status == 503 and "the broker has not answered for" in reasons

        async def in_the_middle() -> bool:
            return len(await Pipeline(broker.address, 0).latest(CODED)) > 20

        async with kept([worker]):
            await eventually(waits, 20)
            assert await readiness(port) == (503, "tasks are not restored yet\nthe coding processes are not started\n")
            worker.signal(signal.SIGTERM)
            await eventually(stopped, 20)

            await broker.start()
            await eventually(ready)
            await publish(broker.address, 1)
            await eventually(in_the_middle)

            logged = worker.log.stat().st_size
            await broker.kill()
            away = asyncio.create_task(asyncio.sleep(AWAY_SECONDS))
            await eventually(silent, AWAY_SECONDS)
            await away
            assert worker.log.stat().st_size - logged < MORE_LOG_BYTES

            await broker.start()
            await publish(broker.address, 2)
            await eventually(ready)
            status, printed = await dyads(broker.address, "audit", "--wait", "180")
            assert (status, printed.splitlines()[-1]) == (0, "audit: 0 differences"), printed
        assert set(worker.exits[1:]) <= {EXIT_LOST}
