"""What a revision and a withdrawal took back stands in relations.corrections, with one real worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models import Correction, EventType, RawArticle, Status, Why
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, kept
from topics import admin
from topics.catalogue import CATALOGUE, CORRECTIONS
from topics.codec import decode
from topics.headers import ORIGIN, SCHEMA
from topics.message import Message
from topics.reader import Reader
from workers.runtime.settings import StoreKind


def article(text: str, outlet: str = "steppe.example") -> RawArticle:
    published = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    return RawArticle(id="steppe/1", text=text, source=outlet, published_at=published)


@pytest.fixture
async def pipeline(broker: str, tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with kept([WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY)]):
        yield Pipeline(broker, 0)


async def corrected(pipeline: Pipeline, times: int) -> list[tuple[Message, Correction]]:
    """The corrections, once there are so many; each dyad's in their order."""
    found: list[Message] = []

    async def there() -> bool:
        nonlocal found
        async with Reader(pipeline.address) as reader:
            found = [message async for message in reader.read(CORRECTIONS)]
        return len(found) >= times

    await eventually(there)
    return [(message, decode(Correction, message.value or b"")) for message in found]


async def test_a_revision_and_a_withdrawal_are_told_with_what_was_before_and_after(pipeline: Pipeline) -> None:
    await pipeline.publish(article("Казахстан введёт санкции против Узбекистана."))

    async def planned_there() -> bool:
        return (row := await pipeline.row()) is not None and row.together.planned == 1

    await eventually(planned_there)
    await pipeline.publish(article("Казахстан ввёл санкции против Узбекистана."))
    ((message, planned),) = await corrected(pipeline, 1)
    assert (planned.dyad, planned.article, planned.why) == ("KAZ-UZB", "steppe/1", Why.REVISION)
    assert planned.after is not None
    assert (planned.before.event.status, planned.after.event.status) == (Status.PLANNED, Status.HAPPENED)
    assert planned.before.event.type is planned.after.event.type is EventType.SANCTION
    assert planned.before.version < planned.version == planned.after.version
    assert planned.before.coder == planned.after.coder is not None
    assert message.key == b"KAZ-UZB"
    assert message.headers[SCHEMA] == b"1"
    assert message.headers[ORIGIN].startswith(b"relations.contributions:")

    # This one changes no event, so the next correction is the withdrawal's.
    await pipeline.publish(article("Казахстан ввёл санкции против Узбекистана. Об этом сообщили в пятницу."))
    await pipeline.withdraw("steppe/1")
    _, (_, withdrawn) = await corrected(pipeline, 2)
    assert (withdrawn.why, withdrawn.after) == (Why.WITHDRAWAL, None)
    assert withdrawn.before.event.status is Status.HAPPENED
    assert withdrawn.before.event.mentions == 0
    assert (await dyads(pipeline.address, "audit"))[0] == 0


async def test_a_worker_whose_topics_are_of_an_older_release_says_which_is_missing(
    fresh_broker: str, tmp_path: Path
) -> None:
    await admin.create(fresh_broker, topics=[topic for topic in CATALOGUE if topic != CORRECTIONS])
    worker = WorkerProcess(fresh_broker, "one", tmp_path, StoreKind.MEMORY)
    await worker.start()
    assert await worker.ended() == 2
    assert "has no topic relations.corrections" in worker.tail()
    assert "dyads topics create" in worker.tail()
