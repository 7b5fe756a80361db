"""`dyads serve` under test: a process of its own, asked over HTTP as anybody would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

PATIENCE = 60.0
"""Seconds for what is to come."""


class Server:
    """A server of the read model, with a client. It keeps its directory when it is started again."""

    def __init__(self, broker: str, directory: Path, name: str = "one", **settings: str) -> None:
        directory.mkdir(exist_ok=True)
        self.address = ""
        self._port = "0"
        self._log = directory / f"{name}.log"
        self.directory = directory / "dyads.serve" / name
        """Where its read model is."""
        self._environment = {
            **os.environ,
            "DYADS_BROKER": broker,
            "DYADS_NAME": name,
            "DYADS_DATA_DIR": str(directory),
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        await self.start()
        await self.until(self.is_ready)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        await self.client.close()

    @property
    def client(self) -> aiohttp.ClientSession:
        assert self._client is not None, "not started"
        return self._client

    @property
    def said(self) -> str:
        """What it logged, in all its lives."""
        return self._log.read_text()

    async def start(self, *, broker: str | None = None) -> None:
        """Start it, on the port that it had; returns when it listens."""
        self._environment["DYADS_BROKER"] = broker or self._environment["DYADS_BROKER"]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-u", "-m", "workers.cli", "serve", "--port", self._port,
                env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = (await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)).decode()
        assert line.startswith("serving at "), line + self.said
        self.address = line.split()[2]
        self._port = self.address.rpartition(":")[2]

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Stop it as an operator would; its exit status."""
        return await self._end(signal.SIGTERM)

    async def get(self, path: str, **headers: str) -> Any:
        """What a GET answers, as JSON; it must be 200."""
        async with self.client.get(f"{self.address}/api/v1/{path}", headers=headers) as answer:
            body = await answer.text()
            assert answer.status == 200, body
            return json.loads(body)

    async def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """What a GET answers: status, headers by their lower-case names, body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(f"{self.address}{path}", headers=named) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.text()

    async def is_ready(self) -> bool:
        """Whether /ready says so."""
        try:
            return (await self.ask("/ready"))[0] == 200
        except aiohttp.ClientError:
            return False

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until what is asked again and again holds."""
        async with asyncio.timeout(PATIENCE):
            while not await holds():
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def listening(self, query: str = "", since: str | None = None) -> AsyncIterator[Listening]:
        """Listen to the stream, from now on or from the id `since` on."""
        headers = {"Last-Event-ID": since} if since else {}
        async with self.client.get(f"{self.address}/api/v1/stream{query}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            yield Listening(answer)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), PATIENCE)


class Listening:
    """A stream that is read event by event; `last` is the last id heard, as a browser keeps it."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.last = ""

    async def begun(self) -> str:
        """Wait for the first id: from here on nothing is missed."""
        while not self.last:
            await self._block()
        return self.last

    async def next(self) -> tuple[str, Any]:
        """The next event: its name, and its data."""
        async with asyncio.timeout(PATIENCE):
            while True:
                fields = await self._block()
                if "data" in fields:
                    return fields.get("event", "message"), json.loads(fields["data"])

    async def upto(self, count: int) -> list[tuple[str, Any]]:
        """So many events."""
        return [await self.next() for _ in range(count)]

    async def ends(self) -> bool:
        """Whether the server ends the stream rather than tell more."""
        async with asyncio.timeout(PATIENCE):
            return await self._answer.content.readline() == b""

    async def _block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := (await self._answer.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        if not fields and self._answer.content.at_eof():
            raise EOFError("the stream has ended")
        self.last = fields.get("id", self.last)
        return fields
