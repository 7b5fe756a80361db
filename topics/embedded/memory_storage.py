"""Everything in memory, gone with the process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import uuid4

from topics.embedded.configs import TopicConfig
from topics.embedded.errors import DiskFailed
from topics.embedded.journal import Changes, Journal
from topics.embedded.log import Clock, PartitionLog


class MemoryStorage:
    """Keeps nothing: what there is to know is in the objects of the broker."""

    journal: Journal | None = None

    def __init__(self, clock: Clock) -> None:
        self.cluster_id = f"dyads-embedded-{uuid4().hex}"  # another life is another log
        self.clock = clock

    def record(self, changes: Changes, *, urgent: bool = False) -> None: ...

    def barrier(self) -> None: ...

    def new_directory(self, topic: str) -> str:
        return topic

    def open_log(self, _directory: str, _partition: int, config: TopicConfig) -> PartitionLog:
        return PartitionLog(config, self.clock)

    def remove_directory(self, directory: str) -> None: ...

    def own_logs(self) -> Iterable[PartitionLog]:
        return ()

    def tidy(self) -> None: ...

    async def settle(self) -> None: ...

    async def run(self) -> None: ...

    async def failure(self) -> DiskFailed:
        never: asyncio.Future[DiskFailed] = asyncio.get_running_loop().create_future()
        return await never

    def close(self) -> None: ...
