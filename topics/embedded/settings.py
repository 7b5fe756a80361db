"""What can be set of an embedded broker. The names and defaults are Apache Kafka's where it has them."""

from __future__ import annotations

from dataclasses import dataclass

SECOND_MS = 1000
DAY_MS = 24 * 60 * 60 * SECOND_MS


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerSettings:
    """Settings of the broker; those of a topic are in `configs.py`."""

    auto_create_topics: bool = True
    """Whether asking for the metadata of an unknown topic creates it (auto.create.topics.enable)."""
    default_partitions: int = 4
    """Partitions of a topic created without a number (num.partitions, 1 in Apache Kafka)."""
    cleanup_interval: float = 5.0
    """Seconds between two passes of retention, compaction and expiry."""
    tick_interval: float = 0.05
    """Seconds between two looks at the deadlines of groups and transactions."""
    initial_rebalance_delay_ms: int = 200
    """How long an empty group waits for more members (group.initial.rebalance.delay.ms, 3000 in Apache Kafka)."""
    min_session_timeout_ms: int = 6 * SECOND_MS
    max_session_timeout_ms: int = 1800 * SECOND_MS
    max_transaction_timeout_ms: int = 900 * SECOND_MS
    marker_delay_ms: int = 0
    """How long after its end is answered a transaction takes effect: some milliseconds in Apache Kafka. Within them the
    producer's next steps are refused with CONCURRENT_TRANSACTIONS. 0: before the answer."""
    producer_expiry_ms: int = DAY_MS
    """After this long without a write a partition forgets a producer's sequence (producer.id.expiration.ms)."""
    transactional_id_expiry_ms: int = 7 * DAY_MS
    """After this long without a transaction a transactional id is forgotten (transactional.id.expiration.ms)."""
    max_request_bytes: int = 100 * 1024 * 1024
    """Largest request frame (socket.request.max.bytes)."""
