"""The same fold in Quix Streams: its state store, its transactions; `aggregate` itself is this project's.

    quix_fold.py CHECKOUT BROKER TOPIC COUNT DIRECTORY

Prints how many seconds it needed from the first message to the commit after the last one.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from typing import Any


def main(checkout: str, broker: str, topic: str, count: int, directory: str) -> None:
    """Fold so many contributions of a topic and publish what changed."""
    sys.path.insert(0, checkout)
    from quixstreams import Application, State  # type: ignore[import-not-found]
    from quixstreams.models import SerializationContext, Serializer  # type: ignore[import-not-found]

    from topics.catalogue import Topic
    from topics.message import Message
    from workers.aggregation.aggregate import aggregate

    class Scope:
        """What `aggregate` reads and writes, over the state of one key."""

        def __init__(self, state: State) -> None:
            self._state = state
            self.sent: list[tuple[str, bytes, bytes | None]] = []

        def get(self, key: bytes) -> bytes | None:
            held: bytes | None = self._state.get_bytes(key)
            return held

        def put(self, key: bytes, value: bytes | None) -> None:
            if value is None:
                self._state.delete(key)
            else:
                self._state.set_bytes(key, value)

        def publish(self, topic: Topic, key: bytes | None, value: bytes | None, *_: Any, **__: Any) -> None:
            self.sent.append((topic.name, key or b"", value))

        def count(self, counter: Any) -> None:
            counter.inc()

    started = 0.0

    def fold(value: bytes, key: bytes, timestamp: int, _: Any, state: State) -> list[Any]:
        nonlocal started
        started = started or time.perf_counter()
        scope = Scope(state)
        message = Message(topic=topic, partition=0, offset=0, key=key, value=value, headers={}, timestamp=timestamp)
        aggregate(message, scope)
        return scope.sent

    class OfRow(Serializer):
        """The value of a row, beside its topic and key."""

        def __call__(self, value: Any, ctx: SerializationContext) -> bytes | None:  # noqa: ARG002  named so by its caller
            sent: bytes | None = value[2]
            return sent

    app = Application(
        broker_address=broker,
        consumer_group=f"bench-fold-{uuid.uuid4().hex}",
        state_dir=directory,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        loglevel="WARNING",
    )
    source = app.topic(topic, key_deserializer="bytes", value_deserializer="bytes")
    sent = app.dataframe(source).apply(
        fold, stateful=True, metadata=True, expand=True,
    )  # fmt: skip
    for table in ("daily", "events", "mentions", "corrections"):
        out = app.topic(f"bench.quix.{table}", key_serializer="bytes", value_serializer=OfRow())
        rows = sent.filter(lambda row, table=table: row[0].endswith(table))
        rows.to_topic(out, key=lambda row: row[1])
    app.run(count=count)
    os.write(1, b"seconds %f\n" % (time.perf_counter() - started))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
