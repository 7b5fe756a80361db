"""The topics of the broker: made, changed and deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from topics.embedded.configs import TopicConfig, topic_config
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.journal import TOPIC, Key, TopicRecord
from topics.embedded.log import Clock, PartitionLog
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.storage import Storage

MAX_PARTITIONS = 10_000
"""In all topics together. A bound of this broker's own: a slip in a request must not fill the memory."""

_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")


@dataclass(slots=True)
class Topic:
    """One topic: its settings and its partitions by number; `directory` is where those are kept."""

    name: str
    directory: str
    config: TopicConfig
    partitions: list[PartitionLog]


class TopicRegistry:
    """Topics by name."""

    def __init__(
        self,
        clock: Clock,
        default_partitions: int,
        on_delete: Callable[[str], None],
        storage: Storage | None = None,
    ) -> None:
        """`on_delete` is told the name of every topic that is deleted. Topics are kept in memory by default."""
        self._storage = storage or MemoryStorage(clock)
        self._default_partitions = default_partitions
        self._on_delete = on_delete
        self._topics: dict[str, Topic] = {}

    def __iter__(self) -> Iterator[Topic]:
        return iter(list(self._topics.values()))

    def restore(self, records: Mapping[Key, TopicRecord]) -> None:
        """Open the topics that were kept, by name. Raises `BrokenLog` and `OSError`."""
        for (name,), record in records.items():
            config = topic_config(record.config)
            self._topics[str(name)] = self._open(str(name), record.directory, record.partitions, config)

    def close(self) -> None:
        """Close the logs of all partitions."""
        for topic in self:
            for log in topic.partitions:
                log.close()

    def get(self, name: str) -> Topic | None:
        return self._topics.get(name)

    def partition(self, topic: str, partition: int) -> PartitionLog:
        """A partition's log. Raises `Refused`."""
        found = self.find_partition(topic, partition)
        if found is None:
            raise Refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"{topic}-{partition}")
        return found

    def find_partition(self, topic: str, partition: int) -> PartitionLog | None:
        known = self._topics.get(topic)
        if known is None or not 0 <= partition < len(known.partitions):
            return None
        return known.partitions[partition]

    def create(
        self, name: str, partitions: int = -1, config: Mapping[str, str | None] | None = None, *, dry: bool = False
    ) -> None:
        """Create a topic; -1 partitions means the default number; `dry` only checks. Raises `Refused`."""
        self._check_name(name)
        if name in self._topics:
            raise Refused(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")
        if partitions == -1:
            partitions = self._default_partitions
        if partitions < 1:
            raise Refused(ErrorCode.INVALID_PARTITIONS, f"{partitions} partitions; a topic has at least one")
        self._check_room(partitions)
        settings = topic_config(config or {})
        if not dry:
            directory = self._storage.new_directory(name)
            self._keep(name, directory, partitions, settings)
            self._topics[name] = self._open(name, directory, partitions, settings)

    def delete(self, name: str) -> None:
        """Delete a topic and all it holds. Raises `Refused`."""
        topic = self._require(name)
        self._storage.record({(TOPIC, name): None}, urgent=True)
        del self._topics[name]
        for log in topic.partitions:
            log.close()
        self._storage.remove_directory(topic.directory)
        self._on_delete(name)

    def expand(self, name: str, partitions: int, *, dry: bool = False) -> None:
        """Give a topic more partitions, up to `partitions` in all. Raises `Refused`."""
        topic = self._require(name)
        missing = partitions - len(topic.partitions)
        if missing <= 0:
            reason = f"Topic currently has {len(topic.partitions)} partitions, {partitions} is not an increase."
            raise Refused(ErrorCode.INVALID_PARTITIONS, reason)
        self._check_room(missing)
        if not dry:
            self._keep(name, topic.directory, partitions, topic.config)
            for number in range(len(topic.partitions), partitions):
                topic.partitions.append(self._storage.open_log(topic.directory, number, topic.config))

    def configure(self, name: str, config: Mapping[str, str | None], *, dry: bool = False) -> None:
        """Replace a topic's settings; those not given fall back to their defaults. Raises `Refused`."""
        topic = self._require(name)
        settings = topic_config(config)
        if not dry:
            self._keep(name, topic.directory, len(topic.partitions), settings)
            topic.config = settings
            for log in topic.partitions:
                log.config = settings

    def _check_room(self, more: int) -> None:
        held = sum(len(topic.partitions) for topic in self._topics.values())
        if held + more > MAX_PARTITIONS:
            reason = f"{held} partitions there are and {more} more; this broker holds up to {MAX_PARTITIONS}"
            raise Refused(ErrorCode.INVALID_PARTITIONS, reason)

    def _keep(self, name: str, directory: str, partitions: int, config: TopicConfig) -> None:
        record = TopicRecord(directory, partitions, dict(config.given))
        self._storage.record({(TOPIC, name): record}, urgent=True)

    def _open(self, name: str, directory: str, partitions: int, config: TopicConfig) -> Topic:
        logs = [self._storage.open_log(directory, number, config) for number in range(partitions)]
        return Topic(name, directory, config, logs)

    def _require(self, name: str) -> Topic:
        topic = self._topics.get(name)
        if topic is None:
            raise Refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name)
        return topic

    def _check_name(self, name: str) -> None:
        if not _LEGAL_NAME.fullmatch(name) or name in (".", ".."):
            raise Refused(ErrorCode.INVALID_TOPIC, "a name is 1 to 249 of a-z A-Z 0-9 . _ - and not '.' or '..'")
        # Apache Kafka's metrics cannot tell a dot from an underscore, so it refuses names that differ only there.
        twin = next((known for known in self._topics if _metric(known) == _metric(name) and known != name), None)
        if twin is not None:
            raise Refused(ErrorCode.INVALID_TOPIC, f"Topic '{name}' collides with existing topic: {twin}")


def _metric(name: str) -> str:
    return name.replace(".", "_")
