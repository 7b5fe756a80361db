"""The write path broken on purpose, one rule at a time. A test that lets any of these pass proves nothing.

`become("no-fencing")` is called in the worker's own process before it starts.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faust.transport.drivers import aiokafka as driver

from topics.message import Message
from workers.runtime import ranges, task, transport
from workers.runtime.lane import Lane
from workers.runtime.overlay import Overlay
from workers.runtime.task import APPLIED, Lost, Task

COMMIT_INTERVAL = 1.0
"""Seconds between Faust's commits of what was acked."""


def no_fencing() -> None:
    """Every holder has a transactional id of its own: a zombie's commit is as good as its successor's."""
    real = AIOKafkaProducer

    def producer(*, transactional_id: str, **settings: Any) -> AIOKafkaProducer:
        return real(transactional_id=f"{transactional_id}-{uuid.uuid4().hex}", **settings)

    task.AIOKafkaProducer = producer


def ack_before_commit() -> None:
    """The group is told of messages when they are taken, and its offsets decide where a partition goes on."""
    commit, accept = Task._commit, Lane.accept

    def taken(self: Lane) -> int:
        return self._accepted + 1

    async def late(self: Task, overlay: Overlay) -> int:
        await asyncio.sleep(1.5 * COMMIT_INTERVAL)  # what was taken is told to the broker meanwhile
        return await commit(self, overlay)

    async def trusting(self: Lane, message: Message, _: int | None) -> None:
        await accept(self, message, self._accepted)  # nothing can be missing before it

    Lane.position = property(taken)  # type: ignore[method-assign,assignment]
    Lane.accept = trusting  # type: ignore[method-assign]
    Task._commit = late  # type: ignore[method-assign]
    transport.Consumer.seek_to_committed = driver.Consumer.seek_to_committed  # type: ignore[method-assign]


def store_before_commit() -> None:
    """The local store is written first, so it may hold what never comes to be."""
    commit = Task._commit

    async def hasty(self: Task, overlay: Overlay) -> int:
        self._store.write(overlay.rows, self._store.position)
        return await commit(self, overlay)

    Task._commit = hasty  # type: ignore[method-assign]


def applied_outside() -> None:
    """`@applied` is written after the transaction, in a message of its own."""
    commit = Task._commit

    async def parted(self: Task, overlay: Overlay) -> int:
        applied = overlay.rows.pop(APPLIED)
        position = await commit(self, overlay)
        await _send_plainly(self, APPLIED, applied)
        overlay.rows[APPLIED] = applied
        return position

    Task._commit = parted  # type: ignore[method-assign]


def uncommitted_readers() -> None:
    """Rows are restored from whatever stands in the topic."""
    real = AIOKafkaConsumer

    def consumer(**settings: Any) -> AIOKafkaConsumer:
        return real(**{**settings, "isolation_level": "read_uncommitted"})

    ranges.AIOKafkaConsumer = consumer


def guard_per_row() -> None:
    """No transaction: the rows say which message was handled last, and are written before what is published."""

    async def bare(self: Task, overlay: Overlay) -> int:
        producer = self._producer
        assert producer is not None
        written = [await _send_plainly(self, row, held) for row, held in overlay.rows.items()]
        try:
            await producer.begin_transaction()
            for topic, key, value, headers, partition, timestamp in overlay.outbox:
                await producer.send(topic, value, key, partition, timestamp, headers)
            await producer.commit_transaction()
        except Exception as error:
            raise Lost(str(error)) from error
        return 1 + max(written)

    Task._commit = bare  # type: ignore[method-assign]


async def _send_plainly(self: Task, key: bytes, value: bytes | None) -> int:
    async with AIOKafkaProducer(bootstrap_servers=self._settings.broker) as producer:
        record = await producer.send_and_wait(self._state, key=key, value=value, partition=self._partition)
    return int(record.offset)


MUTANTS: dict[str, tuple[Callable[[], None], str, str]] = {
    "no-fencing": (no_fencing, "before-commit", "pause"),
    "ack-before-commit": (ack_before_commit, "before-commit", "kill"),
    "store-before-commit": (store_before_commit, "before-commit", "kill"),
    "applied-outside": (applied_outside, "after-commit", "kill"),
    "uncommitted-readers": (uncommitted_readers, "before-commit", "kill"),
    "guard-per-row": (guard_per_row, "before-commit", "kill"),
}
"""How each becomes so, and the trap that shows it: the point and the action."""


def become(mutant: str) -> None:
    """Break this process's write path."""
    MUTANTS[mutant][0]()
