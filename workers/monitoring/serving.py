"""A server of the read model from start to end: follow the topics, answer requests, stop on a signal."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
import uvloop

from workers.monitoring.api.app import api
from workers.monitoring.api.source import Source
from workers.monitoring.pipeline import Pipeline
from workers.monitoring.readmodel.follower import Follower
from workers.monitoring.readmodel.hub import Hub
from workers.monitoring.settings import ServeSettings
from workers.runtime.logs import set_up_log

log = logging.getLogger(__name__)

STOP_SECONDS = 3
"""For answers on their way when it is stopped."""


class AddressTaken(Exception):
    """Something else listens where the API should be served."""


class DirectoryTaken(Exception):
    """Another server keeps its read model in the same directory."""


def serve(settings: ServeSettings, said: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `said` is told the address. Raises `AddressTaken`, `DirectoryTaken`."""
    with _alone(settings.serve_dir), _listening(settings.serve_host, settings.serve_port) as listening:
        set_up_log(settings.log_level, settings.log_format)
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        _many_files()
        uvloop.run(_serve(settings, listening, said))


async def _serve(settings: ServeSettings, listening: socket.socket, said: Callable[[str], None]) -> None:
    hub = Hub()
    follower = Follower(settings.broker, settings.serve_dir, hub)
    pipeline = Pipeline(settings.broker, settings.app_id, settings.serve_audit)
    app = api(Source(follower, hub), pipeline, token=settings.serve_token, origins=settings.origins)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http="httptools",
            loop="none",
            ws="none",
            server_header=False,
            backlog=1_024,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True
        hub.close()  # else listeners would keep their lines, and the server wait for them

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    following = asyncio.create_task(follower.run())
    looking = asyncio.create_task(pipeline.run())
    serving = asyncio.create_task(server.serve([listening]))
    host, port = listening.getsockname()[:2]
    said(f"http://{host}:{port}")
    await asyncio.wait({following, serving}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        stop()
        await serving
    following.cancel()
    looking.cancel()
    ended = await asyncio.gather(following, looking, return_exceptions=True)
    await follower.close()
    for error in ended:
        if isinstance(error, Exception):
            raise error


class _Server(uvicorn.Server):
    """Leaves signals to us: it would end the process by the signal that it was stopped with."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the directory: two servers would write one database."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryTaken(f"another server uses {directory}: give this one a DYADS_NAME of its own") from None
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            reason = f"{host}:{port} cannot be served at: {error.strerror}; set DYADS_SERVE_HOST and DYADS_SERVE_PORT"
            raise AddressTaken(reason) from error
        raise
    with listening:
        yield listening


def _many_files() -> None:
    """Take as many open files as the system allows: each listener is one, and the usual limit is a thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
