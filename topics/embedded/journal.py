"""What the broker knows beside the logs of partitions, as it is kept: topics, committed offsets, transactional ids.

Each change is a record with a key in a compacted log of the broker's own (as __consumer_offsets and __transaction_state
are in Apache Kafka), so writing, cutting off, compacting and reading it are those of any log. Changes that belong
together are one record batch: all or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from topics.embedded import batch as batches
from topics.embedded.group import CommittedOffset, TopicPartition
from topics.embedded.log import PartitionLog

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""Most that changes may come to that belong together."""

TOPIC = "topic"
OFFSET = "offset"
TRANSACTION = "transaction"
PRODUCER_IDS = "producer ids"


class TopicRecord(msgspec.Struct, frozen=True):
    """A topic: the directory of its partitions, how many they are, the settings that were given."""

    directory: str
    partitions: int
    config: dict[str, str]


class TransactionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transactional id and its current or last transaction."""

    producer_id: int
    epoch: int
    timeout_ms: int
    changed_ms: int
    """By the broker's clock, milliseconds since 1970: a time that the next process understands."""
    state: str
    partitions: list[TopicPartition]
    groups: list[str]
    offsets: list[tuple[str, str, int, CommittedOffset]]
    """Group, topic and partition of offsets that wait for the commit."""


Key = tuple[str | int, ...]
"""A kind, and what tells one of that kind from another."""

Value = TopicRecord | TransactionRecord | CommittedOffset | int
Changes = Mapping[Key, Value | None]
"""New values; None removes."""

V = TypeVar("V")


def offset_changes(group_id: str, offsets: Mapping[TopicPartition, CommittedOffset | None]) -> Changes:
    """Offsets that a group commits (None: forgets)."""
    return {(OFFSET, group_id, *partition): offset for partition, offset in offsets.items()}


class Journal:
    """The changes in a log, and what they come to."""

    def __init__(self, log: PartitionLog) -> None:
        self.log = log
        self._found: dict[Key, bytes] = {}
        for position in range(len(log.store)):
            for record in DefaultRecordBatch(log.store.read(position, position + 1)):
                key: Key = tuple(msgspec.json.decode(record.key))
                if record.value is None:
                    self._found.pop(key, None)
                else:
                    self._found[key] = record.value

    def found(self, kind: str, value: type[V]) -> dict[Key, V]:
        """What there was of a kind when the journal was opened, by key without the kind."""
        return {
            key[1:]: msgspec.json.decode(encoded, type=value) for key, encoded in self._found.items() if key[0] == kind
        }

    def forget_found(self) -> None:
        """Everyone has taken what is theirs."""
        self._found.clear()

    def record(self, changes: Changes, now_ms: int) -> None:
        """Keep changes, all or none. Raises `Refused` when there is no room."""
        builder = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=0,
            is_transactional=0,
            producer_id=batches.NO_PRODUCER,
            producer_epoch=-1,
            base_sequence=batches.NO_SEQUENCE,
            batch_size=MAX_BATCH_BYTES,
        )
        for delta, (key, value) in enumerate(changes.items()):
            encoded = None if value is None else msgspec.json.encode(value)
            builder.append(delta, now_ms, msgspec.json.encode(key), encoded, [])
        self.log.append(bytes(builder.build()))
