"""The engine: ties Faust's assignment of partitions to tasks and lanes.

 - A rebalance begins: lanes stop (each finishes the batch it is committing). Their tasks stay open.
 - A rebalance is complete: tasks of partitions that went elsewhere are closed, new ones opened (fenced and restored),
   and the consumer seeks each partition to the offset after its `applied`. Only then do messages flow.

A task kept open over a rebalance is safe: had another worker held its partition in between, that worker would have
fenced it, and its next commit fails.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP
from prometheus_client import REGISTRY

from topics.catalogue import MAX_MESSAGE_BYTES, Cleanup
from topics.headers import unpack
from workers.runtime.handler import Message
from workers.runtime.lane import Agent, Lane
from workers.runtime.metrics import REBALANCES, STALE_DROPPED, TASKS, WORKER, Stand, Stands
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import Settings
from workers.runtime.store import StoreFailed, StoreTaken, open_store
from workers.runtime.task import Lost, OtherRows, Task
from workers.runtime.tracing import Tracing
from workers.runtime.transport import Transport

log = logging.getLogger(__name__)

EXIT_LOST = 75
"""Exit status after a fence or an unknown outcome (EX_TEMPFAIL): start the worker again."""
EXIT_BROKEN = 70
"""Exit status when going on would be wrong and starting again does not help (EX_SOFTWARE)."""
EXIT_GENERATION = 78
"""Exit status when the worker's generation is retired, unknown or another coder's (EX_CONFIG): do not start it again
under these settings."""


class Expired(Exception):
    """Source messages that were never handled are gone from the topic: the tables must be rebuilt."""


class Engine:
    """All tasks and lanes of a worker."""

    def __init__(self, settings: Settings, agents: Sequence[Agent]) -> None:
        self._settings = settings
        self._agents = {agent.source.name: agent for agent in agents}
        self._tasks: dict[TP, Task] = {}
        self._lanes: dict[TP, Lane] = {}
        self._opening = asyncio.Lock()
        self._reader: RangeReader | None = None
        self._cluster = ""
        self._tracing = Tracing.to_collector("dyads-worker", settings.name) if settings.traces else None
        self.ready = False
        self.app = self._faust_app()
        self._metrics = Stands(self._stands)

    def _faust_app(self) -> faust.App:
        settings = self._settings
        app = faust.App(
            settings.group,
            broker=[f"kafka://{address}" for address in settings.broker.split(",")],
            store="memory://",
            datadir=str(settings.worker_dir / "faust"),
            web_enabled=False,  # its table pages serve rows to anyone; runtime/health.py serves what operators need
            topic_disable_leader=True,
            topic_allow_declare=False,
            reply_create_topic=False,
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=settings.session_timeout,
            broker_heartbeat_interval=settings.session_timeout / 10,
            broker_request_timeout=max(40.0, settings.session_timeout),
            broker_commit_interval=1.0,
            broker_max_poll_records=128,
            consumer_max_fetch_size=MAX_MESSAGE_BYTES,  # a smaller one could stop for good at a message of that size
            stream_buffer_maxsize=128,
            stream_wait_empty=False,  # what a rebalance interrupts is delivered again; waiting would be without limit
            stream_recovery_delay=0.0,
            autodiscover=False,
        )
        transport = Transport(app.conf.broker_consumer, app)
        transport.positions = self.positions
        app.transport = transport
        for agent in self._agents.values():
            source = app.topic(
                agent.source.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
            )
            app.agent(source, name=agent.name, concurrency=1)(self._consumer_of(agent))
        app.on_partitions_revoked.connect(self._on_revoked)
        app.on_rebalance_complete.connect(self._on_complete)
        return app

    async def start(self, cluster: str, partitions: Mapping[str, int]) -> None:
        """Before Faust starts. `cluster` identifies the broker's log, so that no store outlives it; `partitions` is how
        many each topic has."""
        self._cluster = cluster
        REGISTRY.register(self._metrics)
        WORKER.labels(self._settings.name, self._settings.group).set(1)
        self._reader = await RangeReader(self._settings.broker).__aenter__()
        for agent in self._agents.values():
            await agent.start(partitions[agent.source.name])

    async def stop(self) -> None:
        """After Faust has stopped: finish what is being committed, give partitions up."""
        self.ready = False
        await self._stop_lanes()
        async with self._opening:
            await asyncio.gather(*(self._close(tp) for tp in list(self._tasks)))
        for agent in self._agents.values():
            await agent.stop()
        if self._reader is not None:
            await self._reader.__aexit__(None)
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.stop)

    def positions(self) -> Mapping[TP, int]:
        """Where each partition goes on that this worker handles."""
        return {tp: lane.position for tp, lane in self._lanes.items()}

    def _stands(self) -> Iterator[Stand]:
        for tp, position in self.positions().items():
            try:
                end = self.app.consumer.highwater(tp)
            except Exception:  # in a rebalance it may just not be the consumer's; each client says so in its own way
                end = None
            yield Stand(self._agents[tp.topic].name, tp.partition, position - 1, end)

    def problems(self) -> list[str]:
        """Why the worker is not ready, if so: for /ready."""
        found = [] if self.ready else ["tasks are not restored yet"]
        return found + [problem for agent in self._agents.values() if (problem := agent.problem())]

    def _consumer_of(self, agent: Agent) -> Callable[[Any], Awaitable[None]]:
        async def consume(stream: Any) -> None:
            await self._consume(agent, stream)

        return consume

    async def _consume(self, agent: Agent, stream: Any) -> None:
        # Faust acks a message when the loop goes on to the next one, which is long before its effect is committed. Its
        # acks decide nothing here: the group is told the lanes' positions (transport.Consumer).
        events: AsyncIterator[Any] = stream.events()
        async for event in events:
            raw = event.message
            lane = self._lanes.get(raw.tp)
            if lane is None or raw.generation_id != self.app.consumer_generation_id:
                STALE_DROPPED.labels(agent.name).inc()  # of an earlier assignment; the seek brings it again
                continue
            previous = self.app.consumer.chain.previous(raw.tp, raw.offset)
            try:
                await lane.accept(_message(raw), previous)
            except Exception as error:
                self.fail(error)

    async def _on_revoked(self, _app: Any, _revoked: set[TP], **_: Any) -> None:
        self.ready = False
        await self._stop_lanes()

    async def _stop_lanes(self) -> None:
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.stop() for lane in lanes.values()))

    async def _on_complete(self, app: Any, **_: Any) -> None:
        try:
            async with self._opening:
                await self._take_on(app)
        except Exception as error:
            self.fail(error)

    async def _take_on(self, app: Any) -> None:
        generation = app.consumer_generation_id
        assigned = {TP(*tp) for tp in app.consumer.assignment() if tp[0] in self._agents}
        await asyncio.gather(*(self._close(tp) for tp in set(self._tasks) - assigned))
        await asyncio.gather(*(self._open(tp) for tp in assigned - set(self._tasks)))
        if generation != app.consumer_generation_id:
            return  # another rebalance began meanwhile; its completion comes here again
        await self._stop_lanes()
        windows = {agent.name: asyncio.Semaphore(agent.window) for agent in self._agents.values()}
        assert self._reader is not None, "the engine is started before Faust"
        for tp in sorted(assigned):
            agent = self._agents[tp.topic]
            window = windows[agent.name] if agent.window_is_shared else asyncio.Semaphore(agent.window)
            self._lanes[tp] = Lane(agent, self._tasks[tp], tp.partition, window, self._reader,
                                   self._settings.batch, self.fail, self._tracing)  # fmt: skip
        for agent in self._agents.values():
            TASKS.labels(agent.name).set(sum(tp.topic == agent.source.name for tp in assigned))
        REBALANCES.inc()
        self.ready = True
        log.info("assigned: %s", ", ".join(f"{tp.topic}[{tp.partition}]" for tp in sorted(assigned)) or "nothing")

    async def _open(self, tp: TP) -> None:
        agent = self._agents[tp.topic]
        store = open_store(
            self._settings.store, self._settings.worker_dir / f"{agent.name}-{tp.partition}", self._cluster
        )
        task = Task(self._settings, agent.name, tp.partition, store, agent.subject)
        async with RangeReader(self._settings.broker) as reader:
            await task.open(reader)
            beginning = await reader.beginning(tp.topic, tp.partition)
        if agent.source.cleanup is Cleanup.DELETE and beginning > task.applied + 1:
            raise Expired(
                f"{tp.topic}[{tp.partition}] begins at {beginning}, but {agent.name} came only to {task.applied}"
            )
        self._tasks[tp] = task

    async def _close(self, tp: TP) -> None:
        await self._tasks.pop(tp).close()

    def fail(self, error: BaseException) -> None:
        """End the process at once: after an unknown outcome nothing may follow."""
        if isinstance(error, Lost):
            log.critical("lost: %s; starting again is safe", error)
            status = EXIT_LOST
        elif isinstance(error, KafkaError):
            log.critical("the broker cannot be worked with: %s; starting again is safe", error)
            status = EXIT_LOST
        elif isinstance(error, Expired | OtherRows):
            log.critical("%s; rebuild the tables (docs/operators.md)", error)
            status = EXIT_BROKEN
        elif isinstance(error, StoreFailed | StoreTaken):
            log.critical("%s", error)
            status = EXIT_LOST
        else:
            log.critical("worker failed", exc_info=error)
            status = EXIT_LOST
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _message(raw: Any) -> Message:
    return Message(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp=round(raw.timestamp * 1000),
        key=raw.key,
        value=raw.value,
        headers=unpack(raw.headers.items() if hasattr(raw.headers, "items") else raw.headers),
    )
