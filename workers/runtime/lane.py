"""A lane: the messages of one task on their way, from Faust's stream to the settled batch, during one assignment.

Messages enter in offset order, may be prepared side by side, and are settled strictly in order. Faust sometimes drops a
message between fetching and the stream (flow control, changes of generation); a lane notices and reads it itself.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from topics.catalogue import Topic
from topics.letters import is_cleared, redriven
from workers.runtime.handler import Message, Scope
from workers.runtime.metrics import MISSED_READ
from workers.runtime.ranges import RangeReader
from workers.runtime.task import Settlement, Task

log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
"""A lane that hears nothing for so long looks whether the topic holds something that it was not given."""


class Agent(Protocol):
    """What a worker runs: a source topic and what to make of each of its messages."""

    name: str
    source: Topic
    window: int
    """Messages on their way at once, over all partitions of a worker."""

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
    __slots__ = ("message", "settlement")

    def __init__(self, message: Message, settlement: Settlement | asyncio.Future[Settlement]) -> None:
        self.message = message
        self.settlement = settlement

    @property
    def ready(self) -> bool:
        return not isinstance(self.settlement, asyncio.Future) or self.settlement.done()

    async def settled(self) -> Settlement:
        if not isinstance(self.settlement, asyncio.Future):
            return self.settlement
        try:
            return await self.settlement
        except Exception as error:  # parked by the task, with this error as the reason
            return _raising(error)


class Lane:
    """One task's queue and loop. `window` bounds what is on its way and is shared by the agent's lanes."""

    def __init__(self, agent: Agent, task: Task, partition: int, window: asyncio.Semaphore, reader: RangeReader,
                 batch: int, on_failure: Callable[[BaseException], None]) -> None:  # fmt: skip
        self._agent = agent
        self._task = task
        self._partition = partition
        self._window = window
        self._reader = reader
        self._batch = batch
        self._on_failure = on_failure
        self._items: deque[_Item] = deque()
        self._arrived = asyncio.Event()
        self._accepting = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._accepted = task.applied
        self._stopped = False
        self._tasks = [
            asyncio.create_task(self._run(self._settle_in_order), name=f"lane {task!r}"),
            asyncio.create_task(self._run(self._watch), name=f"watch {task!r}"),
        ]

    @property
    def position(self) -> int:
        """The offset at which the partition goes on: everything before it is committed."""
        return self._task.applied + 1

    async def accept(self, message: Message, previous: int | None) -> None:
        """Take a message from the stream; returns when there is room for the next one.

        `previous` is the offset that was fetched before this one, None if unknown.
        """
        async with self._accepting:
            if message.offset <= self._accepted:
                return  # delivered again
            if previous is None or previous > self._accepted:
                await self._read_missed(message.offset)
            await self._enqueue(message)

    async def stop(self) -> None:
        """Let the batch that is being settled finish and drop the rest, which will be delivered again."""
        self._stopped = True
        async with self._settling:
            for task in self._tasks:
                task.cancel()
        for item in self._items:
            if isinstance(item.settlement, asyncio.Future):
                item.settlement.cancel()
            self._window.release()  # wakes an accept() that waits for room, which then sees that it is over
        self._items.clear()

    async def _enqueue(self, message: Message) -> None:
        await self._window.acquire()
        if self._stopped:
            self._window.release()
            return
        prepared = self._prepare(message)
        settlement = asyncio.ensure_future(prepared) if inspect.isawaitable(prepared) else prepared
        self._items.append(_Item(message, settlement))
        self._accepted = message.offset
        self._arrived.set()

    def _prepare(self, message: Message) -> Settlement | Awaitable[Settlement]:
        if is_cleared(message):
            return _nothing
        back = redriven(message)
        return self._agent.prepare(message if back is None else back.message)

    async def _read_missed(self, end: int) -> None:
        missed = 0
        async for message in self._reader.read(self._agent.source.name, self._partition, self._accepted + 1, end):
            await self._enqueue(message)
            missed += 1
        if missed:
            MISSED_READ.labels(self._agent.name).inc(missed)
            log.info("%r: read %d messages that were not delivered", self._task, missed)

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

    async def _watch(self) -> None:
        """What is dropped last has no successor to show it: when all is quiet, compare with the topic's end."""
        looked_until = 0
        while True:
            before = self._accepted
            await asyncio.sleep(IDLE_SECONDS)
            if self._items or self._accepted != before:
                continue
            end = await self._reader.end(self._agent.source.name, self._partition)
            if end > max(looked_until, self._accepted + 1):
                async with self._accepting:
                    await self._read_missed(end)
                looked_until = end


def _nothing(_: Scope) -> None:
    pass


def _raising(error: Exception) -> Settlement:
    def settlement(_: Scope) -> None:
        raise error

    return settlement
