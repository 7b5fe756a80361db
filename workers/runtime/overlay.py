"""Changes that a batch comes to, before they are committed: rows over rows, and messages to publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from prometheus_client import Counter

from topics.catalogue import FIRST_GENERATION, HEADROOM_BYTES, MAX_MESSAGE_BYTES, Topic
from topics.headers import SCHEMA, SCHEMA_VERSION, Headers, pack
from workers.runtime.handler import Reject

_LARGEST = MAX_MESSAGE_BYTES - HEADROOM_BYTES
"""Bytes of the largest row or message."""
_HEADER_FRAME = 8
"""Bytes that a header takes beside its name and value, at most."""


class Outgoing(NamedTuple):
    """A message to publish; without `partition` its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None
    timestamp: int | None = None


class Overlay:
    """Changes not yet committed, over the rows beneath them; implements `Scope`. What it publishes goes to the topics
    of its generation."""

    __slots__ = ("_beneath", "_generation", "_outbox", "counted", "rows")

    def __init__(self, beneath: Callable[[bytes], bytes | None], generation: int = FIRST_GENERATION) -> None:
        self._beneath = beneath
        self._generation = generation
        self.rows: dict[bytes, bytes | None] = {}
        self._outbox: dict[object, Outgoing] = {}
        self.counted: list[Counter] = []

    @property
    def outbox(self) -> list[Outgoing]:
        """What is to be published, in order; of a table's row only what it comes to last."""
        return list(self._outbox.values())

    def get(self, key: bytes) -> bytes | None:
        if key in self.rows:
            return self.rows[key]
        return self._beneath(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        if key.startswith(b"@"):
            raise ValueError(f"row keys beginning with @ are the runtime's: {key!r}")
        _check_size(len(value or b""), "a row")
        self.rows[key] = value

    def publish(
        self,
        topic: Topic,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int] | None = None,
        *,
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        sent = self._outgoing(topic, key, value, headers or {}, partition, timestamp)
        _check_size(_size(sent), topic.name)
        self._add((topic.name, key) if topic.table else object(), sent)

    def count(self, counter: Counter) -> None:
        self.counted.append(counter)

    def post(
        self,
        topic: Topic | str,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int],
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        """Publish whatever its size: a dead letter is as large as what it holds."""
        self._add(object(), self._outgoing(topic, key, value, headers, partition, timestamp))

    def _outgoing(
        self,
        topic: Topic | str,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int],
        partition: int | None,
        timestamp: int | None,
    ) -> Outgoing:
        name = topic.of(self._generation).name if isinstance(topic, Topic) else topic
        return Outgoing(name, key, value, _packed(headers), partition, timestamp)

    def above(self) -> Overlay:
        """An empty overlay over this one."""
        return Overlay(self.get, self._generation)

    def take(self, other: Overlay) -> None:
        """Add the changes of a later overlay."""
        self.rows.update(other.rows)
        for identity, sent in other._outbox.items():
            self._add(identity, sent)
        self.counted.extend(other.counted)

    def rewrite(self, change: Callable[[Outgoing], Outgoing]) -> None:
        """Change each message that is to be published."""
        self._outbox = {identity: change(sent) for identity, sent in self._outbox.items()}

    def _add(self, identity: object, sent: Outgoing) -> None:
        self._outbox.pop(identity, None)  # so that the order is that of the last changes
        self._outbox[identity] = sent


def _packed(headers: Mapping[str, bytes | str | int]) -> Headers:
    return pack({SCHEMA: SCHEMA_VERSION, **headers})


def _size(sent: Outgoing) -> int:
    headers = sum(len(name) + len(value) + _HEADER_FRAME for name, value in sent.headers)
    return len(sent.key or b"") + len(sent.value or b"") + headers


def _check_size(size: int, what: str) -> None:
    # Refused here, where one message can be parked; at the producer it would fail the whole batch, for ever.
    if size > _LARGEST:
        raise Reject("too-large", f"{size} bytes for {what}, at most {_LARGEST}")
