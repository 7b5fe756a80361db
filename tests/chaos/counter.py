"""An agent that counts, the strictest witness there is: key -> how many messages of that key were handled.

Each handled message publishes the count it led to. So the published counts of a key must be 1, 2, 3, ..., n, each once
and in order, where n is how many messages were sent. A message lost, handled twice, or handled on rows that were never
committed breaks the row of numbers; nothing later in the stream can heal it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial

import msgspec

from topics.admin import create
from topics.catalogue import DEAD, Cleanup, Topic, state_topic
from topics.message import Message
from topics.reader import Reader
from workers.runtime.handler import Scope, Settlement


def _topic(name: str) -> Topic:
    return Topic(name=name, key="", record=None, cleanup=Cleanup.DELETE, writer="", purpose="")


class Counting:
    """The agent, for a worker. Every name of it begins with `name`: many can use one broker side by side."""

    window = 64
    window_is_shared = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = _topic(f"{name}.source")
        self.counts = _topic(f"{name}.counts")

    def prepare(self, message: Message) -> Settlement:
        return partial(self._count, message)

    def _count(self, message: Message, scope: Scope) -> None:
        key = message.key or b""
        count = b"%d" % (int(scope.get(key) or 0) + 1)
        scope.put(key, count)
        scope.publish(self.counts, key, count)

    def subject(self, message: Message) -> bytes:
        return message.key or b""

    async def start(self, partitions: int) -> None: ...

    async def stop(self) -> None: ...

    def problem(self) -> str | None:
        return None

    async def make_topics(self, broker: str, partitions: int, *, compacted: bool = True) -> None:
        """Make them; without `compacted`, whatever was written to the state topic stays in it."""
        state = state_topic(self.name)
        if not compacted:
            state = msgspec.structs.replace(state, cleanup=Cleanup.DELETE)
        await create(broker, partitions, topics=(self.source, self.counts, state))
        await create(broker, partitions, topics=(DEAD,))

    async def published(self, broker: str) -> dict[bytes, list[int]]:
        """The counts published for each key, read committed, in the order they stand in."""
        found: dict[bytes, list[int]] = defaultdict(list)
        async with Reader(broker) as reader:
            async for message in reader.read(self.counts):
                found[message.key or b""].append(int(message.value or 0))
        return found


def wrong(sent: Mapping[bytes, int], published: Mapping[bytes, list[int]]) -> list[str]:
    """What is not as it must be, a line for each key."""
    lines = []
    for key, n in sorted(Counter(sent).items()):
        counts = published.get(key, [])
        if counts != list(range(1, n + 1)):
            doubled = len(counts) - len(set(counts))
            absent = len(set(range(1, n + 1)) - set(counts))
            lines.append(f"{key.decode()}: {n} sent, {len(counts)} counts, {doubled} doubled, {absent} absent")
    lines += [f"{key.decode()}: counted, but never sent" for key in sorted(set(published) - set(sent))]
    return lines
