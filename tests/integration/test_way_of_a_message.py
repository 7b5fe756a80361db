"""From an article on a topic to a row of the tables, and back out again, with one real worker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from models import DailyRelation, Mention, RawArticle, RelationEvent
from models.coded import EventType
from tests.integration.news import at_length
from tests.integration.workers import WorkerProcess, dyads, kept
from tests.runtime.test_health import free_port
from topics.catalogue import CODED, DAILY, DEAD, EVENTS, MENTIONS, RAW
from topics.codec import decode
from topics.headers import ORIGIN, REASON, STAGE, VERSION
from topics.message import Message
from topics.partition import home_partition
from topics.reader import Reader
from workers.producing.client import ArticleProducer
from workers.runtime.settings import StoreKind

MEETING = RawArticle(
    id="steppe/1",
    text="Президент Казахстана Касым-Жомарт Токаев обвинил Узбекистан в нарушении границы.",
    source="steppe.example",
    published_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
)
KEY = b"KAZ-UZB|2026-03-02"


class Pipeline:
    """A broker with a worker, and eyes on its topics."""

    def __init__(self, address: str, http_port: int) -> None:
        self.address = address
        self.http_port = http_port

    async def publish(self, *articles: RawArticle) -> None:
        async with ArticleProducer(self.address) as producer:
            for article in articles:
                await producer.publish(article)

    async def withdraw(self, id: str) -> None:
        async with ArticleProducer(self.address) as producer:
            await producer.withdraw(id)

    async def send(self, *messages: tuple[bytes | None, bytes | None], partition: int | None = None) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.address) as producer:
            for key, value in messages:
                await producer.send_and_wait(RAW.name, key=key, value=value, partition=partition)

    async def latest(self, topic: object) -> dict[bytes, Message]:
        async with Reader(self.address) as reader:
            return await reader.latest(topic, tombstones=True)  # type: ignore[arg-type]

    async def dead(self) -> list[Message]:
        async with Reader(self.address) as reader:
            return [m async for m in reader.read(DEAD)]

    async def row(self) -> DailyRelation | None:
        message = (await self.latest(DAILY)).get(KEY)
        return decode(DailyRelation, message.value) if message and message.value else None


async def eventually(check: Callable[[], Awaitable[bool]], seconds: float = 180) -> None:
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.2)


@pytest.fixture
async def pipeline(broker: str, tmp_path: Path) -> AsyncIterator[Pipeline]:
    port = free_port()
    async with kept([WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, DYADS_HTTP_PORT=str(port))]):
        yield Pipeline(broker, port)


async def test_an_article_becomes_a_row_with_its_evidence_and_a_withdrawal_takes_it_back(pipeline: Pipeline) -> None:
    await pipeline.publish(MEETING)

    async def there() -> bool:
        return await pipeline.row() is not None

    await eventually(there)
    row = await pipeline.row()
    assert row is not None
    assert (row.a_to_b.by_type, row.b_to_a.events) == ({EventType.ACCUSE: 1}, 0)

    (event,) = [decode(RelationEvent, m.value or b"") for m in (await pipeline.latest(EVENTS)).values()]
    assert (event.source, event.target, event.type, event.mentions) == ("KAZ", "UZB", EventType.ACCUSE, 1)
    (mention,) = [decode(Mention, m.value or b"") for m in (await pipeline.latest(MENTIONS)).values()]
    assert mention.article == MEETING.id
    assert mention.evidence.text == MEETING.text[mention.evidence.start : mention.evidence.end]
    assert mention.trigger.text in mention.evidence.text
    assert mention.source.name is not None
    assert "Токаев" in mention.source.name

    await pipeline.withdraw(MEETING.id)

    async def gone() -> bool:
        return await pipeline.row() is None and KEY in await pipeline.latest(DAILY)

    await eventually(gone)
    assert all(m.value is None for m in (await pipeline.latest(MENTIONS)).values())
    assert (await dyads(pipeline.address, "audit"))[0] == 0


async def test_messages_that_came_to_a_foreign_partition_are_sent_home(pipeline: Pipeline) -> None:
    home = home_partition(MEETING.id, 4)
    value = b'{"id": "steppe/1", "text": "%s"}' % "Казахстан осудил действия Узбекистана.".encode()
    await pipeline.send((b"steppe/1", value), partition=(home + 1) % 4)

    async def coded() -> bool:
        return b"steppe/1" in await pipeline.latest(CODED)

    await eventually(coded)
    assert (await dyads(pipeline.address, "audit"))[0] == 0
    message = (await pipeline.latest(CODED))[b"steppe/1"]
    assert message.headers[ORIGIN].startswith(f"articles.raw:{home}:".encode())
    await pipeline.send((b"steppe/1", None), partition=(home + 3) % 4)

    async def withdrawn() -> bool:
        return (await pipeline.latest(CODED))[b"steppe/1"].value is None

    await eventually(withdrawn)
    assert (await dyads(pipeline.address, "audit"))[0] == 0


BAD: dict[str, tuple[bytes, bytes]] = {
    "not JSON": (b"bad/1", b"{"),
    "not an object": (b"bad/2", b'["bad/2"]'),
    "null": (b"bad/3", b"null"),
    "no text": (b"bad/4", b'{"id": "bad/4"}'),
    "empty text": (b"bad/5", b'{"id": "bad/5", "text": ""}'),
    "text of another type": (b"bad/6", b'{"id": "bad/6", "text": 6}'),
    "a date that is none": (b"bad/7", b'{"id": "bad/7", "text": "x", "published_at": "soon"}'),
    "a date without a zone": (b"bad/8", b'{"id": "bad/8", "text": "x", "published_at": "2026-03-02T09:00:00"}'),
    "broken UTF-8": (b"bad/9", b'{"id": "bad/9", "text": "\xff\xfe"}'),
    "a key that is not the id": (b"bad/10", b'{"id": "other", "text": "x"}'),
    "a key that is not UTF-8": (b"\xff\xfe", b'{"id": "bad/11", "text": "x"}'),
    "an id too long": (b"x" * 600, b'{"id": "%s", "text": "x"}' % (b"x" * 600)),
    "an empty message": (b"bad/14", b""),
}


async def test_bad_input_is_parked_with_its_reason_and_good_articles_beside_it_are_coded(pipeline: Pipeline) -> None:
    good = [RawArticle(id=f"good/{n}", text="Казахстан осудил действия Узбекистана.") for n in range(len(BAD))]
    for article, message in zip(good, BAD.values(), strict=True):
        await pipeline.publish(article)
        await pipeline.send(message)

    async def through() -> bool:
        return len(await pipeline.latest(CODED)) == len(good) and len(await pipeline.dead()) == len(BAD)

    await eventually(through)
    letters = await pipeline.dead()
    assert sorted((m.key, m.value) for m in letters) == sorted(BAD.values())
    assert {m.headers[STAGE] for m in letters} == {b"enrich"}
    assert {m.headers[REASON] for m in letters} == {b"undecodable", b"invalid"}
    assert all(m.headers[VERSION].isdigit() for m in letters)
    assert (await dyads(pipeline.address, "audit"))[0] == 0
    status, printed = await dyads(pipeline.address, "dead", "list")
    assert status == 0
    assert f"{len(BAD)} dead letters" in printed


async def test_an_article_that_takes_too_long_is_parked(broker: str, tmp_path: Path) -> None:
    """No long article can be coded in a millisecond, so this one is poison here."""
    async with kept([WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, DYADS_ARTICLE_TIMEOUT="0.001")]):
        pipeline = Pipeline(broker, 0)
        await pipeline.publish(replace(MEETING, text=at_length(MEETING.text)))

        async def parked() -> bool:
            return len(await pipeline.dead()) == 1

        await eventually(parked)
        (letter,) = await pipeline.dead()
        assert (letter.headers[REASON], letter.key) == (b"too-slow", MEETING.id.encode())
        assert (await dyads(broker, "audit"))[0] == 0


async def test_a_worker_tells_whether_it_is_ready_and_stops_on_request(pipeline: Pipeline) -> None:
    async def ready() -> bool:
        try:
            async with aiohttp.request("GET", f"http://127.0.0.1:{pipeline.http_port}/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await eventually(ready)
    async with aiohttp.request("GET", f"http://127.0.0.1:{pipeline.http_port}/metrics") as answer:
        assert 'dyads_tasks{agent="aggregate"} 4.0' in await answer.text()
