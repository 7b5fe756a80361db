"""What a worker tells Prometheus after real articles: named by the conventions, and true."""

from __future__ import annotations

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.promtool import promtool
from tests.integration.test_way_of_a_message import MEETING, Pipeline, eventually, pipeline
from topics.catalogue import CORRECTIONS
from topics.reader import Reader

__all__ = ["pipeline"]


async def scraped(pipeline: Pipeline) -> str:
    async with aiohttp.request("GET", f"http://127.0.0.1:{pipeline.http_port}/metrics") as answer:
        return await answer.text()


def value(text: str, name: str, /, **labels: str) -> float:
    """The sum over the samples of this name with these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


async def test_a_worker_tells_what_it_did(pipeline: Pipeline) -> None:
    await pipeline.publish(MEETING)
    await pipeline.send((b"bad/1", b"{"))

    async def there() -> bool:
        return await pipeline.row() is not None and len(await pipeline.dead()) == 1

    await eventually(there)
    await pipeline.withdraw(MEETING.id)

    async def at_rest() -> bool:
        async with Reader(pipeline.address) as reader:
            taken_back = [message async for message in reader.read(CORRECTIONS)]
        text = await scraped(pipeline)
        return bool(taken_back) and value(text, "dyads_lag_offsets") == 0

    await eventually(at_rest)
    text = await scraped(pipeline)
    assert value(text, "dyads_ready") == 1
    assert value(text, "dyads_messages_settled_total", agent="enrich") >= 3
    assert value(text, "dyads_messages_settled_total", agent="aggregate") == 2, (
        "what was said, and that it is withdrawn"
    )
    assert value(text, "dyads_settle_latency_seconds_count", agent="aggregate") == 2
    assert 0 < value(text, "dyads_settle_latency_seconds_sum", agent="enrich") < 600
    assert value(text, "dyads_events_told_total", type="ACCUSE", status="happened") == 1
    assert value(text, "dyads_corrections_total", why="withdrawal") == 1
    assert value(text, "dyads_messages_published_total", topic="relations.daily") == 2
    assert value(text, "dyads_dead_letters_total", agent="enrich", reason="undecodable") == 1
    assert value(text, "dyads_coding_seconds_count") == 1
    assert (value(text, "dyads_coding_processes"), value(text, "dyads_coding_in_flight")) == (1, 0)
    assert value(text, "dyads_worker_info", name="one") == 1

    lint = promtool("check", "metrics", stdin="".join(line + "\n" for line in text.splitlines() if "dyads_" in line))
    assert lint.returncode == 0, lint.stdout + lint.stderr
