"""The examples of the documentation run as they are printed."""

import asyncio
import datetime as dt
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import pytest

from models import Correction, DailyRelation, Generation, Mention, RawArticle, RelationEvent, event_id
from tests.cli.published import Sent, fill, raw, relations
from tests.cli.runner import dyads
from tests.monitoring.relations import week
from topics.admin import create
from topics.catalogue import RAW
from topics.codec import decode
from topics.letters import PREFIX
from workers.producing.lines import Withdrawal, read_lines

DOCS = Path(__file__).parents[2] / "docs"


def examples(name: str) -> list[str]:
    """The Python programs of a page."""
    return re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)


PRODUCERS = examples("producers.md")
FOLLOWER, *CONSUMERS = examples("consumers.md")


async def first_lines(program: str, address: str, count: int) -> list[str]:
    """What the program prints first, with this broker in place of the one it names."""
    assert "127.0.0.1:9092" in program
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program.replace("127.0.0.1:9092", address), stdout=PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            return [(await process.stdout.readline()).decode().strip() for _ in range(count)]
    finally:
        if process.returncode is None and count > 1:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(("program", "said"), list(zip(PRODUCERS, ["agency/1 is version 0", "sent"], strict=True)))
async def test_producer(fresh_broker: str, program: str, said: str) -> None:
    await create(fresh_broker)
    assert await first_lines(program, fresh_broker, 1) == [said]


@pytest.mark.parametrize(
    ("program", "said"),
    list(zip(CONSUMERS, ["BLR-KAZ|2025-10-31 1 1.0", "BLR-KAZ 2025-10-31 1 1.0"], strict=True)),
)
async def test_consumer(fresh_broker: str, program: str, said: str) -> None:
    rows = relations(week())
    await asyncio.to_thread(fill, fresh_broker, rows)
    assert said in await first_lines(program, fresh_broker, len(week().daily))


async def test_consumer_that_follows_the_switch(fresh_broker: str) -> None:
    await create(fresh_broker)
    for command in (["start", "--coder", "new/1"], ["switch", "2", "--wait", "0"], ["switch", "1", "--wait", "0"]):
        ran = await asyncio.to_thread(dyads, "replay", *command, broker=fresh_broker)
        assert ran.code == 0, ran
    assert await first_lines(FOLLOWER, fresh_broker, 2) == ["read relations.daily.g2", "read relations.daily"]


async def test_articles_are_exported_as_lines_that_can_be_published_again(fresh_broker: str) -> None:
    dated = (RAW.name, b"b", b'{"id": "b", "text": "x", "published_at": "2025-10-31"}', {})
    ours: list[Sent] = [(RAW.name, PREFIX + b"c", b"{", {}), (RAW.name, b"d", None, {"moved": 1})]
    sent = [raw("a", "Текст."), dated, raw("bad", '"'), raw("a", "Новый."), raw("b", None), *ours]
    await asyncio.to_thread(fill, fresh_broker, sent, partition=0)
    (program,) = examples("operators.md")
    lines = await first_lines(program, fresh_broker, 4)
    items = [item for _, item in read_lines(line.encode() for line in lines)]
    first, second, third, fourth = items
    assert isinstance(first, RawArticle)
    assert first.published_at is not None
    assert (first.id, first.text, third) == ("a", "Текст.", msgspec.structs.replace(first, text="Новый."))
    assert isinstance(second, RawArticle)
    assert second.published_at == dt.datetime(2025, 10, 31, tzinfo=dt.UTC)
    assert fourth == Withdrawal(id="b")


def test_lines_of_the_producers_page(fresh_broker: str) -> None:
    page = (DOCS / "producers.md").read_text(encoding="utf-8")
    lines = "".join(line + "\n" for line in page.splitlines() if line.startswith('{"id"'))
    fill(fresh_broker, [])
    ran = dyads("produce", "-", broker=fresh_broker, stdin=lines.encode())
    assert ran.out.strip() in page


def test_records_of_the_consumers_page_are_records() -> None:
    page = (DOCS / "consumers.md").read_text(encoding="utf-8")
    records = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    generation, daily, event, mention, correction = records
    assert decode(Generation, generation).upkeep == {0: 20117, 1: 19840}
    assert decode(DailyRelation, daily).together.events == 1
    assert decode(RelationEvent, event).id == decode(Mention, mention).event
    told = decode(Correction, correction)
    for row in filter(None, (told.before.event, told.after and told.after.event)):
        assert row.id == event_id(
            date=row.date,
            source=row.source,
            target=row.target,
            reciprocal=row.reciprocal,
            type=row.type,
            cameo=row.cameo,
            status=row.status,
        )
