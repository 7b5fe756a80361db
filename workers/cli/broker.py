"""`dyads broker`: the embedded broker in the foreground."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from workers.cli.errors import for_people


@for_people
def broker(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 9092,
) -> None:
    """Run the embedded broker: one process that speaks the Kafka protocol, in memory, on loopback.

    For demos, tests and small work on one machine. What it holds is gone when it ends (Ctrl-C).

    Example: `dyads broker --port 9092`
    """
    asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    from topics.embedded import EmbeddedBroker

    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with await EmbeddedBroker.start(port) as embedded:
        typer.echo(f"broker at {embedded.address}, in memory; Ctrl-C ends it")
        await ended.wait()
