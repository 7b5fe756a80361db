"""Starting and stopping the broker."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from topics.embedded.admin_api import AdminApi
from topics.embedded.cluster_api import ClusterApi
from topics.embedded.connection import READ_BUFFER, Connection
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.data_api import DataApi
from topics.embedded.disk import Disk
from topics.embedded.errors import DiskFailed, NotLoopback, PortTaken
from topics.embedded.fsync import FsyncPolicy
from topics.embedded.group_api import GroupApi
from topics.embedded.handling import Handlers
from topics.embedded.log import Clock
from topics.embedded.maintenance import Maintenance
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.recovery import restore
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage
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
        data_dir: Path | None = None,
        fsync: FsyncPolicy = FsyncPolicy.ALWAYS,
    ) -> EmbeddedBroker:
        """Start a broker on a port of this machine's loopback interface; port 0 takes a free one. `clock` is what
        records are stamped and retained by. With a data directory everything is on disk there, and found again.

        Raises `NotLoopback` for any other interface, `PortTaken` if something listens there already, `DataDirTaken`,
        `NotADataDir`, `BrokenLog`, and `OSError`."""
        host = _loopback(host)
        storage: Storage = MemoryStorage(clock) if data_dir is None else Disk(data_dir, clock, fsync)
        try:
            broker = cls(host, settings or BrokerSettings(), storage)
        except BaseException:
            storage.close()
            raise
        try:
            await broker._listen(port)
        except BaseException:
            broker._close_storage()
            raise
        return broker

    def __init__(self, host: str, settings: BrokerSettings, storage: Storage) -> None:
        """Use `start`."""
        self._host = host
        self._port = 0
        self._settings = settings
        self._storage = storage
        groups = GroupCoordinator(monotonic_clock, settings, storage)
        self._topics = TopicRegistry(storage.clock, settings.default_partitions, groups.topic_deleted, storage)
        # Not from zero: what is in memory does not outlive this broker, but a producer may, and must not meet its own
        # id again.
        transactions = TransactionCoordinator(
            self._topics,
            groups.apply_offsets,
            monotonic_clock,
            settings,
            first_producer_id=storage.clock() * 1000,
            storage=storage,
        )
        if storage.journal is not None:
            restore(storage.journal, self._topics, groups, transactions)
        self._maintenance = Maintenance(self._topics, groups, transactions, storage, settings)
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
        """Stop serving, close every connection, bring everything to disk or forget it. A second time does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()
        self._close_storage()

    async def failed(self) -> NoReturn:
        """Wait until the broker cannot go on, and raise why: `DiskFailed`."""
        raise await self._storage.failure()

    def _close_storage(self) -> None:
        try:
            self._storage.close()
        except DiskFailed as error:
            logger.error("%s", error)
        finally:
            self._topics.close()

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
        cluster = ClusterApi(self._topics, self._settings, self._storage.cluster_id, self._host, self._port)
        self._handlers = {**self._handlers, **cluster.handlers()}
        self._run(self._maintenance.watch_deadlines())
        self._run(self._maintenance.clean_periodically())
        self._run(self._storage.run())
        logger.info("embedded broker on %s", self.address)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        settle = self._storage.settle if self._storage.journal is not None else None
        connection = Connection(reader, writer, self._handlers, self._settings.max_request_bytes, settle)
        self._run(connection.serve())


async def serve(
    port: int,
    *,
    host: str = LOOPBACK,
    settings: BrokerSettings | None = None,
    data_dir: Path | None = None,
    fsync: FsyncPolicy = FsyncPolicy.ALWAYS,
    started: Callable[[str], None] | None = None,
) -> None:
    """Run a broker until cancelled; `started` is told its address. Raises as `EmbeddedBroker.start` does, and
    `DiskFailed`."""
    broker = await EmbeddedBroker.start(port, host=host, settings=settings, data_dir=data_dir, fsync=fsync)
    async with broker:
        if started is not None:
            started(broker.address)
        await broker.failed()


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
