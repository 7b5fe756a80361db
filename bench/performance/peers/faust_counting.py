"""A bare Faust agent that only counts messages by key: at least once, its table in memory with a changelog.

Prints how many seconds it needed from the first message to the last, and ends. What it counted by then is in its table;
that the offsets of the last messages are committed is not waited for.
"""

from __future__ import annotations

import os
import sys
import time
import uuid

import faust


def main(broker: str, topic: str, count: int) -> None:
    """Count so many messages of a topic."""
    app = faust.App(
        f"bench-counting-{uuid.uuid4().hex}",
        broker=f"kafka://{broker}",
        store="memory://",
        topic_partitions=4,
        topic_replication_factor=1,
        topic_disable_leader=True,
        web_enabled=False,
    )
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    counts = app.Table("counts", default=int, key_type=bytes, value_type=int)
    started = done = 0.0

    @app.agent(source)  # type: ignore[untyped-decorator]
    async def counting(stream: faust.Stream[bytes]) -> None:
        nonlocal started, done
        async for event in stream.events():
            started = started or time.perf_counter()
            counts[event.key] += 1
            done += 1
            if done == count:
                os.write(1, b"seconds %f\n" % (time.perf_counter() - started))
                os._exit(0)

    app.finalize()
    worker = faust.Worker(app, loglevel="WARNING", loop=None)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
