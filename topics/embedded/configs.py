"""Settings of a topic: their names, defaults and allowed values, as Apache Kafka has them.

Some have nothing to act on here (indexes, replicas) or are the broker's own to say (segments, flushing); they are
checked, kept and shown, so that a topic made for Apache Kafka can be made here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from topics.embedded.errors import ErrorCode, Refused

_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1
_DAY_MS = 24 * 60 * 60 * 1000

Check = Callable[[str], str | None]
"""Says what is wrong with a value, or None."""


def _whole(lowest: int, highest: int) -> Check:
    def check(value: str) -> str | None:
        try:
            number = int(value)
        except ValueError:
            return "not a whole number"
        return None if lowest <= number <= highest else f"not between {lowest} and {highest}"

    return check


def _ratio(value: str) -> str | None:
    try:
        return None if 0.0 <= float(value) <= 1.0 else "not between 0 and 1"
    except ValueError:
        return "not a number"


def _one_of(*allowed: str) -> Check:
    return lambda value: None if value in allowed else f"not one of {', '.join(allowed)}"


def _cleanup_policy(value: str) -> str | None:
    parts = [part.strip() for part in value.split(",")]
    return None if parts and set(parts) <= {"compact", "delete"} else "not compact, delete or both"


_BOOLEAN = _one_of("true", "false")


def _anything(_value: str) -> None:
    return None


TOPIC_CONFIGS: dict[str, tuple[str, Check]] = {
    # name: (default, check). First those that the broker acts on.
    "cleanup.policy": ("delete", _cleanup_policy),
    "delete.retention.ms": (str(_DAY_MS), _whole(0, _LONG_MAX)),
    "max.compaction.lag.ms": (str(_LONG_MAX), _whole(1, _LONG_MAX)),
    "max.message.bytes": ("1048588", _whole(0, _INT_MAX)),
    "message.timestamp.after.max.ms": ("3600000", _whole(0, _LONG_MAX)),
    "message.timestamp.type": ("CreateTime", _one_of("CreateTime", "LogAppendTime")),
    "min.cleanable.dirty.ratio": ("0.5", _ratio),
    "min.compaction.lag.ms": ("0", _whole(0, _LONG_MAX)),
    "min.insync.replicas": ("1", _whole(1, _INT_MAX)),
    "retention.bytes": ("-1", _whole(-1, _LONG_MAX)),
    "retention.ms": (str(7 * _DAY_MS), _whole(-1, _LONG_MAX)),
    # And those that it only keeps.
    "compression.type": ("producer", _one_of("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")),
    "file.delete.delay.ms": ("60000", _whole(0, _LONG_MAX)),
    "flush.messages": (str(_LONG_MAX), _whole(1, _LONG_MAX)),
    "flush.ms": (str(_LONG_MAX), _whole(0, _LONG_MAX)),
    "follower.replication.throttled.replicas": ("", _anything),
    "index.interval.bytes": ("4096", _whole(0, _INT_MAX)),
    "leader.replication.throttled.replicas": ("", _anything),
    "message.timestamp.before.max.ms": (str(_LONG_MAX), _whole(0, _LONG_MAX)),
    "preallocate": ("false", _BOOLEAN),
    "segment.bytes": ("1073741824", _whole(1024 * 1024, _INT_MAX)),
    "segment.index.bytes": ("10485760", _whole(4, _INT_MAX)),
    "segment.jitter.ms": ("0", _whole(0, _LONG_MAX)),
    "segment.ms": (str(7 * _DAY_MS), _whole(1, _LONG_MAX)),
    "unclean.leader.election.enable": ("false", _BOOLEAN),
}


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """A topic's settings: what was set, and the values that the log needs, ready to use."""

    given: Mapping[str, str]
    compacted: bool
    deleted: bool
    delete_retention_ms: int
    max_compaction_lag_ms: int
    max_message_bytes: int
    timestamp_after_max_ms: int
    log_append_time: bool
    min_dirty_ratio: float
    min_compaction_lag_ms: int
    min_insync_replicas: int
    retention_bytes: int
    retention_ms: int

    def value(self, name: str) -> str:
        """The value in force of a setting, as on the wire."""
        return self.given.get(name, TOPIC_CONFIGS[name][0])


def topic_config(given: Mapping[str, str | None]) -> TopicConfig:
    """Settings as a client gives them; null means the default. Raises `Refused` (INVALID_CONFIG)."""
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name not in TOPIC_CONFIGS:
            raise Refused(ErrorCode.INVALID_CONFIG, f"Unknown topic config name: {name}")
        if value is None:
            continue
        problem = TOPIC_CONFIGS[name][1](value)
        if problem is not None:
            raise Refused(ErrorCode.INVALID_CONFIG, f"Invalid value {value} for configuration {name}: {problem}")
        kept[name] = value
    values = {name: kept.get(name, default) for name, (default, _) in TOPIC_CONFIGS.items()}
    policy = {part.strip() for part in values["cleanup.policy"].split(",")}
    return TopicConfig(
        given=kept,
        compacted="compact" in policy,
        deleted="delete" in policy,
        delete_retention_ms=int(values["delete.retention.ms"]),
        max_compaction_lag_ms=int(values["max.compaction.lag.ms"]),
        max_message_bytes=int(values["max.message.bytes"]),
        timestamp_after_max_ms=int(values["message.timestamp.after.max.ms"]),
        log_append_time=values["message.timestamp.type"] == "LogAppendTime",
        min_dirty_ratio=float(values["min.cleanable.dirty.ratio"]),
        min_compaction_lag_ms=int(values["min.compaction.lag.ms"]),
        min_insync_replicas=int(values["min.insync.replicas"]),
        retention_bytes=int(values["retention.bytes"]),
        retention_ms=int(values["retention.ms"]),
    )
