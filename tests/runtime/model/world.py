"""Workers, who holds which partition, and what may happen to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set

from tests.runtime.model.agents import PARTITIONS, agents
from tests.runtime.model.broker import TOMBSTONES_KEPT, Place
from tests.runtime.model.checks import Check, Checks, Violation
from tests.runtime.model.design import Design, Fault
from tests.runtime.model.holder import Holder
from tests.runtime.model.news import News
from topics.catalogue import CATALOGUE, Cleanup, Topic
from topics.message import Message
from workers.runtime.store import MemoryStore
from workers.runtime.task import Lost

WORKERS = 2
"""The first keeps its stores on disk, the second in memory."""
ENDLESS = 20_000
"""Steps after which a run that should come to rest never will."""


class DiskStore(MemoryStore):
    """Rows that outlive the process, as RocksDB's do; rebuilt when older than the state topic keeps tombstones."""

    def __init__(self, week: Callable[[], int]) -> None:
        super().__init__()
        self._week = week
        self._written = week()

    def open(self) -> None:
        """A process starts on it."""
        if self._week() - self._written > TOMBSTONES_KEPT:
            self.clear()

    def write(self, changes: Mapping[bytes, bytes | None], position: int, *, current: bool = True) -> None:
        super().write(changes, position)
        self._written = self._week()


class Worker:
    """A process: the tasks it holds, which die with it, and the disk that does not."""

    def __init__(self) -> None:
        self.held: dict[Place, Holder] = {}
        self.disk: dict[Place, DiskStore] = {}


class World:
    """Everything. What happens is up to the caller; what it leads to is judged by `Checks`."""

    def __init__(self, design: Design, judging: Set[Check]) -> None:
        self._design = design
        self._agents = agents()
        self._checks = Checks(self._agents, judging)
        self.broker = self._checks.broker
        self.workers = [Worker() for _ in range(WORKERS)]
        self._places = [(agent, p) for agent in self._agents for p in range(PARTITIONS)]
        self._assigned = {agent.source(p): p % WORKERS for agent, p in self._places}
        self._lives = 0
        self.done: list[str] = []
        """The steps so far, in words."""
        for worker in range(WORKERS):
            self.learn(worker)

    def committed(self, topic: Topic) -> list[Message]:
        """What a reader of a topic is shown."""
        places = [Place(topic.name, p) for p in range(PARTITIONS)]
        return [m for p in places for m in self.broker.read(p, 0, self.broker.end(p, committed=True), committed=True)]

    def publish(self, news: News) -> None:
        """A producer sends."""
        self._note(f"published: {news}")
        self.broker.publish(news.place, news.key, news.value)

    # what workers do

    def busy(self) -> list[tuple[int, Holder]]:
        """The tasks that have something to do, zombies included."""
        return [
            (w, holder) for w, worker in enumerate(self.workers) for holder in worker.held.values() if holder.has_work()
        ]

    def holds(self, worker: int, holder: Holder) -> bool:
        """Whether this life of a task is still one."""
        return self.workers[worker].held.get(holder.source) is holder

    def step(self, worker: int, holder: Holder) -> str:
        """One task goes on to its next effect; if it is `lost`, its process exits. What was done."""
        try:
            done = holder.step()
        except Lost:
            done = "lost"
        self._note(f"worker {worker} {holder}: {done}")
        if done == "lost":
            self.crash(worker)
        elif done == "store":
            self._checks.on_store(holder)
        return done

    # what happens to them

    def crash(self, worker: int) -> None:
        """The process dies, and all that it holds in memory."""
        self._note(f"worker {worker} dies")
        self.workers[worker].held.clear()

    def assign(self, source: Place, worker: int) -> None:
        """The group's coordinator gives a partition to a worker. Whoever had it is not told, being paused or away."""
        if self._assigned[source] != worker:
            self._note(f"{source} goes to worker {worker}")
            self._assigned[source] = worker
            self.learn(worker)

    def learn(self, worker: int) -> None:
        """A worker starts if it is down, and hears what it is to hold: it finishes the batches it is at, gives up what
        went elsewhere, goes on with what it keeps, and opens what is new."""
        process = self.workers[worker]
        self._note(f"worker {worker} learns what it is to hold")
        for holder in list(process.held.values()):
            while process.held and not holder.at_rest:
                self.step(worker, holder)
        for agent, partition in self._places:
            source = agent.source(partition)
            if self._assigned[source] != worker:
                process.held.pop(source, None)
            elif source in process.held:
                process.held[source].start_lane()
            else:
                self._lives += 1
                store = self._store(process, source)
                process.held[source] = Holder(
                    self.broker, agent, partition, store, self._design, self._lives, self._checks.on_ack
                )

    def _store(self, process: Worker, source: Place) -> MemoryStore:
        if process is not self.workers[0]:
            return MemoryStore()
        store = process.disk.setdefault(source, DiskStore(lambda: self.broker.week))
        store.open()
        return store

    def compact(self) -> None:
        """The broker compacts what is to be compacted."""
        self._note("the broker compacts")
        compacted = {topic.name for topic in CATALOGUE if topic.cleanup is Cleanup.COMPACT}
        for place in self.broker.places:
            if place.topic in compacted:
                self._checks.on_compaction(place, self.broker.compact(place))

    def week(self) -> None:
        """A week and more passes, in which everything that is served comes to the end of its source.

        An agent that is behind its source for longer than tombstones are kept may miss a withdrawal: that is not
        promised, so it does not happen here.
        """
        if all(self._served(source) for source in self._assigned):
            self.run_until_quiet()
            self._note("a week passes")
            self.broker.week += 1 + TOMBSTONES_KEPT

    def _served(self, source: Place) -> bool:
        return source in self.workers[self._assigned[source]].held

    def rest(self) -> None:
        """No more faults: every worker runs, hears what it holds, and works until nothing is left to do."""
        for worker in range(WORKERS):
            self.learn(worker)
        for source in self._assigned:
            self.broker.expire(source)
        self.run_until_quiet(restart=True)
        self._checks.in_the_end(read_committed=Fault.UNCOMMITTED not in self._design)

    def run_until_quiet(self, *, restart: bool = False) -> None:
        """All who hold what they are to hold work, a step each in turn, until nothing is left to do. Workers that end
        are started again if `restart`."""
        for _ in range(ENDLESS):
            moved = self.turn()
            for worker in self._ended() if restart else ():
                self.learn(worker)
                moved = True
            if not moved:
                return
        raise Violation(Check.AUDIT, "it never comes to rest")

    def _ended(self) -> list[int]:
        return [w for w in set(self._assigned.values()) if not self.workers[w].held]

    def turn(self) -> bool:
        """A marker is written, and each who holds what it is to hold makes a step; False when nothing is to do."""
        moved = self.broker.mark()
        for worker, holder in self.busy():
            if self._assigned[holder.source] == worker and self.holds(worker, holder):
                self.step(worker, holder)
                moved = True
        return moved

    def _note(self, what: str) -> None:
        self.done.append(what)
