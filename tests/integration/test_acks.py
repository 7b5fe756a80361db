"""The offsets that a group committed, which is where those who watch the lag look."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.aggregation.memory_scope import coded_message
from tests.aggregation.stories import article, event
from tests.integration.workers import WorkerProcess, kept
from topics.catalogue import CODED
from topics.headers import pack
from topics.reader import Reader
from workers.aggregation.agent import Relate
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import Settings, StoreKind
from workers.runtime.store import MemoryStore
from workers.runtime.task import Task


async def test_what_a_worker_committed_and_died_before_it_acked_is_acked_by_the_next(
    broker: str, tmp_path: Path
) -> None:
    settings = Settings(broker=broker)
    sent = coded_message("a", 0, article("a", event("KAZ", "BLR")))
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer:
        headers = pack(dict(sent.headers))
        await producer.send_and_wait(CODED.name, key=sent.key, value=sent.value, headers=headers, partition=0)
    async with RangeReader(broker) as ranges, Reader(broker) as reader:
        task = Task(settings, "relate", 0, MemoryStore())
        await task.open(ranges)
        await task.settle([(m, Relate(settings).prepare(m)) async for m in reader.read(CODED)])
        await task.close()

    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, DYADS_AGENTS="relate")
    group = AIOKafkaConsumer(bootstrap_servers=broker, group_id=settings.app_id, enable_auto_commit=False)
    await group.start()
    async with kept([worker]), asyncio.timeout(90):
        while await group.committed(TopicPartition(CODED.name, 0)) != 1:
            await asyncio.sleep(0.1)
    await group.stop()
