"""A file with the read model: opened by one writer, read by threads, judged whether it can be gone on with."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from topics.catalogue import DAY_MS, WEEK_MS

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

READERS = 4
"""Threads that answer queries; while one waits for the disk or computes inside SQLite, others run."""

CLOCKS_APART_MS = DAY_MS
"""How wrong a machine's clock may be from one start to the next for a read model to be known as too old."""

QUERY_SECONDS = 10.0
"""A query that takes longer is ended."""
_STEPS = 100_000
"""Instructions of SQLite between two looks at the clock."""

Positions = Mapping[tuple[str, int], int]
"""The next offset to read, by topic (its name in generation 1) and partition."""


class TooSlow(Exception):
    """A query took longer than it may."""


class Closed(Exception):
    """The database was closed in the middle of a query: a switch of generations, or the end."""


@cache
def schema() -> str:
    """The tables, as SQL."""
    return files(__name__.rpartition(".")[0]).joinpath("schema.sql").read_text(encoding="utf-8")


@cache
def schema_version() -> str:
    """What the tables are known by: a hash of the SQL that makes them."""
    return hashlib.blake2b(schema().encode(), digest_size=8).hexdigest()


def reason_to_rebuild(
    meta: Mapping[str, str], *, cluster: str | None, generation: int | None, now_ms: int
) -> str | None:
    """Why a read model that says this of itself cannot be gone on with; None if it can. None is not compared."""
    if meta.get("schema") != schema_version():
        return "its tables are those of another version"
    if generation is not None and meta.get("generation") != str(generation):
        return f"it is of generation {meta.get('generation')}"
    if cluster is not None and meta.get("cluster") != cluster:
        return "it belongs to another cluster"
    away = now_ms - int(meta.get("written", "0"))
    if away > WEEK_MS - CLOCKS_APART_MS:
        return f"it was last written {away / DAY_MS:.1f} days ago, and tombstones are kept for {WEEK_MS // DAY_MS}"
    if away < -CLOCKS_APART_MS:
        return "it was written in the future"
    return None


class Database:
    """The read model in a file, of one generation. Opening it makes the tables where there are none.

    Writing is for one thread at a time; `read` runs a query in a thread of its own connection. Raises sqlite3.Error.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._writer = self._connect()
        self._writer.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        if not self._writer.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            with self.transaction() as connection:
                for statement in _statements(schema()):
                    connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES ('schema', ?)", (schema_version(),))
        self.meta: dict[str, str] = dict(self._writer.execute("SELECT name, value FROM meta"))
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="read-model")
        self._mine = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False

    @property
    def generation(self) -> int:
        """Of which generation the rows are; 0 before it is said."""
        return int(self.meta.get("generation", "0"))

    @property
    def complete(self) -> bool:
        """Whether everything that was in the topics at some moment is in it: else it is still being built."""
        return self.meta.get("complete") == "1"

    def positions(self) -> dict[tuple[str, int], int]:
        """Up to where each partition is read."""
        return {
            (topic, n): after
            for topic, n, after in self._writer.execute("SELECT topic, partition, next FROM positions")
        }

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection in a transaction: committed at the end, rolled back at an exception."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield self._writer
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")

    def note(self, connection: sqlite3.Connection, **values: object) -> None:
        """Keep what the read model says of itself, in the transaction."""
        for name, value in values.items():
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(value)))
            self.meta[name] = str(value)

    async def read(
        self, query: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the query finds, run in a thread. Raises `TooSlow`, `Closed`."""

        def run() -> T:
            connection = self._reader()
            deadline = time.monotonic() + QUERY_SECONDS
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            # One view of all tables, whatever is committed between the statements of a query.
            connection.execute("BEGIN")
            try:
                return query(connection, *args, **kwargs)
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise (Closed if self._closed else TooSlow)() from None
                raise
            finally:
                connection.set_progress_handler(None, 0)
                connection.execute("COMMIT")

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run)
        except RuntimeError:
            if self._closed:
                raise Closed from None
            raise

    def close(self) -> None:
        """Close every connection; queries that run are ended."""
        self._closed = True
        for reader in self._readers:
            reader.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for reader in self._readers:
            reader.close()
        self._writer.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._readers.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=10)
        connection.executescript(
            "PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
        )
        return connection


def opened(path: Path) -> Database:
    """The database in the file; a new one where that is damaged. Raises sqlite3.OperationalError, as of a full disk."""
    try:
        return Database(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        log.warning("the read model is built anew: %s is damaged: %s", path, error)
        remove(path)
        return Database(path)


def remove(path: Path) -> None:
    """Delete a read model's files."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()


def _statements(sql: str) -> Iterator[str]:
    statement = ""
    for line in sql.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
