"""One life of a task at a worker: the write path of `workers/runtime/task.py` and `lane.py`, a step at a time.

`Holder.life` is a generator. Each `yield` stands between two effects on the world, names the one just done, and is a
place where the process may die, be paused, or be overtaken. The numbers are those of the task's docstring.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence

from tests.runtime.model.agents import PARTITIONS, Agent
from tests.runtime.model.broker import Broker, Fenced, Place
from tests.runtime.model.design import Design, Fault
from tests.runtime.model.guarded import Guarded, Row
from topics.message import Message
from topics.partition import partition_of
from workers.runtime.overlay import Outgoing
from workers.runtime.store import Changes, MemoryStore
from workers.runtime.task import APPLIED, Lost

BATCH = 3
"""Messages settled at once, at most."""
FETCH = 4
"""Messages that the stream brings at once, at most."""
CHUNK = 4
"""Rows restored between two writes to the store."""

OnAck = Callable[[Place, int], None]


class Holder:
    """A task and its lane. `life` tells it from all other lives of all tasks."""

    def __init__(
        self, broker: Broker, agent: Agent, partition: int, store: MemoryStore, design: Design, life: int, on_ack: OnAck
    ) -> None:
        self.agent = agent
        self.source = agent.source(partition)
        self.state = agent.state(partition)
        self.store = store
        self.applied = -1
        self.at_rest = False
        """Opened, and in the middle of nothing."""
        self._broker = broker
        self._design = design
        self._name = f"{agent.name}-{partition}"
        if Fault.NO_FENCING in design:
            self._name += f"-{life}"
        self._committed = Fault.UNCOMMITTED not in design
        self._on_ack = on_ack
        self._drop = 0
        self._running = self.life()

    def __repr__(self) -> str:
        return self._name

    def step(self) -> str:
        """Go on to the next effect. Raises `Lost`."""
        try:
            return next(self._running)
        except Fenced as fenced:
            raise Lost(str(fenced)) from fenced

    # opening

    def life(self) -> Iterator[str]:
        # 1. fence
        self._producer = self._broker.producer(self._name, self.source)
        yield "fence"
        # 2. restore
        yield from self._restore()
        self.applied = int(self.store.get(APPLIED) or -1)
        self.start_lane()
        yield from self._tell(self.applied)
        while True:
            self.at_rest = True
            yield from self._accept_what_comes()
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            if batch:
                self.at_rest = False
                yield from self._settle(batch)

    def _restore(self) -> Iterator[str]:
        end = self._broker.end(self.state, committed=self._committed)
        yield "end of state"
        if self.store.position > end:
            self.store.clear()
        changes: dict[bytes, bytes | None] = {}
        for message in self._read(self.state, self.store.position, end):
            assert message.key is not None
            changes[message.key] = message.value
            if len(changes) >= CHUNK:
                self.store.write(changes, message.offset + 1)
                changes = {}
                yield "restore"
        self.store.write(changes, end)
        yield "restored"

    # the lane

    def start_lane(self) -> None:
        """Begin an assignment: forget what was on its way, and seek."""
        self._queue: deque[Message] = deque()
        self._accepted = self.applied
        if Fault.TRUST_ACKS in self._design:
            self._accepted = max(self._accepted, self._broker.acked.get(self.source, 0) - 1)
        self._position = self._accepted + 1
        self._fetched_before: int | None = None

    def drop(self) -> None:
        """The stream loses the next message between fetching and the lane, and thinks that it is done."""
        self._drop += 1

    def rewind(self, messages: int) -> None:
        """The stream goes back and brings messages again."""
        if self.at_rest:
            self._position = max(0, self._position - messages)
            self._fetched_before = None

    def has_work(self) -> bool:
        """Whether a step would come to anything."""
        if not self.at_rest or self._queue:
            return True
        start, end = min(self._position, self._accepted + 1), self._end()
        return start < end and bool(self._read(self.source, start, end))

    def _end(self) -> int:
        return self._broker.end(self.source, committed=self._committed)

    def _read(self, place: Place, start: int, end: int) -> list[Message]:
        return self._broker.read(place, start, end, committed=self._committed)

    def _accept_what_comes(self) -> Iterator[str]:
        fetched = self._read(self.source, self._position, self._end())[:FETCH]
        for message in fetched:
            previous, self._fetched_before = self._fetched_before, message.offset
            self._position = message.offset + 1
            if self._drop:
                self._drop -= 1
                if Fault.TRUST_ACKS in self._design:
                    self._broker.ack(self.source, message.offset)
                continue
            self._accept(message, previous)
        if not fetched and not self._queue:  # all is quiet: look whether something did not come
            self._take(self._read(self.source, self._accepted + 1, self._end()))
        yield "fetch"

    def _accept(self, message: Message, previous: int | None) -> None:
        if message.offset <= self._accepted:
            return  # delivered again
        if previous is None or previous > self._accepted:
            self._take(self._read(self.source, self._accepted + 1, message.offset))
        self._take([message])

    def _take(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._queue.append(message)
            self._accepted = message.offset

    # settling

    def _settle(self, batch: list[Message]) -> Iterator[str]:
        # 3. leave out what is in the rows already
        fresh = [message for message in batch if message.offset > self.applied]
        if fresh:
            if Fault.GUARD_PER_ROW in self._design:
                yield from self._settle_row_by_row(fresh)
            else:
                yield from self._settle_in_one(fresh)
        # 7. tell the group
        if Fault.ACK_BEFORE_COMMIT not in self._design:
            yield from self._tell(self.applied)

    def _settle_in_one(self, fresh: list[Message]) -> Iterator[str]:
        # 4. fold over an overlay
        overlay = self.agent.fold(self.store, fresh)
        applied = fresh[-1].offset
        yield "fold"
        if Fault.ACK_BEFORE_COMMIT in self._design:
            yield from self._tell(applied)
        # 5. one transaction
        if Fault.APPLIED_FIRST in self._design:
            yield from self._commit({APPLIED: b"%d" % applied}, [], [])
        if not {Fault.APPLIED_FIRST, Fault.APPLIED_LAST} & self._design:
            overlay.rows[APPLIED] = b"%d" % applied
        position = yield from self._commit(overlay.rows, overlay.outbox, fresh)
        if Fault.APPLIED_LAST in self._design:
            position = yield from self._commit({APPLIED: b"%d" % applied}, [], [])
        # 6. the local store
        if Fault.STORE_BEFORE_COMMIT not in self._design:
            self.store.write({**overlay.rows, APPLIED: b"%d" % applied}, position)
        self.applied = applied
        yield "store"

    def _commit(self, rows: Changes, outbox: Sequence[Outgoing], settled: list[Message]) -> Generator[str, None, int]:
        position = self.store.position
        if not rows and not outbox:
            return position
        for key, value in rows.items():
            position = 1 + self._producer.send(self.state, key, value, [])
            yield "send row"
        for topic, key, value, headers, partition, _ in outbox:
            self._producer.send(self._place(topic, key, partition), key, value, headers)
            yield "send"
        if Fault.STORE_BEFORE_COMMIT in self._design:
            self.store.write(rows, position)
            yield "store"
        self._producer.commit(settled)
        yield "commit"
        return position

    def _settle_row_by_row(self, fresh: list[Message]) -> Iterator[str]:
        for message in fresh:
            scope = Guarded(self.store.get, message.offset)
            try:
                self.agent.prepare(message)(scope)
            except Exception:  # it changes nothing and is parked, as in the task's own fold
                scope.writes[:] = self.agent.fold(self.store, [message]).outbox
            yield "fold"
            scope.writes.append(Row(APPLIED, b"%d" % message.offset))
            for write in scope.writes:
                match write:
                    case Row(key, value):
                        position = 1 + self._producer.send(self.state, key, value, [])
                        self._producer.commit([])
                        yield "row"
                        self.store.write({key: value}, position)
                        yield "store"
                    case Outgoing(topic, key, value, headers, partition, _):
                        self._producer.send(self._place(topic, key, partition), key, value, headers)
                        self._producer.commit([])
                        yield "send"
            self.applied = message.offset

    def _place(self, topic: str, key: bytes | None, partition: int | None) -> Place:
        return Place(topic, partition_of(key or b"", PARTITIONS) if partition is None else partition)

    def _tell(self, applied: int) -> Iterator[str]:
        if applied >= 0:
            self._broker.ack(self.source, applied)
            self._on_ack(self.source, applied)
            yield "ack"
