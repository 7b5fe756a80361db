"""What must hold: at every step, and when all has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from enum import Enum, auto
from typing import TypeVar

import msgspec

from models import CodedArticle, Contribution, DailyRelation, Mention, RelationEvent, Version
from tests.aggregation.lost import corrected, lost
from tests.runtime.model.agents import PARTITIONS, Agent, code
from tests.runtime.model.broker import Broker, Place, Transaction
from tests.runtime.model.holder import Holder
from topics.catalogue import CODED, CONTRIBUTIONS, CORRECTIONS, DAILY, DEAD, EVENTS, MENTIONS, RAW, Topic
from topics.codec import Undecodable, decode
from topics.headers import ORIGIN, VERSION
from topics.message import Message
from workers.aggregation.audit import Difference, Revision, compare, compare_articles
from workers.aggregation.fold import fold, last_revisions
from workers.enrichment.intake import Code, Withdraw, receive
from workers.runtime.handler import Reject
from workers.runtime.store import MemoryStore
from workers.runtime.task import APPLIED

R = TypeVar("R", bound=msgspec.Struct)


class Check(Enum):
    """One invariant."""

    ORDER = auto()
    """The commits of a task settle every message that its source holds, in order, each once."""
    WHOLE = auto()
    """A commit carries exactly what the fold of its messages over the rows committed before makes, and `@applied`."""
    STORE = auto()
    """After a write a local store holds what was committed up to its position, and nothing else."""
    ACKED = auto()
    """A task acks only messages whose effect is committed; in the end every message is acked."""
    AUDIT = auto()
    """In the end the tables are the offline fold of the articles, every article is coded or dead, and nothing that is
    counted (contributions, corrections, dead letters) was published twice."""


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, check: Check, what: str) -> None:
        super().__init__(f"{check.name}: {what}")
        self.check = check


class Checks:
    """Follows a run. Only the checks in `judging` are made."""

    def __init__(self, agents: list[Agent], judging: Set[Check]) -> None:
        self._judging = judging
        self._agents = {agent.source(p): agent for agent in agents for p in range(PARTITIONS)}
        self._rows = {source: MemoryStore() for source in self._agents}
        self._applied = dict.fromkeys(self._agents, -1)
        self._overtaken: set[tuple[Place, int]] = set()
        self.broker = Broker(self.on_commit)

    def on_commit(self, transaction: Transaction) -> None:
        """Judge a transaction that has just been decided."""
        source, settled = transaction.source, transaction.settled
        state = self._agents[source].state(source.partition)
        if settled:
            self._check_order(source, settled)
            self._check_whole(transaction, state)
            self._applied[source] = max(self._applied[source], settled[-1].offset)
            self._overtaken -= {(source, message.offset) for message in settled}
        rows = {key: value for place, key, value, _ in transaction.sent if place == state and key is not None}
        self._rows[source].write(rows, 0)

    def _check_order(self, source: Place, settled: list[Message]) -> None:
        if Check.ORDER not in self._judging:
            return
        offsets = [message.offset for message in settled]
        before = self._applied[source]
        if offsets != sorted(set(offsets)) or offsets[0] <= before:
            raise Violation(Check.ORDER, f"{source}: {offsets} settled after {before}")
        there = self.broker.read(source, before + 1, offsets[-1] + 1, committed=True)
        if left_out := {message.offset for message in there} - set(offsets):
            raise Violation(Check.ORDER, f"{source}: {sorted(left_out)} left out by {offsets} after {before}")

    def _check_whole(self, transaction: Transaction, state: Place) -> None:
        if Check.WHOLE not in self._judging:
            return
        source, settled = transaction.source, transaction.settled
        expected = self._agents[source].fold(self._rows[source], settled)
        rows = {key: value for place, key, value, _ in transaction.sent if place == state}
        if rows != {**expected.rows, APPLIED: b"%d" % settled[-1].offset}:
            raise Violation(Check.WHOLE, f"{source}: rows {rows}, expected {expected.rows}")
        sent = [(p.topic, key, value, headers) for p, key, value, headers in transaction.sent if p != state]
        if sent != [(out.topic, out.key, out.value, out.headers) for out in expected.outbox]:
            raise Violation(Check.WHOLE, f"{source}: published {sent}, expected {expected.outbox}")

    def on_compaction(self, place: Place, gone: Set[int]) -> None:
        """Note what was compacted away before its effect was committed: unless its agent held it already, it cannot be
        asked for."""
        if place in self._applied:
            self._overtaken |= {(place, offset) for offset in gone if offset > self._applied[place]}

    def on_ack(self, source: Place, offset: int) -> None:
        """Judge an ack that a task gives."""
        if Check.ACKED in self._judging and offset > self._applied[source]:
            raise Violation(Check.ACKED, f"{source}: {offset} is acked, {self._applied[source]} is committed")

    def on_store(self, holder: Holder) -> None:
        """Judge a store that has just been written."""
        if Check.STORE not in self._judging:
            return
        committed = MemoryStore()
        for record in self.broker.log(holder.state).every:
            if record.committed and record.offset < holder.store.position and record.key is not None:
                committed.write({record.key: record.value}, 0)
        if holder.store._rows != committed._rows:
            raise Violation(Check.STORE, f"{holder.source}: {holder.store._rows}, committed {committed._rows}")

    def in_the_end(self, *, read_committed: bool) -> None:
        """Judge what is there when nothing moves any more."""
        if Check.ACKED in self._judging:
            for source in self._agents:
                held = self.broker.read(source, 0, self.broker.end(source, committed=True), committed=True)
                if held and self.broker.acked.get(source, 0) <= held[-1].offset:
                    raise Violation(Check.ACKED, f"{source}: {held[-1].offset} is never acked")
        if Check.AUDIT in self._judging and (found := _audit(self.broker, self._overtaken, read_committed)):
            raise Violation(Check.AUDIT, "; ".join(map(str, found)))


def _audit(broker: Broker, overtaken: Set[tuple[Place, int]], read_committed: bool) -> list[Difference | str]:
    """What `dyads audit` does, and that nothing was published twice."""

    def held(topic: Topic) -> Iterator[Message]:
        for place in _partitions(topic):
            end = broker.end(place, committed=read_committed)
            yield from broker.read(place, 0, end, committed=read_committed)

    found: list[Difference | str] = []

    def rows(topic: Topic, kind: type[R]) -> dict[bytes | None, R]:
        readable: dict[bytes | None, R] = {}
        for key, value in {m.key: m.value for m in held(topic)}.items():
            try:
                if value is not None:
                    readable[key] = decode(kind, value)
            except Undecodable as error:
                found.append(f"{topic.name} {key!r}: {error}")
        return readable

    revisions, dead = _said(broker, overtaken)
    raw = {name: Revision(version=version, withdrawn=article is None) for name, version, article in revisions}
    coded = {
        (m.key or b"").decode(): Revision(version=Version.parse(m.headers[VERSION]), withdrawn=m.value is None)
        for m in held(CODED)
    }
    found += compare_articles(raw, coded, {})
    tables = fold(last_revisions(revisions).values())
    found += compare(DAILY, tables.daily, rows(DAILY, DailyRelation))
    found += compare(EVENTS, tables.events, rows(EVENTS, RelationEvent))
    found += compare(MENTIONS, tables.mentions, rows(MENTIONS, Mention))
    contributions = (decode(Contribution, m.value) for m in held(CONTRIBUTIONS) if m.value is not None)
    told = Counter((c.article, c.version, c.dyad) for c in contributions)
    found += [f"contribution {what} published {times} times" for what, times in told.items() if times > 1]
    return found + _corrections(broker) + _letters(broker, dead)


def _partitions(topic: Topic) -> list[Place]:
    return [Place(topic.name, partition) for partition in range(PARTITIONS)]


def _corrections(broker: Broker) -> list[Difference | str]:
    """What an article told of a dyad and, by its next contribution, did not tell any longer: corrected once."""

    def ever(topic: Topic) -> Iterator[Message]:
        for place in _partitions(topic):
            yield from broker.ever(place)

    expected, found = lost(ever(CONTRIBUTIONS)), corrected(ever(CORRECTIONS))
    return [
        f"correction {what}: expected {expected[what]}, found {found[what]}"
        for what in sorted({*found, *expected})
        if found[what] != expected[what]
    ]


def _letters(broker: Broker, dead: list[str]) -> list[Difference | str]:
    """One dead letter for each message that cannot be read, and no other."""
    letters = [m for place in _partitions(DEAD) for m in broker.ever(place) if m.value is not None]
    found, expected = Counter(letter.headers[ORIGIN].decode() for letter in letters), Counter(dead)
    return [
        f"dead letter of {origin}: expected {expected[origin]}, found {found[origin]}"
        for origin in sorted({*found, *expected})
        if found[origin] != expected[origin]
    ]


def _said(
    broker: Broker, overtaken: Set[tuple[Place, int]]
) -> tuple[list[tuple[str, Version, CodedArticle | None]], list[str]]:
    """All that articles.raw ever held and enrich could read: revisions at home, and origins of what is unreadable."""
    revisions: list[tuple[str, Version, CodedArticle | None]] = []
    dead: list[str] = []
    for place in _partitions(RAW):
        for message in broker.ever(place):
            if (place, message.offset) in overtaken:
                continue
            try:
                match receive(message, PARTITIONS):
                    case Withdraw(key, version):
                        revisions.append((key.decode(), version, None))
                    case Code(key, version, _):
                        assert message.value is not None
                        revisions.append((key.decode(), version, code(message.value, version)))
            except Reject:
                dead.append(f"{message.topic}:{message.partition}:{message.offset}")
    return revisions, dead
