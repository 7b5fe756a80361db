"""Waiting until what was decided shows."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition


async def settled(address: str, *topics: str) -> None:
    """Wait until no transaction is open in these topics. A broker answers the end of one before it writes the markers
    that readers of committed records wait for, so right after the answer they may not see it yet."""
    async with (
        AIOKafkaConsumer(bootstrap_servers=address, isolation_level="read_committed") as committed,
        AIOKafkaConsumer(bootstrap_servers=address, isolation_level="read_uncommitted") as written,
        asyncio.timeout(90),
    ):
        known = await written._client.fetch_all_metadata()  # asking for a topic by its name could make it
        where = [TopicPartition(topic, number) for topic in topics for number in known.partitions_for_topic(topic)]
        while await committed.end_offsets(where) != await written.end_offsets(where):
            await asyncio.sleep(0.02)
