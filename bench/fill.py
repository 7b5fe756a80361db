"""A read model filled without a broker, and rows that come to it later by one."""

from __future__ import annotations

import random
import time
from itertools import islice
from pathlib import Path

from aiokafka import AIOKafkaProducer
from many_rows import OUTLETS, WORDS, Made, made

from models import Actor, Mention, Precision, Span, Version
from topics.catalogue import DAILY, DEAD, DEFAULT_PARTITIONS, EVENTS, MENTIONS
from topics.codec import encode
from topics.message import Message
from workers.monitoring.readmodel.database import Database
from workers.monitoring.readmodel.taking import take

BATCH = 20_000
"""Rows of days in one transaction."""


def fill(path: Path, rows: int, *, cluster: str = "") -> None:
    """Make a read model of so many day rows, as if it had read them; or with 0, have one belong to another cluster."""
    started = time.monotonic()
    database = Database(path)
    positions = {(t.name, n): 0 for t in (EVENTS, DAILY, MENTIONS, DEAD) for n in range(DEFAULT_PARTITIONS)}
    with database.transaction() as db:
        database.note(db, generation=1, cluster=cluster, complete=0 if rows else 1, written=round(time.time() * 1000))
    if rows:
        coming, rng = made(rows), random.Random(3)
        while batch := list(islice(coming, BATCH)):
            take(database, [message for one in batch for message in messages(one, rng)], positions, drained=False)
        take(database, [], positions, drained=True)
        spent = time.monotonic() - started
        size = path.stat().st_size / 2**20
        print(f"{rows:,} rows of days, their events and tellings, taken in in {spent:.0f} s; {size:,.0f} MiB")
    with database.transaction() as db:
        db.execute("UPDATE positions SET next = 0, forgotten = 0")
    database.close()


async def fresh_news(address: str, days: int, round_: int) -> None:
    """Publish rows of days that are new, as aggregate would."""
    rng = random.Random(round_)
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        for one in made(days, seed=100 + round_):
            for message in messages(one, rng):
                await producer.send(message.topic, key=message.key, value=message.value)


def messages(one: Made, rng: random.Random) -> list[Message]:
    """The messages by which an event, its day and its tellings come."""
    event, day = one.event, one.day
    sentence = " ".join(rng.choices(WORDS, k=14))
    found = [
        _message(EVENTS.name, event.id.encode(), encode(event)),
        _message(DAILY.name, f"{day.dyad}|{day.day}".encode(), encode(day)),
    ]
    for number in range(one.articles):
        article = f"agency/{event.id}/{number}"
        mention = Mention(
            event=event.id,
            article=article,
            version=Version(1),
            dyad=event.dyad,
            source=Actor(country=event.source),
            target=Actor(country=event.target),
            date_precision=Precision.DAY,
            evidence=Span(sentence, 0, len(sentence)),
            trigger=Span(sentence[:7], 0, 7),
            confidence=0.9,
            rule="meet",
            outlet=rng.choice(OUTLETS),
            url=f"https://example.org/{article}",
        )
        found.append(_message(MENTIONS.name, f"{event.id}|{article}".encode(), encode(mention)))
    return found


def _message(topic: str, key: bytes, value: bytes) -> Message:
    at = 1_764_000_000_000
    return Message(topic=topic, partition=0, offset=0, timestamp=at, key=key, value=value, headers={})
