"""Workers are killed and paused in the middle of a stream; the tables equal the offline fold all the same, and what
was taken back on the way was told once."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.aggregation.lost import corrected, lost
from tests.integration.news import history
from tests.integration.workers import WorkerProcess, dyads, kept
from topics.catalogue import CONTRIBUTIONS, CORRECTIONS
from topics.reader import Reader
from workers.producing.client import ArticleProducer
from workers.producing.lines import Withdrawal
from workers.runtime.settings import StoreKind


async def publish(broker: str, seed: int, *, articles: int, messages: int, seconds: float) -> None:
    """Publish a history, spread over some seconds."""
    async with ArticleProducer(broker) as producer:
        for message in history(seed, articles, messages):
            if isinstance(message, Withdrawal):
                await producer.withdraw(message.id)
            else:
                await producer.publish(message)
            await asyncio.sleep(seconds / messages)


@pytest.mark.parametrize("store", list(StoreKind))
async def test_two_workers_one_killed_and_one_paused_past_its_session(
    broker: str, store: StoreKind, tmp_path: Path
) -> None:
    rng = random.Random(11)
    workers = [WorkerProcess(broker, name, tmp_path, store) for name in ("one", "two")]
    async with kept(workers):
        stream = asyncio.create_task(publish(broker, 11, articles=80, messages=450, seconds=32))
        await asyncio.sleep(8)
        workers[0].signal(signal.SIGKILL)
        await asyncio.sleep(rng.uniform(4, 7))
        await workers[1].pause()
        await stream
        status, printed = await dyads(broker, "audit", "--wait", "180")
        assert printed.splitlines()[-1] == "audit: 0 differences", printed + workers[0].tail() + workers[1].tail()
        assert status == 0
        assert "compared 0 articles" not in printed
        async with Reader(broker) as reader:
            expected = lost([message async for message in reader.read(CONTRIBUTIONS)])
            assert corrected([message async for message in reader.read(CORRECTIONS)]) == expected
        assert expected, "an empty history proves nothing"
    assert -signal.SIGKILL in workers[0].exits
