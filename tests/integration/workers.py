"""Worker processes under test: started, killed, paused, resumed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from workers.runtime.engine import EXIT_LOST
from workers.runtime.settings import StoreKind

SESSION_SECONDS = 6.0
"""The shortest that Kafka takes."""
PAUSE_SECONDS = SESSION_SECONDS + 3

RUN = ("workers.cli", "run")


class WorkerProcess:
    """`dyads run` as a process of its own."""

    def __init__(
        self,
        broker: str,
        name: str,
        directory: Path,
        store: StoreKind,
        *,
        command: Sequence[str] = RUN,
        **settings: str,
    ) -> None:
        self.name = name
        self._command = command
        self.log = directory / f"{name}.log"
        self.exits: list[int] = []
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {
            **os.environ,
            "DYADS_BROKER": broker,
            "DYADS_NAME": name,
            "DYADS_DATA_DIR": str(directory),
            "DYADS_STORE": store.value,
            "DYADS_CODERS": "1",
            "DYADS_SESSION_TIMEOUT": str(SESSION_SECONDS),
            "DYADS_HTTP_PORT": "0",
            **settings,
        }

    @property
    def pid(self) -> int:
        """Its process id, while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def stopped(self) -> int | None:
        """Its process id, if it stands still in its tracks."""
        if self._process is None or self._process.returncode is not None:
            return None
        with suppress(OSError):
            state = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0]
            return self._process.pid if state == "T" else None
        return None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._command, env=self._environment, stdout=log, stderr=log
            )

    async def keep(self) -> None:
        """Start it whenever it is not running, as a supervisor would; a wrong exit status fails the test."""
        while True:
            if self._process is None:
                await self.start()
            assert self._process is not None
            status = await self._process.wait()
            self.exits.append(status)
            assert status in (0, EXIT_LOST, -signal.SIGKILL), f"{self.name} ended with {status}: {self.tail()}"
            self._process = None

    async def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        assert self._process is not None
        return await self._process.wait()

    def signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def pause(self) -> None:
        """Stop the process in its tracks until its session is over, then let it go on as a zombie."""
        self.signal(signal.SIGSTOP)
        await asyncio.sleep(PAUSE_SECONDS)
        self.let_go_on()

    def let_go_on(self) -> None:
        self.signal(signal.SIGCONT)

    async def end(self) -> int:
        """Stop it as an operator would; its exit status."""
        self.signal(signal.SIGTERM)
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), 40)

    def kill(self) -> None:
        self.let_go_on()
        self.signal(signal.SIGKILL)

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


async def readiness(http_port: int) -> tuple[int, str]:
    """What a worker answers to /ready; 0 and nothing where nobody answers."""
    try:
        async with aiohttp.request("GET", f"http://127.0.0.1:{http_port}/ready") as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientError:
        return 0, ""


@asynccontextmanager
async def kept(workers: Sequence[WorkerProcess]) -> AsyncIterator[None]:
    """Run the workers, starting each again whenever it ends; kill what is left. Fails as soon as a worker does."""
    try:
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(worker.keep()) for worker in workers]
            yield
            for keeper in keepers:
                keeper.cancel()
    finally:
        for worker in workers:
            worker.kill()


async def dyads(broker: str, *arguments: str) -> tuple[int, str]:
    """Run the command; exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.cli", *arguments,
        env={**os.environ, "DYADS_BROKER": broker, "COLUMNS": "120"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()
