"""Every message that travels keeps to the committed contract: value by the schema, headers by name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.integration.test_way_of_a_message import MEETING, Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, kept
from topics.catalogue import ALERTS, CORRECTIONS, GENERATIONS, PUBLIC
from topics.reader import Reader
from workers.runtime.settings import StoreKind

CONTRACT = json.loads((Path(__file__).parents[2] / "docs" / "contract" / "asyncapi.json").read_text(encoding="utf-8"))


@pytest.fixture
async def pipeline(broker: str, tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with kept([WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY)]):
        yield Pipeline(broker, 0)


async def test_what_is_on_the_topics_is_what_the_contract_says(pipeline: Pipeline) -> None:
    await pipeline.publish(MEETING)
    await pipeline.send((b"bad/1", b"{"), (b"bad/2", b"null"))

    async def there() -> bool:
        return await pipeline.row() is not None and len(await pipeline.dead()) == 2

    await eventually(there)
    assert (await dyads(pipeline.address, "dead", "redrive", "--all", "--wait", "60"))[0] == 1, "they die again"
    await pipeline.withdraw(MEETING.id)

    async def withdrawn() -> bool:
        async with Reader(pipeline.address) as reader:
            return [message async for message in reader.read(CORRECTIONS)] != []

    await eventually(withdrawn)
    seen: dict[str, int] = {}
    async with Reader(pipeline.address) as reader:
        for topic in PUBLIC:
            if topic == GENERATIONS:  # which is missing where nobody has replayed
                continue
            async for message in reader.read(topic):
                assert message.key is not None
                null = message.value is None and topic.cleanup.compacts
                said = CONTRACT["components"]["messages"][f"{topic.name}.null" if null else topic.name]
                assert message.headers.keys() <= said["headers"]["properties"].keys(), topic.name
                if message.value is not None and topic.record and not message.key.startswith((b"\xff", b"bad/")):
                    schema = {**said["payload"], "components": CONTRACT["components"]}
                    assert list(Draft202012Validator(schema).iter_errors(json.loads(message.value))) == []
                seen[topic.name] = seen.get(topic.name, 0) + 1
    assert set(seen) == {topic.name for topic in PUBLIC} - {GENERATIONS.name, ALERTS.name}, (
        "each topic had something to look at"
    )
