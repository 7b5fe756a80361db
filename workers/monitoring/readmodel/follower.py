"""From the broker into the read model: follows the topics of the current generation, for ever.

What is read is committed together with the positions up to which it is read, so a restart goes on where the last
commit was. After a switch of generations the read model of the new one is built in a file of its own, while the old
one is still served, and takes its place when it has everything.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec.structs import replace

from topics.address import checked
from topics.admin import cluster_id, require
from topics.catalogue import MAX_MESSAGE_BYTES
from topics.closing import stopped
from topics.errors import BrokerError, translated
from topics.generations import generations
from topics.message import Message, message_of
from workers.monitoring.metrics import LAG, ROWS, TAKE_SECONDS, UNREADABLE
from workers.monitoring.readmodel.database import Database, opened, reason_to_rebuild, remove
from workers.monitoring.readmodel.hub import Hub
from workers.monitoring.readmodel.rows import FOLLOWED
from workers.monitoring.readmodel.taking import Taken, take

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

LOOK_SECONDS = 3.0
"""How often it is looked which generation is current."""
POLL_MS = 200
POLL_MESSAGES = 2_000
"""Messages in one commit at the most."""
QUIET_SECONDS = 30.0
"""How often positions are written where nothing comes: markers move them, and the age of the file counts from here."""
AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)
"""Pauses before the broker is asked again."""


class Follower:
    """Keeps the read model under `directory`; `served` is the database that queries go to, None before there is one."""

    def __init__(self, broker: str, directory: Path, hub: Hub) -> None:
        self.served: Database | None = None
        self.trouble: str | None = "starting"
        """Why it does not follow at the moment, None if it does."""
        self.unreadable = 0
        self.lag = 0
        """Offsets in the followed topics that are not read yet."""
        self._anew: str | None = None
        """Why the database must be built anew, though nothing that it says of itself tells so."""
        self._broker = broker
        self._directory = directory
        self._hub = hub
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="read-model-writer")

    async def run(self) -> None:
        """Follow until cancelled. A broker that is away and a full disk are waited for, a damaged file is replaced."""
        await self._in_thread(self._open_last)
        failures = 0
        while True:
            try:
                await self._follow()
                failures = 0
            except (BrokerError, KafkaError, sqlite3.DatabaseError) as error:
                if self.trouble is None:
                    failures = 0
                self.trouble = str(error)
                log.warning("%s", error)
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                    self._anew = f"it is damaged: {error}"
                await asyncio.sleep(AGAIN_SECONDS[min(failures, len(AGAIN_SECONDS) - 1)])
                failures += 1

    async def close(self) -> None:
        """Close the database."""
        self._hub.close()
        served, self.served = self.served, None
        if served is not None:
            await self._in_thread(served.close)
        self._writing.shutdown()

    def _open_last(self) -> None:
        """Serve what the last run left, before the broker is heard; it is judged again when it is."""
        files = self._directory.glob("generation-*.sqlite3")
        for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
            database = opened(path)
            now = round(time.time() * 1000)
            if (
                database.complete
                and reason_to_rebuild(database.meta, cluster=None, generation=None, now_ms=now) is None
            ):
                self._serve(database)
                return
            database.close()

    async def _follow(self) -> None:
        """Follow one generation, until another one is current."""
        number = (await generations(self._broker)).current
        counts = await require(self._broker, *(topic.of(number).name for topic in FOLLOWED))
        cluster = await cluster_id(self._broker)
        plain = {topic.of(number).name: topic.name for topic in FOLLOWED}
        where = {TopicPartition(name, n): (plain[name], n) for name, count in counts.items() for n in range(count)}
        with translated(self._broker, "following the relations"):
            consumer = AIOKafkaConsumer(
                bootstrap_servers=checked(self._broker),
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                fetch_max_wait_ms=POLL_MS,
                max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
            )
            try:
                await consumer.start()
                ends = {where[p]: end for p, end in (await consumer.end_offsets(list(where))).items()}
                database = await self._in_thread(self._database, cluster, number, ends)
                try:
                    await self._take_in(consumer, where, database, number)
                finally:
                    if database is not self.served:
                        await self._in_thread(database.close)
            finally:
                await stopped(consumer.stop())

    def _database(self, cluster: str, number: int, ends: dict[tuple[str, int], int]) -> Database:
        """The database to go on with: the one that is served, one in a file, or a new one."""
        path = self._directory / f"generation-{number}.sqlite3"
        database = self.served if self.served and self.served.path == path else opened(path)
        now = round(time.time() * 1000)
        positions = database.positions()
        reason, self._anew = self._anew, None
        if database.generation and reason is None:
            reason = reason_to_rebuild(database.meta, cluster=cluster, generation=number, now_ms=now)
            if reason is None and positions.keys() != ends.keys():
                reason = "its topics have other partitions"
            if reason is None and any(positions[place] > end for place, end in ends.items()):
                reason = "it is ahead of its topics: they were made anew"
        if reason is not None:
            log.warning("the read model is built anew: %s", reason)
            if database is self.served:
                self.served = None
            database.close()
            remove(path)
            database = Database(path)
        if not database.generation:
            with database.transaction() as connection:
                database.note(connection, generation=number, cluster=cluster, complete=0, written=now)
                connection.executemany("INSERT INTO positions VALUES (?, ?, 0, 0)", ends)
        return database

    async def _take_in(
        self, consumer: AIOKafkaConsumer, where: dict[TopicPartition, tuple[str, int]], database: Database, number: int
    ) -> None:
        positions = database.positions()
        starts = await consumer.beginning_offsets(list(where))
        consumer.assign(list(where))
        for partition, place in where.items():
            consumer.seek(partition, max(positions[place], starts[partition]))
        if database.complete:
            self._serve(database)
        looked = written = time.monotonic()
        looking: asyncio.Task[int | None] | None = None
        answers = True
        try:
            while True:
                batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_MESSAGES)
                messages: list[Message] = [
                    replace(message_of(record), topic=where[partition][0])
                    for partition, records in batches.items()
                    for record in records
                ]
                now = {place: await consumer.position(partition) for partition, place in where.items()}
                self.lag = sum(max(0, (consumer.highwater(p) or 0) - now[place]) for p, place in where.items())
                LAG.set(self.lag)
                if any(now[place] < after for place, after in positions.items()):
                    self._anew = "its topics were made anew"
                    return
                drained = not (messages or database.complete) and await self._through(consumer, where, now)
                quiet = time.monotonic() - written > QUIET_SECONDS and now != positions
                if messages or quiet or (drained and not database.complete):
                    with TAKE_SECONDS.time():
                        taken: Taken = await self._in_thread(take, database, messages, now, drained=drained)
                    written = time.monotonic()
                    ROWS.inc(len(messages))
                    UNREADABLE.inc(taken.unreadable)
                    self.unreadable += taken.unreadable
                    if database is self.served:
                        self._hub.tell(taken.changes, now)
                    elif database.complete:
                        self._serve(database)
                positions = now
                if looking is None and time.monotonic() - looked > LOOK_SECONDS:
                    looking = asyncio.create_task(self._current())
                if looking is not None and looking.done():
                    current = looking.result()
                    if current not in (number, None):
                        log.info("generation %d is current", current)
                        return
                    looking, looked, answers = None, time.monotonic(), current is not None
                if answers:
                    self.trouble = None if database.complete else f"generation {number} is being read"
                else:
                    self.trouble = f"no Kafka broker answers at {self._broker}"
        finally:
            if looking is not None:
                looking.cancel()

    async def _through(
        self,
        consumer: AIOKafkaConsumer,
        where: dict[TopicPartition, tuple[str, int]],
        positions: dict[tuple[str, int], int],
    ) -> bool:
        """Whether everything is read that is committed by now."""
        ends = await consumer.end_offsets(list(where))
        return all(positions[where[partition]] >= end for partition, end in ends.items())

    async def _current(self) -> int | None:
        """The number of the current generation; None where the broker does not say."""
        try:
            return (await generations(self._broker)).current
        except BrokerError as error:
            log.debug("the generations are looked at later: %s", error)
            return None

    def _serve(self, database: Database) -> None:
        """From now on queries go to this database; the one before it is closed and, if of another file, deleted."""
        before, self.served = self.served, database
        self._hub.begin(database.generation, database.positions())
        if before is not None and before is not database:
            before.close()
            remove(before.path)

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, lambda: work(*args, **kwargs))
