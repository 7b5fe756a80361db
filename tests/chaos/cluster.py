"""A broker that can be killed and started again with what it holds, and workers under a supervisor."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from tests.apache_kafka.broker import ApacheKafka
from tests.chaos.points import SPRUNG
from tests.chaos.process import TRAP
from tests.integration.workers import WorkerProcess
from topics.admin import partition_counts
from topics.errors import BrokerError
from workers.runtime.settings import StoreKind

COMMAND = ("tests.chaos.process",)
PATIENCE = 60.0
"""Seconds for a broker to serve."""


class Broker(Protocol):
    """A broker in a process of its own, on a port that it keeps once started."""

    @property
    def address(self) -> str:
        """host:port."""

    async def start(self) -> None:
        """Start it, for the first time or again, and wait until it serves."""

    async def stop(self, *, kill: bool) -> None:
        """End it with -9, or as an operator would."""


class Embedded:
    """The embedded broker with a data directory."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self._arguments = ("broker", "--port", str(port), "--data-dir", str(directory / "broker"))
        self._log = directory / "broker.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "workers.cli", *self._arguments, stdout=log, stderr=log
            )
        async with asyncio.timeout(PATIENCE):
            while not await _serves(self.address):
                await asyncio.sleep(0.1)

    async def stop(self, *, kill: bool) -> None:
        assert self._process is not None, "stop() before start()"
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        await self._process.wait()


class Apache:
    """Apache Kafka itself."""

    def __init__(self, directory: Path) -> None:
        (directory / "kafka").mkdir()
        self._broker = ApacheKafka(directory / "kafka")

    @property
    def address(self) -> str:
        return self._broker.address

    async def start(self) -> None:
        await asyncio.to_thread(self._broker.start)

    async def stop(self, *, kill: bool) -> None:
        await asyncio.to_thread(self._broker.kill if kill else self._broker.stop)


BROKERS: dict[str, Callable[[Path], Broker]] = {"embedded": Embedded, "apache": Apache}


async def _serves(address: str) -> bool:
    try:
        await partition_counts(address)
    except BrokerError:
        return False
    return True


class Slot:
    """A worker's place: its process is started again whenever it ends, until the place is given up."""

    def __init__(self, broker: str, name: str, directory: Path, store: StoreKind) -> None:
        self.name = name
        self.exits: Counter[int] = Counter()
        self._make: Callable[[str], WorkerProcess] = lambda trap: WorkerProcess(
            broker, name, directory, store, command=COMMAND, **{TRAP: trap}
        )
        self.process = self._make("")
        self._trap = ""
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            self.process = self._make(self._trap)
            self._trap = ""
            await self.process.start()
            self.exits[await self.process.ended()] += 1

    @property
    def sprung(self) -> int:
        """How many traps have sprung in its processes, by their log."""
        log = self.process.log
        return log.read_bytes().count(SPRUNG.encode()) if log.exists() else 0

    async def armed(self, trap: str) -> None:
        """Stop it; it starts again with a trap."""
        self._trap = trap
        self.process.signal(signal.SIGTERM)

    async def given_up(self, last: Callable[[WorkerProcess], Awaitable[object]] | None = None) -> None:
        """No more starts; `last` ends what runs, which is killed otherwise."""
        self._keeper.cancel()
        if last is not None:
            await last(self.process)
        self.process.kill()
