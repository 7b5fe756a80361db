"""What an audit of many rows costs: python -m bench.audit [--rows 1000000]

Starts an embedded broker in a process of its own and fills it with made-up news until the relation topics have so many
rows; writes wrong rows of every kind over right ones; runs `dyads audit` as a process of its own, and prints how long
it took, how much memory it had at its peak, and whether it found exactly what was planted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator

from aiokafka import AIOKafkaProducer
from local_broker import broker
from msgspec import Struct
from msgspec.structs import replace

from models import Span
from tests.cli.many import ManyDays, fill_with_days
from tests.cli.measured import measured
from topics.catalogue import DAILY, EVENTS, MENTIONS, Topic
from topics.codec import encode

PLANTED = 20
"""Wrong rows of each kind."""

Row = tuple[Topic, bytes, Struct | None]


def wrong_rows() -> Iterator[Row]:
    """Rows of the first day made wrong: missing, too many, a count, the evidence, a revision that was overtaken."""
    _, tables = ManyDays().day(0)
    days, events, mentions = iter(tables.daily.items()), iter(tables.events.items()), iter(tables.mentions.items())
    for number in range(PLANTED):
        yield DAILY, next(days)[0], None
        key, day = next(days)
        yield DAILY, key, replace(day, together=replace(day.together, events=day.together.events + 1))
        key, event = next(events)
        yield EVENTS, b"%016x" % number, replace(event, id=f"{number:016x}")
        key, mention = next(mentions)
        yield MENTIONS, key, replace(mention, evidence=Span("Другое.", 0, 7))
        key, mention = next(mentions)
        yield MENTIONS, key, replace(mention, version=mention.version + 1)


async def plant(address: str) -> None:
    """Write the wrong rows."""
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        for topic, key, row in wrong_rows():
            await producer.send_and_wait(topic.name, key=key, value=row and encode(row))


def main() -> None:
    """Fill, plant, audit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of relations.* (default: %(default)s)")
    parser.add_argument("--to", help="compare rows of this day and earlier only; the made-up news begin on 2016-01-01")
    arguments = parser.parse_args()
    rows_a_day = len(list(ManyDays().messages(0))) - 2 * ManyDays.ARTICLES
    with broker() as address:
        started = time.monotonic()
        news = asyncio.run(fill_with_days(address, -(-arguments.rows // rows_a_day)))
        asyncio.run(plant(address))
        print(f"{news.rows:,} rows of {news.articles:,} articles written in {time.monotonic() - started:.0f} s")
        ran = measured(address, "audit", "--json", "--wait", "0", *(["--to", arguments.to] if arguments.to else []))
    *found, last = map(json.loads, ran.out.splitlines())
    kinds = Counter(row["topic"] for row in found)
    print(f"differing rows found: {dict(kinds)}; planted {5 * PLANTED}; exit status {ran.status}")
    print(last)
    print(f"{ran.seconds:.0f} s by the clock: {news.rows / ran.seconds:,.0f} rows a second")
    print(f"{ran.processor_seconds:.0f} s of processors: {news.rows / ran.processor_seconds:,.0f} rows a second")
    print(f"peak {ran.peak / 2**20:.0f} MiB resident")


if __name__ == "__main__":
    main()
