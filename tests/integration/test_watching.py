"""Prometheus itself, set up as in docker-compose, asks a worker and an audit: every query of the dashboards has an
answer, every rule can be evaluated, and of a pipeline that is well no alert is raised."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from tests.deploy.promtool import needed
from tests.integration.test_way_of_a_message import MEETING, Pipeline, eventually, pipeline
from tests.integration.workers import dyads
from tests.runtime.test_health import free_port
from tests.web import served

__all__ = ["pipeline"]

DEPLOY = Path(__file__).parents[2] / "deploy"
RATE = "30s"
UNHEARD_OF = ("dyads_coding_retries_total", "dyads_stale_events_dropped_total", "dyads_messages_read_by_lane_total")
"""Counters with labels that tell nothing as long as nothing happened."""


def queries() -> list[str]:
    boards = [json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))]
    return [target["expr"] for board in boards for panel in board["panels"] for target in panel["targets"]]


def configuration(worker: int, audit: int) -> dict[str, Any]:
    """That of docker-compose, but that it asks every second, and of what runs here."""
    config: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in config["rule_files"]]
    for job, port in zip(config["scrape_configs"], (worker, audit), strict=True):
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    return config


class Prometheus:
    """One that runs."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/api/v1"

    async def ask(self, path: str, **parameters: str) -> Any:
        """What it answers; None as long as nobody listens."""
        try:
            async with aiohttp.request("GET", f"{self._address}/{path}", params=parameters) as answer:
                return (await answer.json())["data"]
        except aiohttp.ClientError:
            return None


@asynccontextmanager
async def prometheus(directory: Path, config: dict[str, Any]) -> AsyncIterator[Prometheus]:
    file, port = directory / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(config))
    arguments = [f"--config.file={file}", f"--storage.tsdb.path={directory / 'tsdb'}", "--log.level=warn"]
    process = await asyncio.create_subprocess_exec(
        needed("prometheus"), *arguments, f"--web.listen-address=127.0.0.1:{port}"
    )
    try:
        yield Prometheus(port)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def textfile(path: Path) -> AsyncIterator[int]:
    """Serves the file as node_exporter's textfile collector does; the port."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=path.read_text(), content_type="text/plain")

    port = free_port()
    async with served(port, web.get("/metrics", serve)):
        yield port


async def test_dashboards_and_alerts_on_a_pipeline_that_is_well(pipeline: Pipeline, tmp_path: Path) -> None:
    audited = tmp_path / "audit.prom"
    assert (await dyads(pipeline.address, "audit", "--metrics-file", str(audited)))[0] == 0
    async with textfile(audited) as port, prometheus(tmp_path, configuration(pipeline.http_port, port)) as watching:

        async def scraped() -> bool:
            answer = await watching.ask("query", query="dyads_ready == 1 and on() dyads_audit_last_rows")
            return bool(answer and answer["result"])

        await eventually(scraped)
        await pipeline.publish(MEETING)
        await pipeline.send((b"bad/1", b"{"))

        async def there() -> bool:
            return await pipeline.row() is not None and len(await pipeline.dead()) == 1

        await eventually(there)
        await dyads(pipeline.address, "dead", "redrive", "--all", "--wait", "60")
        await pipeline.withdraw(MEETING.id)

        async def all_answered() -> bool:
            """A rate needs two samples of a counter that there was before, so this takes some scrapes."""
            return await unanswered(watching) == []

        await eventually(all_answered)
        (group,) = (await watching.ask("rules"))["groups"]
        assert [rule["name"] for rule in group["rules"] if rule["health"] != "ok"] == []
        assert [alert for alert in (await watching.ask("alerts"))["alerts"] if alert["state"] == "firing"] == []


async def unanswered(watching: Prometheus) -> list[str]:
    """Queries of the dashboards without a series in the answer."""
    found = []
    for query in queries():
        if not any(name in query for name in UNHEARD_OF):
            answer = await watching.ask("query", query=query.replace("$__rate_interval", RATE))
            if not answer["result"]:
                found.append(query)
    return found
