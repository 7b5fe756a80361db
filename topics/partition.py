"""Which partition a key belongs to: Kafka's default partitioner, so that every client agrees."""

from __future__ import annotations

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: `toPositive(murmur2(key)) % partitions`.

    Source: `org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey`.
    """
    if partitions < 1:
        raise ValueError(f"a topic has at least one partition, got {partitions}")
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def home_partition(article_id: str, partitions: int) -> int:
    """The partition of `articles.raw` where an article's revisions are numbered: its version is its offset there."""
    return partition_of(article_id.encode(), partitions)
