"""Topics with as many rows as one likes, as agents would have filled them, made a day at a time."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator

from aiokafka import AIOKafkaProducer

from models import CodedArticle, Day, Entity, EntityKind, Event, Status, Version
from models.states import states
from tests.aggregation.stories import CODES, event
from tests.cli.published import Sent, coded, relations
from topics import admin
from topics.catalogue import RAW
from topics.headers import pack
from topics.partition import home_partition
from workers.aggregation.fold import Tables, fold

PARTITIONS = 4

FIRST_DAY = dt.date(2016, 1, 1)
OUTLETS = tuple(f"outlet-{n}.example" for n in range(40))
WORDS = tuple(f"слово{n}" for n in range(500))
STATES = tuple(sorted(states()))[:60]


class ManyDays:
    """Day after day of made-up news: every article tells one to three of its day's stories, and so do others."""

    ARTICLES = 100
    """Articles a day; they make about 370 rows."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._next_version: Counter[int] = Counter()
        self.rows = 0
        """Rows of relations.* made so far."""
        self.articles = 0

    def day(self, number: int) -> tuple[list[CodedArticle], Tables]:
        """The articles of a day, and the rows they make: an event's day is in its id, so no other day has a share."""
        on = Day.of(FIRST_DAY + dt.timedelta(number))
        stories = [self._story(on) for _ in range(self.ARTICLES)]
        articles = [self._article(f"{on}/{n}", stories) for n in range(self.ARTICLES)]
        tables = fold(articles)
        self.rows += len(tables.daily) + len(tables.events) + len(tables.mentions)
        self.articles += len(articles)
        return articles, tables

    def _story(self, on: str) -> Event:
        rng = self._rng
        source, target = rng.sample(STATES, 2)
        status = rng.choice((Status.HAPPENED, Status.HAPPENED, *Status))
        evidence = " ".join(rng.choices(WORDS, k=20))
        cameo = rng.choice(CODES)
        both = rng.random() < 0.3
        return event(source, target, cameo, on=on, status=status, reciprocal=both, evidence=evidence)

    def _article(self, name: str, stories: list[Event]) -> CodedArticle:
        rng = self._rng
        home = home_partition(name, PARTITIONS)
        version = self._next_version[home]
        self._next_version[home] += 1
        entities = tuple(
            Entity(kind=EntityKind.PERSON, text=rng.choice(WORDS), start=n, end=n + 5, country="KAZ", office="министр")
            for n in range(10)
        )
        return CodedArticle(
            id=name,
            version=Version(version),
            language="ru",
            coder="test/1",
            depth=("frames",),
            entities=entities,
            events=tuple(rng.sample(stories, rng.choice((1, 2, 3)))),
            source=rng.choice(OUTLETS),
            url=f"https://example.org/{name}",
        )

    def raw(self, article: CodedArticle) -> Sent:
        """The message of articles.raw that the article was coded from."""
        text = " ".join(self._rng.choices(WORDS, k=150))
        return RAW.name, article.id.encode(), b'{"id": "%s", "text": "%s"}' % (article.id.encode(), text.encode()), {}

    def messages(self, number: int) -> Iterator[Sent]:
        """All messages of a day."""
        articles, tables = self.day(number)
        yield from map(self.raw, articles)
        yield from map(coded, articles)
        yield from relations(tables)


async def fill_with_days(address: str, days: int, *, said: Callable[[int], None] = lambda _: None) -> ManyDays:
    """Make the topics and fill them with so many days; `said` is told after each."""
    await admin.create(address, partitions=PARTITIONS)
    news = ManyDays()
    async with AIOKafkaProducer(
        bootstrap_servers=address, compression_type="lz4", linger_ms=20, max_batch_size=256 * 1024
    ) as producer:
        for number in range(days):
            for topic, key, value, headers in news.messages(number):
                await producer.send(topic, key=key, value=value, headers=pack(headers))
            said(number)
        await producer.flush()
    return news
