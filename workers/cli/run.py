"""`dyads run`: a worker, or a broker and a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, DataDir, Fsync, settings_with
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from workers.runtime.lane import Agent
    from workers.runtime.settings import Settings

Embedded = Annotated[
    bool, typer.Option("--embedded", help="Start an embedded broker in this process and the worker beside it.")
]
Port = Annotated[int, typer.Option("--port", help="Port of the embedded broker on 127.0.0.1; 0 takes a free one.")]


@for_people
def run(
    broker: Broker = None,
    embedded: Embedded = False,
    port: Port = 9092,
    data_dir: DataDir = None,
    fsync: Fsync = "always",
) -> None:
    """Run a worker until Ctrl-C: it reads articles.raw and keeps the relations tables.

    Start as many as there are partitions, each with a DYADS_NAME of its own. A worker serves /live, /ready and /metrics
    (DYADS_HTTP_PORT). It ends with exit status 75 when another worker took over what it was committing: start it again;
    with 78 when its generation (DYADS_GENERATION) is retired or unknown: do not.

    Example: `dyads run --embedded --data-dir .dyads/broker`
    """
    settings = settings_with(broker=broker)
    if embedded:
        _run_with_broker(port, data_dir, fsync)
    else:
        _run_worker(settings)


def _run_worker(settings: Settings) -> None:
    from workers.enrichment.pool import CodersFailed
    from workers.runtime.engine import EXIT_GENERATION
    from workers.runtime.generation import GenerationClosed
    from workers.runtime.health import PortTaken
    from workers.runtime.worker import TopicsDiffer
    from workers.runtime.worker import run as run_worker

    try:
        run_worker(settings, agents_of(settings))
    except (PortTaken, TopicsDiffer, CodersFailed) as error:
        fail(str(error))
    except GenerationClosed as error:
        fail(str(error), EXIT_GENERATION)


def agents_of(settings: Settings) -> list[Agent]:
    """The agents that the settings name."""
    from workers.aggregation.agent import Aggregate, Relate
    from workers.enrichment.agent import Enrich

    agents: dict[str, Callable[[Settings], Agent]] = {"enrich": Enrich, "relate": Relate, "aggregate": Aggregate}
    return [agents[name](settings) for name in dict.fromkeys(settings.agents.split(","))]


def _run_with_broker(port: int, data_dir: Path | None, fsync: str) -> None:
    import asyncio
    import signal

    from topics.embedded import FsyncPolicy
    from workers.cli.broker import place
    from workers.cli.local import LocalStack

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with LocalStack(port, data_dir=data_dir, fsync=FsyncPolicy(fsync)) as stack:
            typer.echo(f"broker at {stack.address}, {place(data_dir)}; one worker. Ctrl-C stops both.")
            typer.echo("Publish with `dyads produce samples/articles.jsonl`, look with `dyads show`.")
            ended = asyncio.create_task(stack.worker_ended())
            failed = asyncio.create_task(stack.broker_failed())
            waiting = {ended, failed, asyncio.create_task(stop.wait())}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                failed.result()
            if ended.done():
                fail(f"the worker ended with exit status {ended.result()}")

    asyncio.run(until_stopped())
