"""The disk under a worker's store is full, then has room again; its files are damaged."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.integration.news import history
from tests.integration.test_way_of_a_message import eventually
from tests.integration.workers import WorkerProcess, dyads
from topics.catalogue import DAILY
from topics.reader import Reader
from workers.producing.client import ArticleProducer
from workers.runtime.engine import EXIT_LOST
from workers.runtime.settings import StoreKind

ROOM_BYTES = 12_000
"""For each file: enough to open a store, and for a few batches."""


async def publish(broker: str, seed: int) -> None:
    async with ArticleProducer(broker) as producer:
        for message in history(seed, 40, 80):
            await producer.enqueue(message)


async def rows(broker: str) -> int:
    async with Reader(broker) as reader:
        return len(await reader.latest(DAILY))


async def proved(broker: str) -> bool:
    return (await dyads(broker, "audit", "--wait", "180"))[1].endswith("audit: 0 differences\n")


async def test_a_full_disk_ends_the_worker_and_a_damaged_store_is_read_again(broker: str, tmp_path: Path) -> None:
    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.ROCKSDB)

    async def counting() -> bool:
        async with Reader(broker) as reader:
            return len(await reader.latest(DAILY)) > 0

    try:
        await worker.start()
        await publish(broker, 1)
        await eventually(counting)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (ROOM_BYTES, resource.RLIM_INFINITY))
        await publish(broker, 2)
        assert await worker.ended() == EXIT_LOST
        assert "cannot be used, make room or mend the disk: IO error" in worker.tail()
        assert "Traceback" not in worker.tail()

        await worker.start()  # now there is room
        assert await proved(broker)
        assert await worker.end() == 0

        for manifest in tmp_path.glob("dyads/one/*/MANIFEST-*"):
            manifest.write_bytes(b"damaged")
        await publish(broker, 3)
        await worker.start()
        assert await proved(broker)
        assert await worker.end() == 0
        assert worker.log.read_text().count("was damaged and is removed: Corruption") == 12
    finally:
        worker.kill()
