"""Points of the write path at which a worker can be made to die, to stand still, or to lose an answer.

`arm("before-commit", "kill", 3)` is called in the worker's own process before it starts: it puts a trap into the
running code, around the real functions. On the third passing the trap writes a line to standard error and springs.

    mid-transaction  rows of a batch are written, and nothing that it publishes
    before-commit    all of a batch is written, nothing is committed
    commit-sent      the request to commit has left; the answer may come or not
    after-commit     committed, and the store does not know yet
    after-store      in the store, and no message is acked yet
    restore          rows of the state topic are being read
    revoke           a rebalance takes the partitions away
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection

from workers.runtime.lane import Lane
from workers.runtime.task import Task


class Action(StrEnum):
    """What a trap does to its process."""

    KILL = "kill"
    """SIGKILL."""
    PAUSE = "pause"
    """SIGSTOP; whoever started the process lets it go on later, as a zombie."""
    LOSE = "lose"
    """The connection breaks: the caller gets an error instead of an answer."""


class Trap:
    """Springs on the n-th passing."""

    def __init__(self, point: str, action: Action, nth: int) -> None:
        self._name = point
        self._action = action
        self._left = nth

    def passed(self) -> None:
        self._left -= 1
        if self._left:
            return
        os.write(2, f"{SPRUNG} {self._name} {self._action}\n".encode())
        if self._action is Action.LOSE:
            raise ConnectionError("the answer was lost")
        os.kill(os.getpid(), signal.SIGKILL if self._action is Action.KILL else signal.SIGSTOP)


SPRUNG = "trap sprung:"
_COMMIT_ON_ITS_WAY = 0.002
"""Seconds after which what was written to a connection has left the process."""

Place = Callable[[Trap], None]


def _before_or_after(owner: Any, name: str, *, before: bool) -> Place:
    """A place before, or after, a coroutine method."""
    real: Callable[..., Awaitable[Any]] = getattr(owner, name)

    def put(trap: Trap) -> None:
        @wraps(real)
        async def trapped(*args: Any, **kwargs: Any) -> Any:
            if before:
                trap.passed()
            result = await real(*args, **kwargs)
            if not before:
                trap.passed()
            return result

        setattr(owner, name, trapped)

    return put


def _mid_transaction(trap: Trap) -> None:
    real = AIOKafkaProducer.send_batch

    async def send_batch(self: AIOKafkaProducer, batch: Any, topic: str, **kwargs: Any) -> Any:
        sent = await real(self, batch, topic, **kwargs)
        if topic.endswith(".state"):
            await asyncio.wait([sent])  # the rows are written, and nothing that is published
            trap.passed()
        return sent

    AIOKafkaProducer.send_batch = send_batch


def _commit_sent(trap: Trap) -> None:
    real = AIOKafkaConnection.send

    def send(self: AIOKafkaConnection, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = real(self, request, *args, **kwargs)
        if type(request).__name__.startswith("EndTxn"):
            asyncio.get_running_loop().call_later(_COMMIT_ON_ITS_WAY, trap.passed)
        return answer

    AIOKafkaConnection.send = send


def _restore(trap: Trap) -> None:
    real = Task._restore

    class Reading:
        """A reader that passes the trap at every message."""

        def __init__(self, reader: Any) -> None:
            self._reader = reader
            self.end = reader.end

        async def read(self, *args: Any) -> AsyncIterator[Any]:
            async for message in self._reader.read(*args):
                trap.passed()
                yield message

    async def restore(self: Task, reader: Any) -> int:
        return await real(self, Reading(reader))

    Task._restore = restore  # type: ignore[method-assign,assignment]


POINTS: dict[str, tuple[Place, tuple[Action, ...]]] = {
    "mid-transaction": (_mid_transaction, tuple(Action)),
    "before-commit": (_before_or_after(AIOKafkaProducer, "commit_transaction", before=True), tuple(Action)),
    "commit-sent": (_commit_sent, (Action.KILL, Action.PAUSE)),
    "after-commit": (_before_or_after(AIOKafkaProducer, "commit_transaction", before=False), tuple(Action)),
    "after-store": (_before_or_after(Task, "settle", before=False), (Action.KILL, Action.PAUSE)),
    "restore": (_restore, (Action.KILL, Action.PAUSE)),
    "revoke": (_before_or_after(Lane, "stop", before=True), (Action.KILL, Action.PAUSE)),
}
"""Where a trap can be put, how, and what it may do there. An answer can only be lost where one is waited for."""


def arm(point: str, action: Action, nth: int) -> None:
    """Put a trap into this process."""
    place, actions = POINTS[point]
    if action not in actions:
        raise ValueError(f"nothing to {action} at {point}")
    place(Trap(point, action, nth))
