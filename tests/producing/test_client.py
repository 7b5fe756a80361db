"""Publishing from Python: revisions in order, withdrawals, and refusal of what would not be taken."""

import asyncio
import datetime as dt
import json

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from models import RawArticle, Version
from topics import admin
from topics.catalogue import RAW
from topics.embedded import EmbeddedBroker
from topics.errors import MissingTopics, Unreachable
from topics.headers import TRACEPARENT
from topics.message import Message
from topics.partition import home_partition
from topics.reader import Reader
from workers.producing.client import ArticleProducer, InvalidArticle, Published
from workers.producing.lines import Withdrawal
from workers.runtime.tracing import Tracing, traceparent

ARTICLE = RawArticle(
    id="агентство/1",
    text="Министры двух стран подписали соглашение о таможне.",
    source="Агентство",
    language="ru",
    published_at=dt.datetime(2025, 10, 31, 9, 30, tzinfo=dt.UTC),
)


async def messages(address: str) -> list[Message]:
    async with Reader(address) as reader:
        return [message async for message in reader.read(RAW)]


async def test_a_message_goes_on_with_the_callers_trace(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    provider, told = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(told))
    async with ArticleProducer(fresh_broker, tracing=Tracing(provider)) as producer:
        with provider.get_tracer("caller").start_as_current_span("morning news") as caller:
            await producer.publish(ARTICLE)
            await producer.withdraw(ARTICLE.id)

    article, withdrawal, _ = told.get_finished_spans()
    assert article.parent == withdrawal.parent == caller.get_span_context()
    carried = [message.headers[TRACEPARENT] for message in await messages(fresh_broker)]
    assert carried == [traceparent(article), traceparent(withdrawal)]


async def test_article_is_keyed_by_its_id_and_comes_home(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=5)
    async with ArticleProducer(fresh_broker) as producer:
        published = await producer.publish(ARTICLE)

    (message,) = await messages(fresh_broker)
    assert published == Published("агентство/1", home_partition("агентство/1", 5), Version(0))
    assert (message.partition, message.offset) == (published.partition, published.version)
    assert message.key == "агентство/1".encode()
    assert message.headers == {"schema": b"1"}
    assert json.loads(message.value or b"") == {
        "id": "агентство/1",
        "text": "Министры двух стран подписали соглашение о таможне.",
        "source": "Агентство",
        "language": "ru",
        "published_at": "2025-10-31T09:30:00Z",
    }


async def test_revisions_and_withdrawal_have_rising_versions(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with ArticleProducer(fresh_broker) as producer:
        first = await producer.publish(RawArticle(id="a", text="one"))
        second = await producer.publish(RawArticle(id="a", text="two"))
        gone = await producer.withdraw("a")

    assert first.version < second.version < gone.version
    assert {first.partition, second.partition, gone.partition} == {home_partition("a", 4)}
    assert [m.value is None for m in await messages(fresh_broker)] == [False, False, True]


async def test_many_at_once_keep_their_order(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with ArticleProducer(fresh_broker) as producer:
        futures = [await producer.enqueue(RawArticle(id=f"a{i % 10}", text=f"{i}")) for i in range(3000)]
        published = [await future for future in futures]

    for name in range(10):
        versions = [p.version for p in published if p.id == f"a{name}"]
        assert versions == sorted(versions)
        assert len(versions) == 300
    assert len(await messages(fresh_broker)) == 3000


@pytest.mark.parametrize(
    ("article", "fault"),
    [
        (RawArticle(id="", text="x"), "id: "),
        (RawArticle(id="a", text=""), "text: "),
        (RawArticle(id="a", text="x" * 400_001), "text: "),
        (RawArticle(id="a", text="x", published_at=dt.datetime(2025, 10, 31)), "published_at: "),  # noqa: DTZ001
        (RawArticle(id="a", text="x", title=7), "title: "),  # type: ignore[arg-type]
        (RawArticle(id="a", text="\ud800"), "surrogates"),
        (Withdrawal(""), "id: "),
    ],
)
async def test_what_would_not_be_taken_is_refused(
    fresh_broker: str, article: RawArticle | Withdrawal, fault: str
) -> None:
    await admin.create(fresh_broker)
    async with ArticleProducer(fresh_broker) as producer:
        with pytest.raises(InvalidArticle, match=fault):
            await producer.enqueue(article)
    assert await messages(fresh_broker) == []


async def test_longest_text_is_taken(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with ArticleProducer(fresh_broker) as producer:
        await producer.publish(RawArticle(id="a", text="\U0001f5de" * 400_000))
    (message,) = await messages(fresh_broker)
    assert len(message.value or b"") > 1_600_000


async def test_broker_without_topics(fresh_broker: str) -> None:
    with pytest.raises(MissingTopics, match=r"articles\.raw"):
        async with ArticleProducer(fresh_broker):
            pass
    assert await admin.partition_counts(fresh_broker) == {}


async def test_no_broker() -> None:
    with pytest.raises(Unreachable, match=r"no Kafka broker answers at 127\.0\.0\.1:1$"):
        async with ArticleProducer("127.0.0.1:1"):
            pass


async def test_broker_that_goes_away_does_not_hang_the_producer() -> None:
    async with await EmbeddedBroker.start() as broker, asyncio.timeout(90):
        await admin.create(broker.address)
        with pytest.raises(Unreachable):
            await publish_and_lose(broker)


async def publish_and_lose(broker: EmbeddedBroker) -> None:
    async with ArticleProducer(broker.address, timeout=0.5) as producer:
        await producer.publish(ARTICLE)
        await broker.stop()
        await producer.publish(ARTICLE)


async def test_what_is_in_the_buffer_at_the_end_is_sent(fresh_broker: str) -> None:
    await admin.create(fresh_broker)
    async with ArticleProducer(fresh_broker) as producer:
        await producer.enqueue(ARTICLE)
    assert len(await messages(fresh_broker)) == 1


async def test_what_cannot_be_sent_at_the_end_is_told() -> None:
    async with await EmbeddedBroker.start() as broker, asyncio.timeout(90):
        await admin.create(broker.address)
        with pytest.raises(Unreachable, match="in the buffer"):
            await enqueue_and_lose(broker)


async def enqueue_and_lose(broker: EmbeddedBroker) -> None:
    async with ArticleProducer(broker.address, timeout=0.5) as producer:
        await broker.stop()
        unanswered = await producer.enqueue(ARTICLE)
        unanswered.add_done_callback(asyncio.Future.exception)
