"""What stands in relations.alerts, whoever starts, dies and starts again; over a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from models import Alert, CodedArticle
from tests.aggregation.stories import TREATY, article, event
from tests.cli.published import fill, relations
from topics.catalogue import ALERTS, DAILY, EVENTS
from topics.codec import decode
from topics.message import Message
from topics.reader import Reader
from workers.aggregation.fold import fold
from workers.monitoring.alerts.publisher import Publisher, Superseded, publish
from workers.monitoring.alerts.rules import Agreement, FirstMaterialConflict

RULES = (Agreement(name="signed"), FirstMaterialConflict(name="first", days=7))
STRIKE = "190"


def treaty(name: str, source: str, target: str) -> CodedArticle:
    return article(name, event(source, target, TREATY, on="2025-10-31"), outlet="o")


WAR = article("war", event("AFG", "PAK", on="2025-10-01"), event("AFG", "PAK", STRIKE, on="2025-10-20"), outlet="o")


async def told(address: str, *articles: CodedArticle) -> None:
    await asyncio.to_thread(fill, address, relations(fold(articles)))


async def messages(address: str) -> list[Message]:
    """Everything that was ever published."""
    async with Reader(address) as reader:
        return [message async for message in reader.read(ALERTS)]


async def standing(address: str) -> set[tuple[str, str]]:
    """Rule and dyad of the alerts in force."""
    async with Reader(address) as reader:
        found = [decode(Alert, message.value or b"") for message in (await reader.latest(ALERTS)).values()]
    return {(alert.rule, alert.dyad) for alert in found}


async def until(address: str, expected: set[tuple[str, str]]) -> None:
    async with asyncio.timeout(60):
        while await standing(address) != expected:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def publishing(address: str) -> AsyncIterator[asyncio.Task[None]]:
    """A publisher at work; at the end it is cut off wherever it is."""
    task = asyncio.create_task(publish(address, "dyads", RULES))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Superseded):
            await task


BOTH = {("signed", "KAZ-UZB"), ("first", "AFG-PAK")}


async def test_alerts_come_once_however_often_it_is_started(fresh_broker: str) -> None:
    await told(fresh_broker, treaty("a", "KAZ", "UZB"), WAR)
    for _ in range(3):
        async with publishing(fresh_broker):
            await until(fresh_broker, BOTH)
    assert len(await messages(fresh_broker)) == 2

    async with publishing(fresh_broker):
        await told(fresh_broker, treaty("b", "KAZ", "KGZ"))
        await until(fresh_broker, {*BOTH, ("signed", "KAZ-KGZ")})
    assert len(await messages(fresh_broker)) == 3


async def test_what_the_rows_say_no_longer_is_taken_back(fresh_broker: str) -> None:
    await told(fresh_broker, treaty("a", "KAZ", "UZB"), WAR)
    async with publishing(fresh_broker):
        await until(fresh_broker, BOTH)
        (gone,) = fold([treaty("a", "KAZ", "UZB")]).events
        await asyncio.to_thread(fill, fresh_broker, [(EVENTS.name, gone, None, {})])
        await until(fresh_broker, {("first", "AFG-PAK")})
    # And while nobody published.
    await asyncio.to_thread(fill, fresh_broker, [(DAILY.name, b"AFG-PAK|2025-10-20", None, {})])
    async with publishing(fresh_broker):
        await until(fresh_broker, set())
    assert [message.value is None for message in await messages(fresh_broker)].count(True) == 2


async def test_of_two_publishers_the_first_ends(fresh_broker: str) -> None:
    await told(fresh_broker, WAR)
    async with publishing(fresh_broker) as first:
        await until(fresh_broker, {("first", "AFG-PAK")})
        async with publishing(fresh_broker):
            await told(fresh_broker, treaty("a", "KAZ", "UZB"))
            await until(fresh_broker, BOTH)
            with pytest.raises(Superseded):
                async with asyncio.timeout(30):
                    await first
    assert len({message.key for message in await messages(fresh_broker)}) == len(await messages(fresh_broker)) == 2


async def test_rows_that_are_none_are_counted_and_left_out(fresh_broker: str) -> None:
    await told(fresh_broker, treaty("a", "KAZ", "UZB"))
    await asyncio.to_thread(fill, fresh_broker, [(DAILY.name, b"AFG-PAK|2025-10-20", b"{", {})])
    publisher = Publisher(fresh_broker, "dyads", 1, RULES)
    running = asyncio.create_task(publisher.run())
    await until(fresh_broker, {("signed", "KAZ-UZB")})
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert publisher.unreadable == 1
