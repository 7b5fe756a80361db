"""The three agents of the project as the model runs them: the real ones, with a coder that reads events off a text."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import msgspec

from models import CodedArticle, Event, RawArticle, Version
from tests.runtime.model.broker import Place
from topics.catalogue import state_topic
from topics.codec import decode, encode
from topics.message import Message
from workers.aggregation.agent import Aggregate, Relate
from workers.enrichment.agent import Enrich
from workers.runtime import lane
from workers.runtime.handler import Reject, Settlement
from workers.runtime.overlay import Overlay
from workers.runtime.settings import Settings
from workers.runtime.store import MemoryStore
from workers.runtime.task import Task

PARTITIONS = 2
"""Of every topic. Two, so that an article can come to the wrong one."""
SETTINGS = Settings()


def code(value: bytes, version: Version) -> CodedArticle:
    """What the model's coder makes of an article, whose text is its events in JSON."""
    raw = decode(RawArticle, value)
    return CodedArticle(
        id=raw.id,
        version=version,
        language="ru",
        coder="model/1",
        depth=("frames",),
        events=msgspec.json.decode(raw.text, type=tuple[Event, ...]),
        source=raw.source,
    )


class _Pool:
    """Stands where the coding processes are."""

    async def code(self, value: bytes, version: int, received: str) -> bytes:
        return encode(code(value, Version(version)))


class _Upkeep:
    """Stands where it is asked which generation keeps articles.raw: the model has one."""

    async def is_ours(self, message: Message) -> bool:
        return True


class Agent:
    """An agent: its topics, and what handling comes to."""

    def __init__(self, agent: Enrich | Relate | Aggregate) -> None:
        self.name = agent.name
        self._agent = agent
        # For its fold alone: it is never opened, so it never meets a broker.
        self._task = Task(SETTINGS, agent.name, 0, MemoryStore())

    def source(self, partition: int) -> Place:
        return Place(self._agent.source.name, partition)

    def state(self, partition: int) -> Place:
        return Place(state_topic(self.name).name, partition)

    def prepare(self, message: Message) -> Settlement:
        """What the message comes to: nothing that an agent waits for takes time here."""
        prepared = self._agent.prepare(message)
        if not inspect.isawaitable(prepared):
            return prepared
        try:
            prepared.__await__().send(None)
        except StopIteration as done:
            return done.value
        except Reject as reject:
            return lane._raising(reject)
        raise AssertionError("an agent waited")

    def fold(self, store: MemoryStore, messages: Sequence[Message]) -> Overlay:
        """Step 4 of the task's order, by the task's own fold."""
        overlay = Overlay(store.get)
        for message in messages:
            overlay.take(self._task._fold(message, self.prepare(message), overlay))
        return overlay


def agents() -> list[Agent]:
    """enrich, relate and aggregate, in the order of a message's way."""
    enrich = Enrich(SETTINGS)
    enrich._pool = _Pool()
    enrich._upkeep = _Upkeep()
    enrich._partitions = PARTITIONS
    return [Agent(enrich), Agent(Relate(SETTINGS)), Agent(Aggregate(SETTINGS))]
