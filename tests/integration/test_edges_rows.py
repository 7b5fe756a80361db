"""Rows of the agents that are not what this version writes: damaged, of an older form, of a newer schema."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from models import RawArticle
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads
from topics.admin import create
from topics.catalogue import CONTRIBUTIONS, DAILY, EVENTS, MENTIONS, Topic, state_topic
from topics.headers import ERROR, REASON, SCHEMA, STAGE
from topics.partition import home_partition
from topics.reader import Reader
from workers.runtime.engine import EXIT_BROKEN
from workers.runtime.settings import StoreKind

RELATE, AGGREGATE = state_topic("relate"), state_topic("aggregate")
TABLES = (RELATE, AGGREGATE, CONTRIBUTIONS, DAILY, EVENTS, MENTIONS)
"""What docs/operators.md has an operator delete for the tables to be rebuilt."""


def article(id: str, act: str, day: int = 2) -> RawArticle:
    return RawArticle(id=id, text=f"{act} Узбекистана.", published_at=dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC))


FIRST = [article(f"kaz/{n}", "Казахстан осудил действия") for n in range(4)] + [article("tjk", "Иран осудил действия")]
THEN = [
    article("kaz/0", "Казахстан обвинил власти"),  # counts in the damaged day
    article("kaz/1", "Казахстан осудил действия", day=3),  # leaves the damaged day
    article("kaz/2", "Иран осудил действия"),  # its own row is damaged
    article("kaz/3", "Казахстан осудил действия", day=2),  # as it was; its row is of an older form
    article("kaz/new", "Казахстан осудил действия", day=4),  # another day of the same dyad
    article("tjk", "Иран обвинил власти"),  # another dyad
]


class Hand:
    """Writes rows as somebody would who is not an agent."""

    def __init__(self, broker: str) -> None:
        self._broker = broker

    async def row(self, state: Topic, source_key: str, key: str) -> dict[str, object]:
        async with Reader(self._broker) as reader:
            rows = await reader.latest(state)
        return dict(json.loads(rows[key.encode()].value or b"null"))

    async def write(self, state: Topic, source_key: str, key: str, value: bytes, **headers: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self._broker) as producer:
            where = home_partition(source_key, 4)
            await producer.send_and_wait(state.name, value, key.encode(), where, headers=list(headers.items()))


async def proof(broker: str) -> str:
    return (await dyads(broker, "audit", "--wait", "30"))[1].splitlines()[-1]


async def test_a_damaged_row_parks_what_needs_it_and_the_tables_can_be_rebuilt(broker: str, tmp_path: Path) -> None:
    worker, pipeline, hand = (
        WorkerProcess(broker, "one", tmp_path, StoreKind.ROCKSDB),
        Pipeline(broker, 0),
        Hand(broker),
    )
    try:
        await worker.start()
        await pipeline.publish(*FIRST)
        assert await proof(broker) == "audit: 0 differences"
        assert await worker.end() == 0

        old = await hand.row(RELATE, "kaz/3", "a|kaz/3")
        await hand.write(RELATE, "kaz/3", "a|kaz/3", json.dumps({**old, "withdrawn": False, "gone": [1]}).encode())
        await hand.write(RELATE, "kaz/2", "a|kaz/2", b'{"version": -1}')
        await hand.write(AGGREGATE, "KAZ-UZB", "d|KAZ-UZB|2026-03-02", b'{"dyad": "KAZ-UZB"')
        await worker.start()
        await pipeline.publish(*THEN)

        async def parked() -> bool:
            return len(await pipeline.dead()) == 4

        await eventually(parked)
        letters = sorted((m.headers[STAGE], m.headers[ERROR]) for m in await pipeline.dead())
        row = b"row d|KAZ-UZB|2026-03-02: not JSON"
        print(letters)
        assert {m.headers[REASON] for m in await pipeline.dead()} == {b"damaged-row"}
        print(await dyads(broker, "audit", "--wait", "5"))
        assert worker.tail().count("is parked: damaged-row: row d|KAZ-UZB|2026-03-02: not JSON") == 3
        assert await worker.end() == 0

        await hand.write(AGGREGATE, "KAZ-UZB", "d|KAZ-UZB|2026-03-02", b"{}", **{SCHEMA: b"2"})
        await worker.start()
        assert await worker.ended() == EXIT_BROKEN
        assert "a row of schema b'2', and this worker knows b'1'; rebuild the tables" in worker.tail()

        client = AIOKafkaAdminClient(bootstrap_servers=broker)
        await client.start()
        await client.delete_topics([topic.name for topic in TABLES])
        await client.close()
        await create(broker, partitions=4)
        await worker.start()
        assert await proof(broker) == "audit: 0 differences"
        assert await worker.end() == 0
    finally:
        print(worker.tail())
        worker.kill()
