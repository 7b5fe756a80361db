"""What operators ask a worker over HTTP: /live, /ready, /metrics. Loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from workers.runtime.metrics import LOOP_LAG, READY

_TICK = 0.1


class PortTaken(Exception):
    """The port for /live, /ready and /metrics is in use."""


class Health:
    """A small HTTP server, and a measure of how late the event loop runs.

    /live answers 200 while the event loop turns. /ready answers 200 when `problems` finds none, else 503 with them, one
    a line. /metrics is Prometheus text.
    """

    def __init__(self, host: str, port: int, problems: Callable[[], list[str]]) -> None:
        self._host = host
        self._port = port
        self._problems = problems
        self._runner: web.AppRunner | None = None
        self._lag: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start listening; port 0 starts nothing. Raises `PortTaken`."""
        self._lag = asyncio.create_task(_measure_lag())
        READY.set_function(lambda: not self._problems())
        if self._port == 0:
            return self
        app = web.Application()
        app.add_routes(
            [web.get("/live", self._live), web.get("/ready", self._ready), web.get("/metrics", self._metrics)]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"{self._host}:{self._port} is in use: set DYADS_HTTP_PORT to a free port, or to 0 for none"
                ) from error
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._lag is not None:
            self._lag.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def _ready(self, _: web.Request) -> web.Response:
        problems = self._problems()
        return web.Response(text="\n".join(problems or ["ready"]) + "\n", status=503 if problems else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _measure_lag() -> None:
    while True:
        due = time.monotonic() + _TICK
        await asyncio.sleep(_TICK)
        LOOP_LAG.observe(max(0.0, time.monotonic() - due))
