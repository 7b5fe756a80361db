"""A withdrawn article leaves no text behind: in no topic once the broker has cleaned, in no store, in no log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from models import RawArticle
from tests.integration.test_redrive import Desk
from tests.integration.test_way_of_a_message import eventually
from tests.integration.workers import WorkerProcess, dyads, kept
from tests.topics.conformance.kafka import Kafka
from topics import admin
from topics.catalogue import CATALOGUE, CODED, TEXTS, Cleanup, Topic
from topics.headers import VERSION, pack
from topics.letters import letter_key
from topics.partition import home_partition
from workers.runtime.settings import StoreKind

ID = "steppe/1"
MARK = "Секретов"
"""A name in every text, and so in the evidence: what must be found nowhere in the end."""


def revision(act: str) -> RawArticle:
    return RawArticle(
        id=ID,
        text=f"Президент Казахстана Иван {MARK} {act}.",
        title=MARK,
        source="steppe.example",
        published_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
    )


async def holding(address: str, mark: bytes) -> set[str]:
    """The topics that have a record with the mark in key, value or headers, uncommitted and aborted ones included."""
    counts = await admin.partition_counts(address)
    places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
    found: set[str] = set()
    async with Kafka(address).consumer(isolation_level="read_uncommitted", enable_auto_commit=False) as consumer:
        consumer.assign(places)
        starts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, starts[place])
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    parts = (record.key, record.value, *(value for _, value in record.headers))
                    if any(mark in (part or b"") for part in parts):
                        found.add(place.topic)
    return found


async def let_the_day_pass(address: str, topics: Iterable[Topic] = CATALOGUE) -> None:
    """Set the times after which the catalogue's topics are cleaned to nothing, and nothing else."""
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        for topic in topics:
            times = {"max.compaction.lag.ms": "1"} if topic.cleanup.compacts else {}
            if topic.cleanup is Cleanup.DELETE:
                times["retention.ms"] = "1"
            settings = topic.config() | times
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, settings)])
    finally:
        await client.close()


async def test_text_and_evidence_of_a_withdrawn_article_are_gone_everywhere(broker: str, tmp_path: Path) -> None:
    desk, mark = Desk(broker, 0), MARK.encode()
    away = (home_partition(ID, 4) + 1) % 4
    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.ROCKSDB)
    async with kept([worker]):
        # Two revisions, one that dies at home, one that dies elsewhere, and a coded one that relate cannot read.
        await desk.publish(revision("обвинил Узбекистан в нарушении границы"))
        await desk.publish(revision("осудил действия Узбекистана"))
        spoilt = b'{"id": "%s", "text": 5, "title": "%s"}' % (ID.encode(), mark)
        await desk.send((ID.encode(), spoilt))
        await desk.send((ID.encode(), spoilt), partition=away)
        async with Kafka(broker).producer() as producer:
            headers = pack({VERSION: 9})
            await producer.send_and_wait(CODED.name, key=ID.encode(), value=spoilt, headers=headers)

        async def everywhere() -> bool:
            keys = {(m.partition, m.key) for m in await desk.dead()}
            return await desk.row() is not None and keys == {
                (home_partition(ID, 4), ID.encode()),
                (away, ID.encode()),
                (home_partition(ID, 4), letter_key("relate", ID.encode())),
            }

        await eventually(everywhere)
        assert await holding(broker, mark) == {topic.name for topic in TEXTS}

        await desk.withdraw(ID)

        async def withdrawn() -> bool:
            return await desk.letters() == {} and (await dyads(broker, "trace", ID))[1].startswith(f"{ID}  withdrawn")

        await eventually(withdrawn)
        assert await holding(broker, mark) != set()
        await let_the_day_pass(broker)
        assert await dyads(broker, "topics", "tidy") == (0, "topics: 16 partitions tidied\n")

        async def gone() -> bool:
            return await holding(broker, mark) == set()

        await eventually(gone, seconds=120)
        assert (await dyads(broker, "audit"))[0] == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    assert [path.name for path in files if mark in path.read_bytes()] == []
