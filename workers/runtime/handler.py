"""What an agent's author writes: a pure function from one message and the agent's rows to new rows and messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from prometheus_client import Counter

from topics.catalogue import Topic
from topics.message import Message

__all__ = ["Handler", "Message", "Reject", "Scope", "Settlement", "Subject"]


class Scope(Protocol):
    """What a handler may touch while it handles one message: the rows of its source partition, and an outbox.

    Everything written here is committed together with everything else of the batch, or not at all.
    """

    def get(self, key: bytes) -> bytes | None:
        """The row under `key`, changes of this batch included; None where there is none."""

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row; None removes it."""

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
        """Publish a message; without `partition` its key decides (murmur2), without `timestamp` (ms since 1970) it is
        stamped when it is sent. Raises `Reject` where it is larger than a message may be."""

    def count(self, counter: Counter) -> None:
        """Count one more, once all of this is committed."""


Handler = Callable[[Message, Scope], None]

Settlement = Callable[[Scope], None]
"""What handling one message comes to: changes of rows and messages to publish, done to a scope."""

Subject = Callable[[Message], bytes]
"""What a message is about, as the key of its dead letter: a later message about the same overtakes it."""


DAMAGED_ROW = "damaged-row"
"""The reason of a `Reject` that is not the message's fault: a row that it needs is not what the agent writes."""


class Reject(Exception):
    """Raised for a message that cannot be handled: it goes to articles.dead with `reason`, `error` and `attempt`."""

    def __init__(self, reason: str, error: str, attempt: int = 1) -> None:
        super().__init__(f"{reason}: {error}")
        self.reason = reason
        self.error = error
        self.attempt = attempt
