"""The agent enrich: articles.raw -> articles.coded.

Articles are coded side by side in a pool of processes and settled strictly in offset order. Nothing is kept from
article to article, so the agent's state is only how far it has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from models import RawArticle, Version
from topics.catalogue import CODED, RAW, Topic
from topics.codec import decode, encode
from topics.headers import MOVED, ORIGIN, VERSION
from workers.enrichment.intake import Code, Forward, Ignore, Withdraw, receive
from workers.enrichment.pool import CodingPool
from workers.runtime.handler import Message, Scope
from workers.runtime.letters import key_as_subject
from workers.runtime.settings import Settings
from workers.runtime.task import Settlement

if TYPE_CHECKING:
    from workers.enrichment.coder import Coder


class Enrich:
    """The agent, to be run by `workers.runtime.worker.run`."""

    name = "enrich"
    source: Topic = RAW

    def __init__(self, settings: Settings) -> None:
        self.window = settings.window
        self._pool = CodingPool(work, prepare, settings.coding_processes, settings.article_timeout)
        self._partitions = 0

    async def start(self, partitions: int) -> None:
        """Start the coding processes; `partitions` is how many articles.raw has."""
        self._partitions = partitions
        await self._pool.start()

    async def stop(self) -> None:
        """End the coding processes."""
        await self._pool.stop()

    def problem(self) -> str | None:
        """Why articles cannot be coded, if so."""
        return self._pool.problem()

    def subject(self, message: Message) -> bytes:
        """The article, by the key."""
        return key_as_subject(message)

    def prepare(self, message: Message) -> Awaitable[Settlement]:
        """Judge the message and, if it is an article, code it."""
        return self._prepare(message)

    async def _prepare(self, message: Message) -> Settlement:
        match receive(message, self._partitions):
            case Forward(key, partition):
                return _forwarded(message, key, partition)
            case Ignore():
                return lambda _: None
            case Withdraw(key, version):
                return _withdrawn(message, key, version, self._partitions)
            case Code(key, version, received):
                assert message.value is not None
                value = await self._pool.code(message.value, version, received.isoformat())
                return _coded(message, key, version, value)


def _forwarded(message: Message, key: bytes, partition: int) -> Settlement:
    def settle(scope: Scope) -> None:
        timestamp = _stamp(message)
        scope.publish(RAW, key, message.value, message.headers, partition=partition, timestamp=timestamp)
        if message.key is not None:
            # Or the article would stay here for ever, beyond the reach of a later revision or withdrawal at home.
            scope.publish(RAW, key, None, {MOVED: partition}, partition=message.partition, timestamp=timestamp)

    return settle


def _stamp(message: Message) -> int:
    """The timestamp of what follows from a message in its own topic: the day of an article without a date, and no
    business of this machine's clock, by which the broker might refuse it."""
    return max(0, message.timestamp)


def _coded(message: Message, key: bytes, version: Version, value: bytes | None) -> Settlement:
    def settle(scope: Scope) -> None:
        origin = f"{message.topic}:{message.partition}:{message.offset}"
        scope.publish(CODED, key, value, {VERSION: version, ORIGIN: origin})

    return settle


def _withdrawn(message: Message, key: bytes, version: Version, partitions: int) -> Settlement:
    coded = _coded(message, key, version, None)

    def settle(scope: Scope) -> None:
        coded(scope)
        for partition in range(partitions):
            if partition != message.partition:
                # Messages that came there and died are out of the withdrawal's reach, and so are their letters.
                scope.publish(
                    RAW, key, None, {MOVED: message.partition}, partition=partition, timestamp=_stamp(message)
                )

    return settle


_coder: Coder | None = None
"""In a coding process: the coder, with its models loaded."""


def prepare() -> None:
    """Make a coding process ready. The models are loaded here and nowhere in the worker itself."""
    from workers.enrichment.coder import Coder

    global _coder
    _coder = Coder()


def work(article: bytes, version: int, received: str) -> bytes:
    """Code one article in a coding process."""
    assert _coder is not None, "prepare() first"
    raw = decode(RawArticle, article)
    return encode(_coder.code(raw, version=Version(version), received=dt.date.fromisoformat(received)))
