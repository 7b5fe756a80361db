"""A story of requests to a broker, and the clients that make them and repeat what was not answered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tests.topics.embedded.crashes import Crash
from tests.topics.embedded.node import Node
from tests.topics.embedded.records import FakeClock, Record, make_batch
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group import CommittedOffset
from topics.embedded.transaction import ProducerIdentity

COMPACTED = {"cleanup.policy": "compact", "delete.retention.ms": "1000"}


MARKER_DELAY_MS = 5
"""For brokers that let a transaction's end take effect later than they answer it."""


class Clients:
    """What the clients remember; it outlives the broker."""

    def __init__(self) -> None:
        self.identities: dict[str, ProducerIdentity] = {}
        self.sequences: dict[tuple[str, str], int] = {}


Request = Callable[[Node, Clients], None]


def create(topic: str, partitions: int = 1, **config: str) -> Request:
    def request(node: Node, _clients: Clients) -> None:
        with _done_already(ErrorCode.TOPIC_ALREADY_EXISTS):
            settings = {name.replace("_", "."): value for name, value in config.items()}
            node.topics.create(topic, partitions, settings)

    return request


def delete(topic: str) -> Request:
    def request(node: Node, _clients: Clients) -> None:
        with _done_already(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION):
            node.topics.delete(topic)

    return request


def configure(topic: str, **config: str) -> Request:
    return lambda node, _clients: node.topics.configure(
        topic, {name.replace("_", "."): value for name, value in config.items()}
    )


def begin(who: str) -> Request:
    """A producer starts. Repeated, it starts again, with the next epoch."""

    def request(node: Node, clients: Clients) -> None:
        try:
            identity = node.transactions.init_producer(who, 60_000)
        except Refused as refused:
            if refused.code is not ErrorCode.CONCURRENT_TRANSACTIONS:
                raise
            pass_time(node)
            identity = node.transactions.init_producer(who, 60_000)
        node.answer()
        clients.identities[who] = identity
        clients.sequences = {known: n for known, n in clients.sequences.items() if known[0] != who}

    return request


def add(who: str, *topics: str) -> Request:
    return lambda node, clients: node.transactions.add_partitions(
        who, clients.identities[who], [(topic, 0) for topic in topics]
    )


def write(who: str, topic: str, *records: tuple[bytes, bytes | None]) -> Request:
    """A batch in a transaction, with the same sequence numbers when it is repeated."""

    def request(node: Node, clients: Clients) -> None:
        identity = clients.identities[who]
        sequence = clients.sequences.get((who, topic), 0)
        node.transactions.check_write(identity, (topic, 0), transactional=True)
        batch = make_batch(
            [Record(key, value) for key, value in records],
            producer_id=identity.producer_id,
            epoch=identity.epoch,
            sequence=sequence,
            transactional=True,
        )
        node.log(topic).append(batch)
        node.answer()
        clients.sequences[who, topic] = sequence + len(records)

    return request


def send_offsets(who: str, group: str, topic: str, offset: int) -> Request:
    def request(node: Node, clients: Clients) -> None:
        node.transactions.add_group(who, clients.identities[who], group)
        node.transactions.commit_offsets(who, clients.identities[who], group, {(topic, 0): CommittedOffset(offset, "")})

    return request


def end(who: str, *, commit: bool) -> Request:
    return lambda node, clients: node.transactions.end(who, clients.identities[who], commit=commit)


def commit_and_begin(who: str) -> Request:
    """The commit's answer is not awaited: the next life of the worker comes in between."""

    def request(node: Node, clients: Clients) -> None:
        with _done_already(ErrorCode.INVALID_PRODUCER_EPOCH):
            end(who, commit=True)(node, clients)
        begin(who)(node, clients)

    return request


def commit_offset(group: str, topic: str, offset: int) -> Request:
    return lambda node, _clients: node.groups.commit(group, "", -1, {(topic, 0): CommittedOffset(offset, "note")})


def compact(topic: str) -> Request:
    return lambda node, _clients: node.compact(node.log(topic))


def compact_the_journal(node: Node, _clients: Clients) -> None:
    for log in node.storage.own_logs():
        node.compact(log)


def delete_records(topic: str, before: int) -> Request:
    return lambda node, _clients: node.log(topic).delete_before(before)


def transaction(who: str, key: bytes, value: bytes | None, *, commit: bool) -> list[Request]:
    """One over two topics."""
    record = (key, value)
    return [
        add(who, "rows", "events"),
        write(who, "rows", record),
        write(who, "events", record),
        end(who, commit=commit),
    ]


STORY: list[Request] = [
    create("rows", **{name.replace(".", "_"): value for name, value in COMPACTED.items()}),
    create("events", 2, retention_ms="-1"),
    begin("w"),
    *transaction("w", b"a", b"1", commit=True),
    *transaction("w", b"b", b"aborted", commit=False),
    *transaction("w", b"a", b"2", commit=True),
    commit_offset("readers", "events", 2),
    *transaction("w", b"b", b"3", commit=True),
    *transaction("w", b"a", None, commit=True),
    compact("rows"),
    add("w", "rows"),
    write("w", "rows", (b"c", b"4"), (b"d", b"4")),
    send_offsets("w", "workers", "events", 5),
    end("w", commit=True),
    delete_records("events", 3),
    create("passing"),
    commit_offset("readers", "passing", 0),
    delete("passing"),
    configure("events", retention_ms="5000"),
    compact_the_journal,
    add("w", "rows"),
    write("w", "rows", (b"c", b"lost")),
    begin("w"),  # the next life of the worker: what it left open is aborted
    *transaction("w", b"d", b"5", commit=True),
    compact("rows"),
    *transaction("w", b"e", b"6", commit=True),
    delete_records("events", 9),
    compact_the_journal,
    delete_records("events", 100),
    *transaction("w", b"g", b"8", commit=True)[:-1],
    commit_and_begin("w"),
    *transaction("w", b"f", b"7", commit=True),
]


def pass_time(node: Node) -> None:
    """Long enough for what was ended to take effect."""
    node.clock.now_ms += MARKER_DELAY_MS
    node.transactions.tick()


@contextlib.contextmanager
def _done_already(code: ErrorCode) -> Any:
    try:
        yield
    except Refused as refused:
        if refused.code is not code:
            raise


def views() -> list[dict[str, Any]]:
    """What clients see before the story and after each request."""
    node, clients = Node.in_memory(FakeClock()), Clients()
    seen = [node.view()]
    for request in STORY:
        request(node, clients)
        seen.append(node.view())
    return seen


def tell(node: Node, clients: Clients, told: int = 0) -> int:
    """The story from the request `told` on; how far it came."""
    for request in STORY[told:]:
        try:
            request(node, clients)
            node.answer()
            pass_time(node)
        except Crash:
            return told
        told += 1
    return told
