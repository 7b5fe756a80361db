"""The agent enrich: articles.raw -> articles.coded.

Articles are coded side by side in a pool of processes and settled strictly in offset order. Nothing is kept from
article to article, so the agent's state is only how far it has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from models import RawArticle, Version
from topics.catalogue import CODED, RAW, Topic
from topics.codec import decode, encode
from topics.generations import generations
from topics.headers import MOVED, ORIGIN, VERSION
from workers.enrichment.intake import Code, Forward, Ignore, Withdraw, receive
from workers.enrichment.pool import CodingPool
from workers.enrichment.upkeep import Upkeep
from workers.enrichment.version import CODER
from workers.runtime.generation import GenerationClosed
from workers.runtime.handler import Message, Scope, Settlement
from workers.runtime.letters import key_as_subject
from workers.runtime.settings import Settings

if TYPE_CHECKING:
    from workers.enrichment.coder import Coder


def own_coder() -> Coder:
    """The project's coder, with its models loaded."""
    from workers.enrichment.coder import Coder

    return Coder()


class Enrich:
    """The agent, to be run by `workers.runtime.worker.run`.

    `make_coder` makes the coder in each coding process, which imports it by its name; `coder` is the name and version
    that it writes into what it codes.
    """

    name = "enrich"
    source: Topic = RAW

    def __init__(self, settings: Settings, make_coder: Callable[[], Coder] = own_coder, coder: str = CODER) -> None:
        self.window = settings.window
        self.window_is_shared = True  # the coding processes are
        self._settings = settings
        self._coder = coder
        ready = partial(prepare, make_coder)
        self._pool = CodingPool(work, ready, settings.coding_processes, settings.article_timeout)
        self._upkeep = Upkeep(settings)
        self._partitions = 0

    async def start(self, partitions: int) -> None:
        """Start the coding processes; `partitions` is how many articles.raw has. Raises `GenerationClosed`."""
        self._partitions = partitions
        record = (await generations(self._settings.broker)).record(self._settings.generation)
        if record and record.coder not in (None, self._coder):
            raise GenerationClosed(
                f"generation {record.number} is coded by {record.coder}, and this worker has {self._coder}: no table "
                "mixes two coders; `dyads replay start` begins a generation for this one"
            )
        await self._upkeep.start()
        await self._pool.start()

    async def stop(self) -> None:
        """End the coding processes."""
        await self._pool.stop()
        await self._upkeep.stop()

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
            case Forward(key, home):
                return _forwarded(message, key, home) if await self._upkeep.is_ours(message) else _nothing
            case Ignore():
                return _nothing
            case Withdraw(key, version):
                coded = _coded(message, key, version, None)
                return (
                    _withdrawn(message, key, coded, self._partitions) if await self._upkeep.is_ours(message) else coded
                )
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


def _nothing(_: Scope) -> None: ...


def _withdrawn(message: Message, key: bytes, coded: Settlement, partitions: int) -> Settlement:
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


def prepare(make_coder: Callable[[], Coder] = own_coder) -> None:
    """Make a coding process ready. The models are loaded here and nowhere in the worker itself."""
    global _coder
    _coder = make_coder()


def work(article: bytes, version: int, received: str) -> bytes:
    """Code one article in a coding process."""
    assert _coder is not None, "prepare() first"
    raw = decode(RawArticle, article)
    return encode(_coder.code(raw, version=Version(version), received=dt.date.fromisoformat(received)))
