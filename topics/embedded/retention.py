"""Forgetting by age and by size: cleanup.policy=delete."""

from __future__ import annotations

from topics.embedded.log import PartitionLog


def apply_retention(log: PartitionLog, now_ms: int) -> None:
    """Drop the oldest batches that are older than retention.ms (by their newest record), and those without which the
    partition would still hold retention.bytes. -1 means no limit. Never past the last stable offset: an open
    transaction is short, and its records go when it is over.

    Apache Kafka does the same by whole segment files; here a batch is the unit."""
    config = log.config
    if not config.deleted:
        return
    stable = log.last_stable_offset
    left = log.store.size_bytes
    start = log.start_offset
    for stored in log.store:
        too_old = config.retention_ms >= 0 and stored.max_timestamp < now_ms - config.retention_ms
        too_much = config.retention_bytes >= 0 and left - stored.size >= config.retention_bytes
        if stored.last_offset >= stable or not (too_old or too_much):
            break
        left -= stored.size
        start = stored.last_offset + 1
    log.delete_before(start)
