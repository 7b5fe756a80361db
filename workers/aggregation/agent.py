"""The agents relate (articles.coded -> relations.contributions) and aggregate (-> the relations tables)."""

from __future__ import annotations

from functools import partial

import msgspec

from topics.catalogue import CODED, CONTRIBUTIONS, Topic
from topics.letters import letter_key
from topics.place import Place
from workers.aggregation.aggregate import aggregate
from workers.aggregation.relate import relate
from workers.runtime.handler import Handler, Message, Settlement
from workers.runtime.letters import key_as_subject
from workers.runtime.settings import Settings


class _Folding:
    """An agent whose handler is pure and quick: nothing to prepare, nothing to start."""

    name: str
    reads: Topic
    handler: Handler
    window_is_shared = False  # what is on its way waits for its own partition's commit only

    def __init__(self, settings: Settings) -> None:
        self.source = self.reads.of(settings.generation)
        self.window = 2 * settings.batch

    def prepare(self, message: Message) -> Settlement:
        return partial(self.handler, message)

    async def start(self, partitions: int) -> None: ...

    async def stop(self) -> None: ...

    def problem(self) -> str | None:
        return None


class Relate(_Folding):
    """Keeps of each article which dyads its last revision spoke of, and sends each of them what changed."""

    name = "relate"
    reads = CODED
    handler = staticmethod(relate)

    def subject(self, message: Message) -> bytes:
        """The article, by the key."""
        return letter_key(self.name, key_as_subject(message))


class Aggregate(_Folding):
    """Keeps the tables: folds contributions into daily rows, joined events and mentions."""

    name = "aggregate"
    reads = CONTRIBUTIONS
    handler = staticmethod(aggregate)

    def subject(self, message: Message) -> bytes:
        """What the article says of the dyad; what cannot be read is alone in its place."""
        try:
            about = _about(message.value or b"")
        except (msgspec.DecodeError, RecursionError):
            return letter_key(self.name, str(Place(message.topic, message.partition, message.offset)).encode())
        return letter_key(self.name, about.article.encode(), about.dyad.replace("|", "").encode())


class _About(msgspec.Struct):
    dyad: str
    article: str


_about = msgspec.json.Decoder(_About).decode
