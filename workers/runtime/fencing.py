"""Ending what tasks may commit: after it, what they have committed is final until they are opened anew."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaProducer

from topics.closing import stopped
from topics.errors import translated
from workers.runtime.task import transactional_id


async def fence(broker: str, group: str, agent: str, partitions: int) -> None:
    """Fence the agent's tasks of a consumer group: their workers end with status 75 at the next commit.

    Returns when everything that they have committed is visible. Raises `Unreachable`, `Refused`.
    """

    async def one(partition: int) -> None:
        with translated(broker, f"fencing {agent}[{partition}]"):
            producer = AIOKafkaProducer(
                bootstrap_servers=broker, transactional_id=transactional_id(group, agent, partition)
            )
            try:
                await producer.start()
            finally:
                await stopped(producer.stop())

    await asyncio.gather(*(one(partition) for partition in range(partitions)))
