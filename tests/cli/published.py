"""Topics filled by hand, as agents would have filled them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaProducer
from msgspec import Struct

from models import CodedArticle
from topics import admin
from topics.catalogue import CODED, DAILY, DEAD, EVENTS, MENTIONS, RAW
from topics.codec import encode
from topics.headers import pack
from workers.aggregation.fold import Tables, fold

Sent = tuple[str, bytes | None, bytes | None, Mapping[str, bytes | str | int]]
"""A message: topic, key, value, headers."""


def fill(address: str, messages: Iterable[Sent], *, partition: int | None = None) -> None:
    """Make the topics and send the messages in their order."""
    asyncio.run(_fill(address, tuple(messages), partition))


async def _fill(address: str, messages: tuple[Sent, ...], partition: int | None) -> None:
    await admin.create(address)
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        for topic, key, value, headers in messages:
            await producer.send_and_wait(topic, key=key, value=value, headers=pack(headers), partition=partition)


def raw(name: str, text: str | None = "Текст.") -> Sent:
    """A message of articles.raw; no text withdraws."""
    value = None if text is None else b'{"id": "%s", "text": "%s"}' % (name.encode(), text.encode())
    return RAW.name, name.encode(), value, {}


def coded(article: CodedArticle) -> Sent:
    """A message of articles.coded."""
    return CODED.name, article.id.encode(), encode(article), {"version": int(article.version)}


def grave(name: str, version: int) -> Sent:
    """A message of articles.coded that says that the article is withdrawn."""
    return CODED.name, name.encode(), None, {"version": version}


def dead(name: str, version: int, origin: str, value: bytes = b"{") -> Sent:
    """A message of articles.dead."""
    headers: dict[str, bytes | str | int] = {
        "reason": "undecodable",
        "error": "not JSON",
        "stage": "enrich",
        "origin": origin,
        "version": version,
    }
    return DEAD.name, name.encode(), value, headers


def relations(tables: Tables) -> list[Sent]:
    """The rows of the relation topics."""
    rows: list[tuple[str, Mapping[bytes, Struct]]] = [
        (DAILY.name, tables.daily),
        (EVENTS.name, tables.events),
        (MENTIONS.name, tables.mentions),
    ]
    return [(topic, key, encode(row), {}) for topic, records in rows for key, row in records.items()]


def story(*articles: CodedArticle) -> list[Sent]:
    """These articles all the way through: raw, coded and in the tables."""
    return [*(raw(a.id) for a in articles), *map(coded, articles), *relations(fold(articles))]
