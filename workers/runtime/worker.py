"""A worker process from start to end: wait for the broker, check the topics, run the agents, stop on a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Sequence

import uvloop
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from topics.catalogue import state_topic
from workers.runtime.engine import Engine
from workers.runtime.health import Health
from workers.runtime.lane import Agent
from workers.runtime.settings import Settings

log = logging.getLogger(__name__)

BROKER_PATIENCE = 60.0
"""Seconds to wait for a broker that does not answer yet; Faust itself would exit at once."""

STOP_PATIENCE = 15.0
"""Seconds for a clean stop; Faust may wait for a broker that is gone."""


class TopicsMissing(Exception):
    """The broker lacks topics, or an agent's state topic has another number of partitions than its source."""


def run(settings: Settings, agents: Sequence[Agent]) -> None:
    """Run a worker until SIGTERM or SIGINT. Raises `TopicsMissing`, `PortTaken`, `KafkaError`.

    A worker that loses a partition in the middle of a batch ends its process with exit status 75 at once.
    """
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for noisy in ("faust", "mode", "aiokafka", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    settings.worker_dir.mkdir(parents=True, exist_ok=True)
    uvloop.run(_run(settings, agents))


async def _run(settings: Settings, agents: Sequence[Agent]) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    engine = Engine(settings, agents)
    async with Health(settings.http_host, settings.http_port, engine.problems):
        cluster, partitions = await _broker_is_fit(settings, agents)
        await engine.start(cluster, partitions)
        log.info("worker %s of %s at %s", settings.name, settings.app_id, settings.broker)
        await engine.app.start()
        ended = asyncio.create_task(engine.app.wait_until_stopped())
        await asyncio.wait({ended, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        await _stopped(engine)
        if engine.app.crash_reason is not None:
            raise engine.app.crash_reason


async def _stopped(engine: Engine) -> None:
    """Stop cleanly, or after `STOP_PATIENCE` not: what is not committed then is done again by the next worker."""
    try:
        async with asyncio.timeout(STOP_PATIENCE):
            await engine.app.stop()
            await engine.stop()
    except TimeoutError:
        log.warning("not stopped after %.0f s: leaving as it is", STOP_PATIENCE)
        logging.shutdown()
        os._exit(0)


async def _broker_is_fit(settings: Settings, agents: Sequence[Agent]) -> tuple[str, dict[str, int]]:
    """Wait for the broker and check its topics; the cluster's id, and how many partitions each topic has.

    Raises `TopicsMissing`, `KafkaError`.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.broker)
    await _started(admin, settings.broker)
    try:
        described = await admin.describe_topics()
        partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
        for agent in agents:
            for topic in (agent.source, state_topic(agent.name)):
                if topic.name not in partitions:
                    raise TopicsMissing(f"{topic.name} is not at {settings.broker}: run `dyads topics create`")
            if partitions[agent.source.name] != partitions[state_topic(agent.name).name]:
                raise TopicsMissing(
                    f"{agent.source.name} has {partitions[agent.source.name]} partitions, its state topic "
                    f"{partitions[state_topic(agent.name).name]}: they must be equal"
                )
        cluster = await admin.describe_cluster()
        return str(cluster.get("cluster_id") or ""), partitions
    finally:
        await admin.close()


async def _started(admin: AIOKafkaAdminClient, broker: str) -> None:
    deadline = asyncio.get_running_loop().time() + BROKER_PATIENCE
    delay = 0.1
    while True:
        try:
            await admin.start()
            return
        except (KafkaError, OSError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.info("waiting for the broker at %s (%s)", broker, error)
            await asyncio.sleep(delay)
            delay = min(2 * delay, 2.0)
