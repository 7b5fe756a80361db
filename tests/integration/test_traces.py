"""One article's trace from `dyads produce` to its rows, as a collector receives it; and none when traces are off."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from itertools import pairwise
from pathlib import Path

from tests.integration.test_way_of_a_message import MEETING, Pipeline, eventually
from tests.integration.workers import WorkerProcess, kept
from tests.runtime.collector import Collector, Seen, collector
from topics.catalogue import CODED, CONTRIBUTIONS, DAILY, DEAD, EVENTS, MENTIONS, RAW, Topic
from topics.codec import encode
from topics.headers import TRACEPARENT
from topics.message import Message
from topics.reader import Reader
from workers.runtime.settings import StoreKind

ROWS = (DAILY, EVENTS, MENTIONS)


async def produce(broker: str, *lines: bytes, **environment: str) -> None:
    """`dyads produce` with these lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "workers.cli", "produce", "-"),
        env={**os.environ, "DYADS_BROKER": broker, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    await process.communicate(b"\n".join(lines))
    assert process.returncode == 0


async def messages(broker: str, topic: Topic) -> list[Message]:
    async with Reader(broker) as reader:
        return [message async for message in reader.read(topic)]


def traces(found: list[Message]) -> set[str]:
    return {message.headers[TRACEPARENT].decode().split("-")[1] for message in found}


async def spans(there: Collector, count: int) -> dict[str, Seen]:
    """The spans by name, once so many came."""

    async def enough() -> bool:
        return len(there.spans) >= count

    await eventually(enough)
    assert len(there.spans) == count
    return {span.name: span for span in there.spans}


async def test_one_trace_leads_from_the_producer_to_the_rows(broker: str, tmp_path: Path) -> None:
    async with collector() as there:
        settings = {
            "DYADS_TRACES": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": there.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        log = {"DYADS_LOG_LEVEL": "DEBUG", "DYADS_LOG_FORMAT": "json"}
        worker = WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, **settings, **log)
        async with kept([worker]):
            await produce(broker, encode(MEETING), **settings)
            found = await spans(there, 4)
            sent = found["send articles.raw"]
            assert (sent.service, found["enrich"].service) == ("dyads-produce", "dyads-worker")
            assert (sent.parent, sent.attributes["dyads.article"]) == ("", MEETING.id)
            way = ("send articles.raw", "enrich", "relate", "aggregate")
            for before, after in pairwise(way):
                assert found[after].parent == found[before].id
                assert found[after].seconds > 0
            assert found["aggregate"].attributes["messaging.kafka.message.key"] == "KAZ-UZB"
            assert {span.trace for span in found.values()} == {sent.trace}
            for topic in (RAW, CODED, CONTRIBUTIONS, *ROWS):
                assert traces(await messages(broker, topic)) == {sent.trace}, topic.name

            there.spans.clear()
            await Pipeline(broker, 0).send((b"bad/1", b"{"))
            (alone,) = (await spans(there, 1)).values()
            assert (alone.name, alone.parent, alone.failed) == ("enrich", "", "undecodable")
            assert traces(await messages(broker, DEAD)) == {alone.trace}
        lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
        told = {line["agent"]: line for line in lines if line.get("article") == MEETING.id}
        assert told.keys() == {"enrich", "relate", "aggregate"}
        assert {line["trace_id"] for line in told.values()} == {sent.trace}
        assert all(line["level"] == "DEBUG" and line["time"].endswith("+00:00") for line in told.values())


async def test_when_traces_are_off_no_message_carries_one_and_opentelemetry_is_not_imported(
    broker: str, tmp_path: Path
) -> None:
    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, PYTHONPROFILEIMPORTTIME="1")
    async with kept([worker]):
        await produce(broker, encode(MEETING))

        async def there() -> bool:
            return len(await messages(broker, DAILY)) == 1

        await eventually(there)
        for topic in (RAW, CODED, CONTRIBUTIONS, *ROWS):
            assert all(TRACEPARENT not in message.headers for message in await messages(broker, topic))
    assert "workers.runtime.task" in worker.log.read_text()
    assert "opentelemetry" not in worker.log.read_text()
