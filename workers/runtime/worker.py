"""A worker process from start to end: wait for the broker, check the topics, run the agents, stop on a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Sequence

import uvloop
from aiokafka.errors import KafkaError

from topics.admin import cluster_id, require
from topics.catalogue import CATALOGUE, DEAD, state_topic
from topics.errors import Unreachable
from workers.runtime.engine import Engine
from workers.runtime.generation import check_open, until_retired
from workers.runtime.health import Health
from workers.runtime.lane import Agent
from workers.runtime.logs import set_up_log
from workers.runtime.pulse import Pulse
from workers.runtime.settings import Settings

log = logging.getLogger(__name__)

BROKER_PATIENCE = 60.0
"""Seconds to wait for a broker that does not answer yet; Faust itself would exit at once."""

STOP_PATIENCE = 15.0
"""Seconds for a clean stop; Faust may wait for a broker that is gone."""


class TopicsDiffer(Exception):
    """An agent's state topic has another number of partitions than its source."""


def run(settings: Settings, agents: Sequence[Agent]) -> None:
    """Run a worker until SIGTERM or SIGINT. Raises `GenerationClosed`, `TopicsDiffer`, `PortTaken`, `BrokerError`.

    A worker that loses a partition in the middle of a batch ends its process with exit status 75 at once.
    """
    set_up_log(settings.log_level, settings.log_format)
    settings.worker_dir.mkdir(parents=True, exist_ok=True)
    uvloop.run(_run(settings, agents))


async def _run(settings: Settings, agents: Sequence[Agent]) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    engine = Engine(settings, agents)
    pulse = Pulse(settings.broker, settings.session_timeout)

    def problems() -> list[str]:
        stopping = "stopping" if stop.is_set() else None
        return [problem for problem in (stopping, pulse.problem()) if problem] + engine.problems()

    async with Health(settings.http_host, settings.http_port, problems), pulse:
        stopping = asyncio.create_task(stop.wait())
        fit = asyncio.create_task(_broker_is_fit(settings, agents))
        await asyncio.wait({fit, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            fit.cancel()
            return
        cluster, partitions = fit.result()
        try:
            await engine.start(cluster, partitions)
            log.info("worker %s of %s at %s", settings.name, settings.group, settings.broker)
            await engine.app.start()
            ended = asyncio.create_task(engine.app.wait_until_stopped())
            retired = asyncio.create_task(until_retired(settings))
            await asyncio.wait({ended, retired, stopping}, return_when=asyncio.FIRST_COMPLETED)
        except (KafkaError, Unreachable) as error:
            engine.fail(error)
        log.info("stopping")
        await _stopped(engine)
        if retired.done():
            retired.result()
        retired.cancel()
        if engine.app.crash_reason is not None:
            engine.fail(engine.app.crash_reason)


async def _stopped(engine: Engine) -> None:
    """Stop cleanly, or after `STOP_PATIENCE` not: what is not committed then is done again by the next worker."""

    async def stop() -> None:
        await engine.app.stop()
        await engine.stop()

    stopping = asyncio.create_task(stop())
    _, late = await asyncio.wait({stopping}, timeout=STOP_PATIENCE)  # not cancelled: Faust catches that and waits on
    if late:
        log.warning("not stopped after %.0f s: leaving as it is", STOP_PATIENCE)
        logging.shutdown()
        os._exit(0)
    stopping.result()


async def _broker_is_fit(settings: Settings, agents: Sequence[Agent]) -> tuple[str, dict[str, int]]:
    """Wait for the broker and check its topics; the cluster's id, and how many partitions each topic has.

    Raises `GenerationClosed`, `TopicsDiffer`, `MissingTopics`, `Unreachable`.
    """
    await _patiently(settings.broker)
    await check_open(settings)
    dead = DEAD.of(settings.generation).name
    pairs = [(agent.source.name, state_topic(agent.name).of(settings.generation).name) for agent in agents]
    written = {topic.of(settings.generation).name for topic in CATALOGUE if topic.writer in {a.name for a in agents}}
    partitions = await _patiently(settings.broker, dead, *written, *(name for pair in pairs for name in pair))
    for source, state in pairs:
        if partitions[dead] < partitions[source]:
            raise TopicsDiffer(
                f"{source} has {partitions[source]} partitions and {dead} only {partitions[dead]}: a letter lies in "
                "the partition of the number that its message came from"
            )
        if partitions[source] != partitions[state]:
            raise TopicsDiffer(
                f"{source} has {partitions[source]} partitions and {state} {partitions[state]}; they must be equal, "
                "and partitions are never added (docs/operators.md, More partitions)"
            )
    return await cluster_id(settings.broker), partitions


async def _patiently(address: str, *topics: str) -> dict[str, int]:
    """Partitions of the topics, once the broker answers. Raises `MissingTopics`, `Unreachable` when patience ends."""
    deadline = time.monotonic() + BROKER_PATIENCE
    delay = 0.1
    while True:
        try:
            return await require(address, *topics)
        except Unreachable as error:
            if time.monotonic() > deadline:
                raise
            log.info("waiting: %s", error)
        await asyncio.sleep(delay)
        delay = min(2 * delay, 2.0)
