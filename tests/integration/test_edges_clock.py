"""Workers whose clocks are wrong by decades, one after the other on one disk: no row depends on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.news import START, history
from tests.integration.workers import WorkerProcess, dyads
from topics.catalogue import CONTRIBUTIONS, DAILY
from topics.reader import Reader
from workers.producing.client import ArticleProducer
from workers.runtime.settings import StoreKind

DECADES = 14_600
"""Days."""


async def messages(broker: str, topic: str) -> int:
    async with Reader(broker) as reader:
        return len([message async for message in reader.read(topic)])


@pytest.mark.chaos
async def test_a_clock_that_jumps_by_decades_changes_no_row(broker: str, tmp_path: Path) -> None:
    contributions = 0
    for seed, days in enumerate((-DECADES, DECADES)):
        worker = WorkerProcess(
            broker, "one", tmp_path, StoreKind.ROCKSDB, command=("tests.integration.shifted",), SHIFT_DAYS=str(days)
        )
        await worker.start()
        try:
            async with ArticleProducer(broker) as producer:
                for message in history(seed, 15, 30):
                    await producer.enqueue(message)
            status, printed = await dyads(broker, "audit", "--wait", "180")
            assert (status, printed.splitlines()[-1]) == (0, "audit: 0 differences"), printed + worker.tail()
            assert await worker.end() == 0
        finally:
            worker.kill()
        before, contributions = contributions, await messages(broker, CONTRIBUTIONS.name)
        assert contributions > before  # they expire after a week, by the broker's clock
    said = worker.log.read_text()
    assert said.count("days ago, and tombstones are kept for 7: rebuilt") == 12
    async with Reader(broker) as reader:
        days_told = {key.split(b"|")[1] for key in await reader.latest(DAILY)}
    assert days_told <= {f"{START:%Y-%m}-0{day}".encode() for day in range(1, 9)}
