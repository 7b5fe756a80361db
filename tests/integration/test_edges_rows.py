"""Rows of the agents that are not what this version writes: damaged, of an older form, of a newer schema."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from models import RawArticle
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads
from topics.admin import create
from topics.catalogue import CODED, CONTRIBUTIONS, DAILY, EVENTS, MENTIONS, Topic, state_topic
from topics.headers import ERROR, REASON, STAGE, VERSION
from topics.letters import article_of
from topics.partition import home_partition
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
    article("kaz/3", "Казахстан осудил действия"),  # says what it said; its row is of an older form
    article("kaz/new", "Казахстан осудил действия", day=4),  # other days of the same dyad
    article("kaz/newer", "Казахстан осудил действия", day=5),
    article("tjk", "Иран обвинил власти"),  # another dyad
]


async def write(broker: str, state: Topic, home: str, row: str, value: bytes, **headers: bytes) -> None:
    """Write a row as somebody would who is not the agent; `home` is the key of what it is about."""
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer:
        where = home_partition(home, 4)
        await producer.send_and_wait(state.name, value, row.encode(), where, headers=list(headers.items()))


async def delete_topics(broker: str, *topics: Topic) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=broker)
    await client.start()
    await client.delete_topics([topic.name for topic in topics])
    await client.close()


async def proof(broker: str) -> str:
    return (await dyads(broker, "audit", "--wait", "120"))[1].splitlines()[-1]


async def test_a_damaged_row_parks_what_needs_it_and_the_tables_can_be_rebuilt(broker: str, tmp_path: Path) -> None:
    worker, pipeline = WorkerProcess(broker, "one", tmp_path, StoreKind.ROCKSDB), Pipeline(broker, 0)
    day = "d|KAZ-UZB|2026-03-02"
    try:
        await worker.start()
        await pipeline.publish(*FIRST)
        assert await proof(broker) == "audit: 0 differences"  # all that came is counted: nothing of it can park later
        assert await worker.end() == 0

        version = (await pipeline.latest(CODED))[b"kaz/3"].headers[VERSION].decode()
        older = f'{{"version": {version}, "dyads": ["KAZ-UZB"], "a field of then": [1]}}'.encode()  # and no schema
        await write(broker, RELATE, "kaz/3", "a|kaz/3", older)
        await write(broker, RELATE, "kaz/2", "a|kaz/2", b'{"version": -1}')
        await write(broker, AGGREGATE, "KAZ-UZB", day, b'{"dyad": "KAZ-UZB"')
        await worker.start()
        await pipeline.publish(*THEN)

        async def through() -> bool:
            rows, parked = await pipeline.latest(DAILY), await pipeline.dead()
            return len(parked) == 3 and b"KAZ-UZB|2026-03-04" in rows and b"KAZ-UZB|2026-03-05" in rows

        await eventually(through)
        letters = sorted((m.headers[STAGE].decode(), article_of(m).decode(), m.headers[REASON], m.headers[ERROR][:30])
                         for m in await pipeline.dead())  # fmt: skip
        assert letters == [
            ("aggregate", "kaz/0", b"damaged-row", b"row d|KAZ-UZB|2026-03-02: not "),
            ("aggregate", "kaz/1", b"damaged-row", b"row d|KAZ-UZB|2026-03-02: not "),
            ("relate", "kaz/2", b"damaged-row", b"row a|kaz/2: version: a versio"),
        ]
        assert worker.log.read_text().count("is parked: damaged-row: row ") == 3
        assert "audit: 0 differences" not in (await dyads(broker, "audit", "--wait", "0"))[1]
        assert await worker.end() == 0

        await write(broker, AGGREGATE, "KAZ-UZB", day, b"{}", schema=b"2")
        await worker.start()
        assert await worker.ended() == EXIT_BROKEN
        assert "a row of schema b'2', and this worker knows b'1'; rebuild the tables" in worker.tail()

        await delete_topics(broker, *TABLES)
        await create(broker, partitions=4)
        await worker.start()
        assert await proof(broker) == "audit: 0 differences"
        assert b"IRN-UZB|2026-03-02" in await pipeline.latest(DAILY)
        assert await worker.end() == 0
    finally:
        worker.kill()
