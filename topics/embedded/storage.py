"""Where the broker keeps things: in memory, or in a data directory (`disk`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from topics.embedded.configs import TopicConfig
from topics.embedded.errors import DiskFailed
from topics.embedded.journal import Changes, Journal
from topics.embedded.log import Clock, PartitionLog


class Storage(Protocol):
    """What the parts of the broker need of it."""

    cluster_id: str
    clock: Clock
    """What records are stamped and retained by, milliseconds since 1970."""

    @property
    def journal(self) -> Journal | None:
        """What `record` writes to; None where nothing is kept."""

    def record(self, changes: Changes, *, urgent: bool = False) -> None:
        """Keep changes, all or none; `urgent` ones (which may make room) may use the reserve. Raises `Refused`."""

    def barrier(self) -> None:
        """What is written after this cannot outlive a power cut that what was written before it does not."""

    def new_directory(self, topic: str) -> str:
        """A name for the directory of a new topic's partitions."""

    def open_log(self, directory: str, partition: int, config: TopicConfig, /) -> PartitionLog:
        """The log of a partition."""

    def remove_directory(self, directory: str) -> None:
        """Remove the logs of a topic, which are closed."""

    def own_logs(self) -> Iterable[PartitionLog]:
        """Logs of the storage itself, which want cleaning as those of topics do."""

    def tidy(self) -> None:
        """What wants doing now and then."""

    async def settle(self) -> None:
        """Return when answers may tell of everything written so far. Raises `DiskFailed`."""

    async def run(self) -> None:
        """The storage's own work; for ever, or until there is none."""

    async def failure(self) -> DiskFailed:
        """Wait until the storage has failed."""

    def close(self) -> None:
        """The end: everything on disk, everything given up."""
