"""The transactional task: what makes the tables exact.

A task handles one partition of an agent's source topic. Faust delivers each message at least once; the task makes its
effect happen exactly once. The order of things is the whole proof, so it is told here and the code below follows it.

Opening (`Task.open`):

 1. Fence. Start a producer with the transactional id group-agent-partition. The broker raises the id's epoch: a
    transaction that an earlier holder left open is aborted, and no earlier holder, a paused one included, can commit
    another. From here on nobody else changes this task's rows.
 2. Restore. Read the partition of the state topic, read committed, from the store's position to its end. Step 1 came
    first, so the end does not move and no row of an aborted batch is seen. Now the store equals the last committed
    batch, and so does `applied`, the offset of the last source message whose effect is in the rows.

Settling a batch (`Task.settle`), messages in offset order:

 3. Leave out every message at or below `applied`: its effect is in the rows already.
 4. Fold the rest, one after the other, over an overlay: a message sees what those before it changed. One that cannot be
    handled changes nothing and becomes a dead letter, in the same batch.
 5. Commit one Kafka transaction: every changed row, every published message, every dead letter, and `@applied` = the
    last offset. All of it becomes visible, or none.
 6. Write rows, `@applied` and the position into the local store, atomically. A crash between 5 and 6 is mended by 2.
 7. Only now `applied` moves on, and with it the offset that the group is told. A crash before that has the messages
    delivered again, for 3 to leave out.

When step 5 fails, nobody can say whether the transaction was committed (the answer may have been lost), or the broker
says that someone else holds the partition. Either way this process's rows may be old: it must not settle anything more.
`Lost` is raised, the process exits, and its next life starts at 1.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from topics.catalogue import DEAD, state_topic
from topics.closing import stopped
from topics.headers import SCHEMA, SCHEMA_VERSION, pack
from workers.runtime.handler import DAMAGED_ROW, Message, Reject, Settlement, Subject
from workers.runtime.letters import Letters, key_as_subject
from workers.runtime.metrics import BATCH_SECONDS, LATENCY, PUBLISHED, SETTLED, TASK_ROWS
from workers.runtime.overlay import Outgoing, Overlay
from workers.runtime.packing import Packer
from workers.runtime.ranges import RangeReader
from workers.runtime.settings import Settings
from workers.runtime.store import Store, StoreFailed
from workers.runtime.tracing import Traced, trace_of

log = logging.getLogger(__name__)

APPLIED = b"@applied"
_ROW_HEADERS = pack({SCHEMA: SCHEMA_VERSION})


def transactional_id(group: str, agent: str, partition: int) -> str:
    """What one task's producers are known by at the broker: starting one fences those before it."""
    return f"{group}-{agent}-{partition}"


class Lost(Exception):
    """The partition is another's, or the outcome of a transaction is not known: the process must exit."""


class OtherRows(Exception):
    """The state topic holds what this version of the worker cannot go on with."""


class Task:
    """One partition of one agent: its rows, its producer, and the order of things above."""

    def __init__(
        self, settings: Settings, agent: str, partition: int, store: Store, subject: Subject = key_as_subject
    ) -> None:
        self._settings = settings
        self._agent = agent
        self._partition = partition
        self._store = store
        self._state = state_topic(agent).of(settings.generation).name
        self._letters = Letters(agent, partition, subject)
        self._producer: AIOKafkaProducer | None = None
        self.applied = -1

    def __repr__(self) -> str:
        return f"{self._agent}[{self._partition}]"

    async def open(self, reader: RangeReader) -> None:
        """Fence earlier holders and restore the rows. Raises what the broker raises."""
        started = time.monotonic()
        # 1. fence
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.broker,
            transactional_id=transactional_id(self._settings.group, self._agent, self._partition),
            transaction_timeout_ms=int(self._settings.transaction_timeout * 1000),
            max_request_size=DEAD.max_message_bytes,
            max_batch_size=128 * 1024,
        )
        await self._producer.start()
        # 2. restore
        restored = await self._restore(reader)
        applied = self._store.get(APPLIED)
        if applied is not None and not applied.isdigit():
            raise OtherRows(f"{self._state}[{self._partition}]: @applied is {applied[:40]!r}, not an offset")
        self.applied = -1 if applied is None else int(applied)
        held = len(self._store)  # counted once: RocksDB walks all of them
        TASK_ROWS.labels(self._agent, self._partition).set(held)
        log.info(
            "%r opened: %d rows read, %d held, applied %d, in %.2f s",
            self, restored, held, self.applied, time.monotonic() - started,
        )  # fmt: skip

    async def _restore(self, reader: RangeReader) -> int:
        end = await reader.end(self._state, self._partition)
        if self._store.position > end:
            log.warning("%r: the store is ahead of the state topic (another topic's life?): rebuilt", self)
            self._store.clear()
        restored = 0
        changes: dict[bytes, bytes | None] = {}
        async for message in reader.read(self._state, self._partition, self._store.position, end):
            if (schema := message.headers.get(SCHEMA, SCHEMA_VERSION)) != SCHEMA_VERSION:
                where = f"{self._state}[{self._partition}] at offset {message.offset}"
                raise OtherRows(f"{where}: a row of schema {schema!r}, and this worker knows {SCHEMA_VERSION!r}")
            if message.key is not None:
                changes[message.key] = message.value
            restored += 1
            if len(changes) >= 10_000:
                self._store.write(changes, message.offset + 1, current=False)
                changes = {}
        self._store.write(changes, end)
        return restored

    async def settle(self, batch: Sequence[tuple[Message, Settlement]]) -> None:
        """Make the effect of the messages happen exactly once. Raises `Lost`."""
        started = time.monotonic()
        # 3. leave out what is in the rows already
        fresh: list[tuple[Message, Settlement]] = []
        applied = self.applied
        for message, settlement in batch:
            if message.offset > applied:
                fresh.append((message, settlement))
                applied = message.offset
        if not fresh:
            return
        # 4. fold over an overlay
        overlay = Overlay(self._store.get, self._settings.generation)
        for message, settlement in fresh:
            changes = self._fold(message, settlement, overlay)
            if isinstance(settlement, Traced):
                settlement.mark(changes)
            overlay.take(changes)
        await self._apply(overlay, applied)
        BATCH_SECONDS.labels(self._agent).observe(time.monotonic() - started)
        self._count([message for message, _ in fresh], overlay)
        for message, settlement in fresh:
            if isinstance(settlement, Traced):
                settlement.end()
            if log.isEnabledFor(logging.DEBUG):
                self._tell(message, settlement)

    def _count(self, settled: Sequence[Message], overlay: Overlay) -> None:
        """Tell Prometheus of what was committed."""
        SETTLED.labels(self._agent).inc(len(settled))
        latency, now = LATENCY.labels(self._agent), time.time()
        for message in settled:
            latency.observe(max(0.0, now - message.timestamp / 1000))
        for topic, messages in Counter(sent.topic for sent in overlay.outbox).items():
            PUBLISHED.labels(self._agent, topic).inc(messages)
        for counter in overlay.counted:
            counter.inc()

    def _tell(self, message: Message, settlement: Settlement) -> None:
        article, trace = self._letters.article(message), trace_of(message, settlement)
        fields = {"agent": self._agent, "partition": self._partition, "offset": message.offset}
        said = (self, message.offset, article, trace or "none")
        log.debug(
            "%r: message %d is settled: %s, trace %s", *said, extra={**fields, "article": article, "trace_id": trace}
        )

    async def advance(self, offset: int) -> None:
        """Note that up to `offset` nothing is left to handle: what follows the last message there are the markers of
        transactions. Else, when retention has removed that message, it would look as if others had been missed, and
        whoever watches the lag would never see it at zero. Raises `Lost`."""
        if offset > self.applied:
            await self._apply(Overlay(self._store.get, self._settings.generation), offset)

    async def _apply(self, overlay: Overlay, applied: int) -> None:
        overlay.rows[APPLIED] = b"%d" % applied
        # 5. one transaction
        position = await self._commit(overlay)
        # 6. the local store
        self._store.write(overlay.rows, position)
        # 7. known to be done
        self.applied = applied

    def _fold(self, message: Message, settlement: Settlement, beneath: Overlay) -> Overlay:
        changes = beneath.above()
        letter = self._letters.about(message, beneath.get)
        if letter.is_overtaken:
            letter.clear(changes)
            return changes
        try:
            settlement(changes)
        except Reject as reject:
            if reject.reason == DAMAGED_ROW:
                log.error("%r: message %d is parked: %s", self, message.offset, reject)
            changes = beneath.above()
            letter.park(changes, reject)
        except StoreFailed:
            raise
        except Exception as error:
            # A fault of ours must not stop the partition, nor vanish: the message is kept, with what went wrong.
            log.exception("%r: message %d could not be handled", self, message.offset)
            changes = beneath.above()
            letter.park(changes, Reject("failed", f"{type(error).__name__}: {error}"))
        else:
            letter.take_away(changes)
        letter.clear(changes)
        return changes

    async def _commit(self, overlay: Overlay) -> int:
        """Commit the overlay in one transaction; the state topic's position after it. Raises `Lost`."""
        producer = self._producer
        assert producer is not None, "settle() before open()"
        packer = Packer(producer)
        rows = (Outgoing(self._state, row, held, _ROW_HEADERS, self._partition) for row, held in overlay.rows.items())
        try:
            async with asyncio.timeout(2 * self._settings.transaction_timeout):
                await producer.begin_transaction()
                await packer.add(rows)
                await packer.add(overlay.outbox)
                position = await packer.end(self._state, self._partition)
                await producer.commit_transaction()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            packer.forget()
            raise Lost(f"{self!r}: {type(error).__name__}: {error}") from error
        return position

    async def close(self) -> None:
        """Stop the producer and the store; an unfinished transaction is left for the broker to abort."""
        if self._producer is not None:
            await stopped(self._producer.stop())
        self._store.close()
