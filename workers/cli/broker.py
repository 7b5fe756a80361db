"""`dyads broker`: the embedded broker in the foreground."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.common import DataDir, Fsync
from workers.cli.errors import for_people


@for_people
def broker(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 9092,
    data_dir: DataDir = None,
    fsync: Fsync = "always",
) -> None:
    """Run the embedded broker: one process that speaks the Kafka protocol, on loopback.

    For demos, tests and small work on one machine. Without a data directory what it holds is gone when it ends
    (Ctrl-C).

    Example: `dyads broker --port 9092 --data-dir .dyads/broker`
    """
    asyncio.run(_serve(port, data_dir, fsync))


async def _serve(port: int, data_dir: Path | None, fsync: str) -> None:
    from topics.embedded import EmbeddedBroker, FsyncPolicy

    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with await EmbeddedBroker.start(port, data_dir=data_dir, fsync=FsyncPolicy(fsync)) as embedded:
        typer.echo(f"broker at {embedded.address}, {place(data_dir)}; Ctrl-C ends it")
        failed = asyncio.create_task(embedded.failed())
        await asyncio.wait({failed, asyncio.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()


def place(data_dir: Path | None) -> str:
    """Where a broker keeps what it holds, in words."""
    return "in memory" if data_dir is None else f"on disk in {data_dir}"
