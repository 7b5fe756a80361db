"""Starting and stopping the broker."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

from topics.embedded.admin_api import AdminApi
from topics.embedded.cluster_api import ClusterApi
from topics.embedded.connection import READ_BUFFER, Connection
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.data_api import DataApi
from topics.embedded.errors import NotLoopback, PortTaken
from topics.embedded.group_api import GroupApi
from topics.embedded.handling import Handlers
from topics.embedded.log import Clock
from topics.embedded.maintenance import Maintenance
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction_api import TransactionApi
from topics.embedded.transactions import TransactionCoordinator

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


def system_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def monotonic_clock() -> int:
    """Milliseconds for timeouts, which must not move when the system's time is set."""
    return time.monotonic_ns() // 1_000_000


class EmbeddedBroker:
    """A running broker. Make one with `start`; it serves until `stop`."""

    @classmethod
    async def start(
        cls,
        port: int = 0,
        *,
        host: str = LOOPBACK,
        settings: BrokerSettings | None = None,
        clock: Clock = system_clock,
    ) -> EmbeddedBroker:
        """Start a broker on a port of this machine's loopback interface; port 0 takes a free one. `clock` is what
        records are stamped and retained by.

        Raises `NotLoopback` for any other interface and `PortTaken` if something listens there already."""
        broker = cls(host, settings or BrokerSettings(), clock)
        await broker._listen(port)
        return broker

    def __init__(self, host: str, settings: BrokerSettings, clock: Clock) -> None:
        """Use `start`."""
        self._host = _loopback(host)
        self._port = 0
        self._settings = settings
        groups = GroupCoordinator(monotonic_clock, settings)
        self._topics = TopicRegistry(clock, settings.default_partitions, groups.topic_deleted)
        # Not from zero: nothing outlives this broker, but a producer may, and must not meet its own id again.
        transactions = TransactionCoordinator(
            self._topics, groups.apply_offsets, monotonic_clock, settings, first_producer_id=clock() * 1000
        )
        self._maintenance = Maintenance(self._topics, groups, transactions, clock, settings)
        self._handlers: Handlers = {
            **DataApi(self._topics, transactions).handlers(),
            **GroupApi(groups, self._topics).handlers(),
            **TransactionApi(transactions, self._topics).handlers(),
            **AdminApi(self._topics, settings).handlers(),
        }
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Host and port, as clients take it for `bootstrap_servers`."""
        return f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"

    async def stop(self) -> None:
        """Stop serving, close every connection, forget everything. A second time does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    async def __aenter__(self) -> EmbeddedBroker:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _listen(self, port: int) -> None:
        try:
            self._server = await asyncio.start_server(self._connected, self._host, port, limit=READ_BUFFER)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"port {port} of {self._host} is taken by another process") from None
            raise
        self._port = self._server.sockets[0].getsockname()[1]
        cluster = ClusterApi(self._topics, self._settings, self._host, self._port)
        self._handlers = {**self._handlers, **cluster.handlers()}
        self._run(self._maintenance.watch_deadlines())
        self._run(self._maintenance.clean_periodically())
        logger.info("embedded broker on %s", self.address)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self._handlers, self._settings.max_request_bytes)
        self._run(connection.serve())


async def serve(
    port: int,
    *,
    host: str = LOOPBACK,
    settings: BrokerSettings | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """Run a broker until cancelled; `started` is told its address. Raises as `EmbeddedBroker.start` does."""
    async with await EmbeddedBroker.start(port, host=host, settings=settings) as broker:
        if started is not None:
            started(broker.address)
        await asyncio.get_running_loop().create_future()


def _loopback(host: str) -> str:
    """The address of a host that only this machine can reach."""
    if host == "localhost":
        return LOOPBACK
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise NotLoopback(
            f"the embedded broker has no security and listens on the loopback interface only, not on {host!r}; "
            "for other machines run Apache Kafka"
        )
    return host
