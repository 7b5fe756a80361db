"""A whole Dyads on one machine: an embedded broker in this process, and one worker in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import IO, NoReturn, Self

from topics.admin import create
from topics.catalogue import catalogue
from topics.embedded import EmbeddedBroker, FsyncPolicy
from topics.generations import generations
from workers.runtime.engine import EXIT_LOST
from workers.runtime.settings import Settings

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def _end_with_parent() -> None:
    """In the worker's process: it is killed, which is safe, when this one is. Left behind it would hold its port, and
    the next `dyads run` could not start another. Only Linux knows this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class LocalStack:
    """An async context manager: broker, topics, worker. The worker is started again when it says that it should be.

    The broker is in memory unless it is given a data directory. `log` receives what the worker logs; by default it goes
    to standard error. `environment` is added to the worker's.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        data_dir: Path | None = None,
        fsync: FsyncPolicy = FsyncPolicy.ALWAYS,
        log: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._port = port
        self._data_dir = data_dir
        self._fsync = fsync
        self._log_path = log
        self._log: IO[bytes] | None = None
        self._environment = environment or {}
        self._broker: EmbeddedBroker | None = None
        self._worker: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[int] | None = None

    @property
    def address(self) -> str:
        """Where the broker is, host:port."""
        assert self._broker is not None, "not started"
        return self._broker.address

    async def __aenter__(self) -> Self:
        self._broker = await EmbeddedBroker.start(self._port, data_dir=self._data_dir, fsync=self._fsync)
        live = (await generations(self.address)).live
        await create(self.address, partitions=Settings().partitions, topics=catalogue(*live), generations=live)
        if self._log_path is not None:
            self._log_path.parent.mkdir(parents=True, exist_ok=True)
            self._log = self._log_path.open("wb")
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        if self._worker is not None and self._worker.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._worker.terminate()
            try:
                await asyncio.wait_for(self._worker.wait(), 20)
            except TimeoutError:
                self._worker.kill()
                await self._worker.wait()
        if self._log is not None:
            self._log.close()
        if self._broker is not None:
            await self._broker.stop()

    async def worker_ended(self) -> int:
        """Waits until the worker has ended for good; its exit status."""
        assert self._keeping is not None, "not started"
        return await asyncio.shield(self._keeping)  # whoever stops waiting must not stop the keeping

    async def broker_failed(self) -> NoReturn:
        """Waits until the broker cannot go on, and raises why."""
        assert self._broker is not None, "not started"
        await self._broker.failed()

    async def _keep(self) -> int:
        while True:
            self._worker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "workers.cli", "run",
                env={**os.environ, "DYADS_BROKER": self.address, **self._environment},
                stdout=self._log, stderr=self._log, start_new_session=True, preexec_fn=_end_with_parent,
            )  # fmt: skip
            status = await self._worker.wait()
            if status != EXIT_LOST:
                return status
