"""A lane: the messages of one task on their way, from Faust's stream to the settled batch, during one assignment.

Messages enter in offset order, may be prepared side by side, and are settled strictly in order. A lane that has no room
lets what the stream brings pass by and reads it from the topic when it has: one stream carries all of a worker's
partitions, and must not stand still for one of them. So too for what Faust drops between fetching and the stream (flow
control, changes of generation): a lane notices and reads it itself.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from topics.catalogue import Topic
from topics.letters import is_cleared, redriven
from workers.runtime.handler import Message, Scope, Settlement
from workers.runtime.metrics import READ_BY_LANE
from workers.runtime.ranges import RangeReader
from workers.runtime.task import Task
from workers.runtime.tracing import Traced, Tracing

if TYPE_CHECKING:
    from opentelemetry.trace import Span

IDLE_SECONDS = 5.0
"""A lane that hears nothing for so long looks whether the topic holds something that it was not given."""


class Agent(Protocol):
    """What a worker runs: a source topic and what to make of each of its messages."""

    name: str
    source: Topic
    window: int
    """Messages on their way at once, over all partitions of a worker; of each where `window_is_shared` is false."""
    window_is_shared: bool

    def prepare(self, message: Message) -> Settlement | Awaitable[Settlement]:
        """What the message comes to. An awaitable may take its time; its neighbours are prepared meanwhile."""

    def subject(self, message: Message) -> bytes:
        """What the message is about, of any message whatever, as the key of its dead letter.

        When a later message about the same is handled, the letter is of no use any more and is taken away.
        """

    async def start(self, partitions: int) -> None:
        """Called once, before the first message; `partitions` is how many the source topic has."""

    async def stop(self) -> None:
        """Called once, after the last message."""

    def problem(self) -> str | None:
        """Why the agent cannot work now, if so; part of /ready."""


class _Item:
    __slots__ = ("message", "settlement", "span")

    def __init__(
        self, message: Message, settlement: Settlement | asyncio.Future[Settlement], span: Span | None = None
    ) -> None:
        self.message = message
        self.settlement = settlement
        self.span = span

    @property
    def ready(self) -> bool:
        return not isinstance(self.settlement, asyncio.Future) or self.settlement.done()

    async def settled(self) -> Settlement:
        settlement = await self._outcome()
        return settlement if self.span is None else Traced(settlement, self.span)

    async def _outcome(self) -> Settlement:
        if not isinstance(self.settlement, asyncio.Future):
            return self.settlement
        try:
            return await self.settlement
        except Exception as error:  # parked by the task, with this error as the reason
            return _raising(error)


class Lane:
    """One task's queue and loop. `window` bounds what is on its way; the agent's lanes may share it."""

    def __init__(self, agent: Agent, task: Task, partition: int, window: asyncio.Semaphore, reader: RangeReader,
                 batch: int, on_failure: Callable[[BaseException], None],
                 tracing: Tracing | None = None) -> None:  # fmt: skip
        self._agent = agent
        self._task = task
        self._partition = partition
        self._window = window
        self._reader = reader
        self._batch = batch
        self._on_failure = on_failure
        self._tracing = tracing
        self._items: deque[_Item] = deque()
        self._arrived = asyncio.Event()
        self._behind = asyncio.Event()
        self._settling = asyncio.Lock()
        self._accepted = self._seen = task.applied
        self._tasks = [
            asyncio.create_task(self._run(self._settle_in_order), name=f"lane {task!r}"),
            asyncio.create_task(self._run(self._read_on), name=f"read {task!r}"),
        ]

    @property
    def position(self) -> int:
        """The offset at which the partition goes on: everything before it is committed."""
        return self._task.applied + 1

    async def accept(self, message: Message, previous: int | None) -> None:
        """Take a message from the stream, or let it pass by for now; never waits.

        `previous` is the offset that was fetched before this one, None if unknown.
        """
        self._seen = max(self._seen, message.offset)
        if message.offset <= self._accepted or self._behind.is_set():
            return
        if previous is None or previous > self._accepted or self._window.locked():
            self._behind.set()
        else:
            await self._enqueue(message)

    async def stop(self) -> None:
        """Let the batch that is being settled finish and drop the rest, which will be delivered again."""
        async with self._settling:
            for task in self._tasks:
                task.cancel()
        for item in self._items:
            if isinstance(item.settlement, asyncio.Future):
                item.settlement.cancel()
            self._window.release()
        self._items.clear()

    async def _enqueue(self, message: Message) -> None:
        await self._window.acquire()
        span = self._tracing.handling(self._agent.name, message) if self._tracing else None
        prepared = self._prepare(message)
        settlement = asyncio.ensure_future(prepared) if inspect.isawaitable(prepared) else prepared
        self._items.append(_Item(message, settlement, span))
        self._accepted = message.offset
        self._arrived.set()

    def _prepare(self, message: Message) -> Settlement | Awaitable[Settlement]:
        if is_cleared(message):
            return _nothing
        back = redriven(message)
        return self._agent.prepare(message if back is None else back.message)

    async def _run(self, loop: Callable[[], Awaitable[None]]) -> None:
        try:
            await loop()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._on_failure(error)

    async def _settle_in_order(self) -> None:
        while True:
            if not self._items:
                self._arrived.clear()
                await self._arrived.wait()
            await self._items[0].settled()  # the head decides; those behind it may be ready long before
            async with self._settling:
                await self._settle_ready()

    async def _settle_ready(self) -> None:
        items: list[_Item] = []
        while self._items and len(items) < self._batch and self._items[0].ready:
            items.append(self._items.popleft())
        await self._task.settle([(item.message, await item.settled()) for item in items])
        for _ in items:
            self._window.release()

    async def _read_on(self) -> None:
        """Read what passed by. What is dropped last has no successor to show it: when all is quiet, look at the end."""
        while True:
            before = self._accepted
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._behind.wait()
            if self._behind.is_set():
                await self._read_until(self._seen + 1)
            elif not self._items and self._accepted == before:
                end = await self._reader.end(self._agent.source.name, self._partition)
                if end > self._accepted + 1:
                    await self._read_until(end)
                    await self._reach(end - 1)

    async def _reach(self, offset: int) -> None:
        """All before `offset` is read; if nothing of it is on its way, nothing is left to handle there."""
        async with self._settling:
            if not self._items and offset > self._accepted:
                self._accepted = offset
                await self._task.advance(offset)

    async def _read_until(self, end: int) -> None:
        self._behind.set()
        source = self._agent.source.name
        while self._accepted + 1 < end:
            async for message in self._reader.read(source, self._partition, self._accepted + 1, end, beyond=True):
                await self._enqueue(message)
                READ_BY_LANE.labels(self._agent.name).inc()
            end = self._seen + 1 if self._seen >= end else 0  # more may have passed by meanwhile
        self._behind.clear()


def _nothing(_: Scope) -> None:
    pass


def _raising(error: Exception) -> Settlement:
    def settlement(_: Scope) -> None:
        raise error

    return settlement
