"""A broker process under test: started, killed, started again on the same port and data directory."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self


class BrokerProcess:
    """`dyads broker` on disk, as a process of its own."""

    def __init__(self, directory: Path, fsync: str = "always") -> None:
        directory.mkdir(exist_ok=True)
        self.address = ""
        self._directory = directory
        self._fsync = fsync
        self._port = "0"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()

    @property
    def said(self) -> str:
        """What it wrote to standard error, in all its lives."""
        return (self._directory / "stderr").read_text()

    async def start(self) -> None:
        """Start it; returns when it serves."""
        with (self._directory / "stderr").open("ab") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "workers.cli", "broker", "--port", self._port,
                "--data-dir", str(self._directory / "data"), "--fsync", self._fsync,
                stdout=asyncio.subprocess.PIPE, stderr=stderr,
            )  # fmt: skip
        assert self._process.stdout is not None
        first = (await asyncio.wait_for(self._process.stdout.readline(), 20)).decode()
        assert first.startswith("broker at "), first + self.said
        self.address = first.split()[2].rstrip(",")
        self._port = self.address.rpartition(":")[2]

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Stop it as a user would; its exit status."""
        return await self._end(signal.SIGTERM)

    def limit_file_size(self, size: int) -> None:
        """From now on no file of the broker's may be longer than so many bytes."""
        assert self._process is not None
        hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, hard))

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 20)
