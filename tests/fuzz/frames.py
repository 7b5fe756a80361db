"""Requests of every API and version that the broker speaks, sensible ones and injured; and conversations of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from aiokafka.protocol.types import Array, Boolean, Bytes, Int8, Int16, Int32, Int64, Schema, String

from tests.fuzz.batches import any_batch
from tests.fuzz.damage import INTS, damaged
from topics.embedded.wire import APIS, ApiKey

Step = bytes | int
"""One step of a conversation: the frame of a request (without its size), or milliseconds that pass."""

CLIENT = "fuzz"
MEMBERS = [f"{CLIENT}-00000000-0000-0000-0000-{number:012}" for number in range(3)]
"""Stand for the last ids that the broker gave to members of groups, the newest first: ids are random, frames not."""
PLAIN, COMPACTED, STAMPED = "plain", "compacted", "stamped"
TRANSACTIONAL_ID = "writer"

_LONG = "n" * 32_767
_TOPICS = [PLAIN, PLAIN, COMPACTED, STAMPED, "made", "unheard-of", "", "..", "новости", "a" * 249, _LONG]
_GROUPS = ["group", "group", "other", "", _LONG]
_SMALL = [-2, -1, 0, 0, 1, 1, 2, 3]
_SIZES = [0, 1, 1 << 20, 2**31 - 1, -1]
_TIMES = [1000, 10_000, 60_000, 0, -1, 2**31 - 1]


def _alike(names: tuple[str, ...], values: list[Any]) -> dict[str, list[Any]]:
    return dict.fromkeys(names, values)


_NAMES: dict[str, list[Any]] = {
    # What a field of this name usually holds.
    **_alike(("topic", "topics", "name"), _TOPICS),
    "resource_name": [*_TOPICS, "1"],
    **_alike(("group", "groups", "groups_names", "consumer_group", "group_id", "coordinator_key"), _GROUPS),
    **_alike(("member_id", "consumer_id"), [*MEMBERS, "", "stranger", _LONG]),
    "group_instance_id": [None, None, "static", "", _LONG],
    "transactional_id": [TRANSACTIONAL_ID, TRANSACTIONAL_ID, "another", "", None],
    "protocol_type": ["consumer", "consumer", "connect", ""],
    "protocol_name": ["range", "range", "roundrobin", "", _LONG],
    **_alike(("config_name", "config_names", "config_key"),
             ["cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes", "min.compaction.lag.ms",
                     "message.timestamp.type", "delete.retention.ms", "min.cleanable.dirty.ratio",
                     "follower.replication.throttled.replicas", "no.such", _LONG]),
    "config_value": ["compact", "delete", "compact,delete", "LogAppendTime", "0", "1", "-1", "1048588", "nan", "1e400",
                     "9" * 5000, str(2**63 - 1), "", None, _LONG],
    **_alike(("partition", "partitions", "partition_index", "partition_id"), [0, 0, 0, 1, 1, 2, -1]),
    **_alike(("count", "num_partitions"), [-1, 1, 1, 2, 4, 5000, 10_000, 10_001]),
    "replication_factor": [1, 1, -1, 3], "replicas": [1, 1, 2], "replica_id": [-1],
    "required_acks": [-1, 1, 0, 2], "isolation_level": [0, 1, 7], "resource_type": [2, 2, 4, 3],
    **_alike(("offset", "fetch_offset", "log_start_offset", "timestamp"), [*_SMALL, 5, 1_700_000_000_000]),
    **_alike(("max_bytes", "min_bytes"), _SIZES),
    **_alike(("max_wait_time", "timeout", "timeout_ms", "session_timeout", "rebalance_timeout",
                     "transaction_timeout_ms", "retention_time"), _TIMES),
    **_alike(("generation_id", "consumer_group_generation_id", "producer_epoch"), [0, 0, 1, 1, 2, -1]),
    "producer_id": [1000, 1000, 1001, 1002, -1],
}  # fmt: skip
_WIDTHS = {Int8: 8, Int16: 16, Int32: 32, Int64: 64}
_VERSIONS: dict[int, list[int]] = {}
for _key, _version in sorted(APIS):
    _VERSIONS.setdefault(_key, []).append(_version)
_API_KEYS = list(_VERSIONS)


Make = Callable[[Random], Any]


@cache
def _maker(name: str, kind: Any) -> Make:
    """Makes values of a field, as aiokafka's schema takes them."""
    if isinstance(kind, Schema):
        makers = [_maker(field, of) for field, of in zip(kind.names, kind.fields, strict=True)]
        return lambda random: tuple(make(random) for make in makers)
    if isinstance(kind, Array):
        item = _maker(name, kind.array_of)
        return lambda random: [item(random) for _ in range(random.choice((0, 1, 1, 1, 2, 3)))]
    if kind is Bytes:
        return any_batch if name == "messages" else lambda random: random.randbytes(random.randrange(12))
    if kind is Boolean:
        return lambda random: random.random() < 0.5
    if isinstance(kind, String):
        usual = _NAMES.get(name, ["", "x", "é", "\x00", _LONG])
    else:
        low, high = -(1 << _WIDTHS[kind] - 1), (1 << _WIDTHS[kind] - 1) - 1
        usual = [number for number in _NAMES.get(name, _SMALL) if low <= number <= high]
        usual = usual * 4 + [number for number in INTS if low <= number <= high]
    return lambda random: random.choice(usual)


def frame(api_key: int, version: int, payload: bytes, client: str | None = CLIENT) -> bytes:
    """The frame of a request, without its size."""
    name = b"" if client is None else client.encode()
    return struct.pack(">hhih", api_key, version, 7, -1 if client is None else len(name)) + name + payload


def request(api_key: ApiKey, version: int, *values: object) -> bytes:
    """The frame of a request whose fields have these values, in the order of its schema."""
    return frame(api_key, version, APIS[api_key, version].request.encode(values))


def whole_frame(random: Random) -> bytes:
    """A request that keeps to its schema, whatever its fields say."""
    api_key = random.choice(_API_KEYS)
    version = random.choice(_VERSIONS[api_key])
    schema = APIS[api_key, version].request
    client = CLIENT if random.random() < 0.9 else random.choice((None, "", _LONG))
    return frame(api_key, version, schema.encode(_maker("", schema)(random)), client)


def injured_frame(random: Random) -> bytes:
    """A request with bytes wrong: in its fields, or already in its header (another version, another API)."""
    made = whole_frame(random)
    if random.random() < 0.2:
        key, version = random.choice((*APIS, (999, 0), (-1, 0), (3, 99), (18, 4)))
        made = struct.pack(">hh", key, version) + made[4:]
    return damaged(random, made)


def produce(batch: bytes, topic: str = PLAIN, partition: int = 0, acks: int = 1) -> bytes:
    """A produce request with one batch."""
    return request(ApiKey.PRODUCE, 7, None, acks, 1000, [(topic, [(partition, batch)])])


def produced(random: Random) -> bytes:
    """A produce request with any batch."""
    topic = random.choice((PLAIN, COMPACTED, STAMPED))
    return produce(any_batch(random), topic, random.choice((0, 0, 1)), random.choice((1, -1, 0)))


def time_passes(random: Random) -> int:
    """Milliseconds: up to a heartbeat, a session, a rebalance, ten days."""
    return random.choice((10, 1000, 20_000, 120_000, 10**9))


_STEPS = (whole_frame,) * 5 + (injured_frame,) * 4 + (produced,) * 2 + (time_passes,)


def conversation(random: Random) -> list[Step]:
    """What a client says to the broker, one after the other."""
    return [random.choice(_STEPS)(random) for _ in range(random.randint(1, 30))]


def production(random: Random) -> list[Step]:
    """The same with nothing but batches produced, and time."""
    return [produced(random) for _ in range(random.randint(1, 12))]
