"""A server over time: it follows, is killed, comes back, changes generations; and several stand side by side."""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from models import Generation, Stage
from tests.aggregation.stories import TREATY, article
from tests.cli.published import Sent, fill, relations
from tests.conftest import broker_in_a_thread
from tests.monitoring.relations import told, week
from tests.serving.server import Server
from topics import admin
from topics.catalogue import DAILY, DAY_MS, EVENTS, GENERATIONS, MENTIONS, catalogue
from topics.embedded import BrokerSettings
from topics.generations import write
from workers.aggregation.fold import Tables, fold
from workers.monitoring.serving import DirectoryTaken, serve
from workers.monitoring.settings import ServeSettings

TREATY_NEWS = article("tass/9", told("KAZ", "UZB", "Стороны подписали договор.", "подписали", TREATY, reciprocal=True))


THE_WEEK = ["BLR-KAZ", "BLR-POL"]
NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """host:port of a broker with the week, to which these tests publish more, and take it away again."""
    with broker_in_a_thread(BrokerSettings()) as address:
        fill(address, relations(week()))
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(broker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that these tests kill and start again."""
    async with Server(broker, tmp_path_factory.mktemp("server")) as server:
        yield server


async def publish(broker: str, *messages: Sent) -> None:
    await asyncio.to_thread(fill, broker, messages)


async def dyads(server: Server) -> list[str]:
    return [row["dyad"] for row in (await server.get("dyads?sort=dyad"))["items"]]


def gone(tables: Tables) -> list[Sent]:
    """The messages that take these rows away."""
    rows: list[tuple[str, dict[bytes, Any]]] = [
        (EVENTS.name, tables.events), (DAILY.name, tables.daily), (MENTIONS.name, tables.mentions)
    ]  # fmt: skip
    return [(topic, key, None, {}) for topic, records in rows for key in records]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_comes_is_told_and_served_and_what_goes_is_gone(server: Server, broker: str) -> None:
    news = fold([TREATY_NEWS])
    async with server.listening() as all_of_it, server.listening("?state=POL") as of_poland:
        await all_of_it.begun()
        await of_poland.begun()
        await publish(broker, *relations(news))
        heard = await all_of_it.upto(3)
        assert {kind for kind, _ in heard} == {"event", "day", "mention"}
        assert {(data["change"], data["dyad"]) for _, data in heard} == {("new", "KAZ-UZB")}
        assert "KAZ-UZB" in await dyads(server)
        await publish(broker, *gone(news))
        assert {data["change"] for _, data in await all_of_it.upto(3)} == {"gone"}
        await server.until(lambda: _all(lambda: dyads(server), lambda found: "KAZ-UZB" not in found))
        assert (await server.get('search?q="подписали договор"'))["items"] == []

        protest = fold([article("pap/9", told("POL", "RUS", "Варшава осудила Москву.", "осудила", TREATY))])
        await publish(broker, *relations(protest))
        assert (await of_poland.next())[1]["dyad"] == "POL-RUS"
        await publish(broker, *gone(protest))


async def _all(ask: Any, holds: Any) -> bool:
    return bool(holds(await ask()))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("query", "kinds"),
    [("?kind=event&kind=day", {"event", "day"}), ("?type=SUPPORT", {"event", "mention"}), ("?dyad=UZB-KAZ", None)],
)
async def test_a_listener_hears_what_it_asked_for(server: Server, broker: str, query: str, kinds: set[str]) -> None:
    expected = kinds or {"event", "day", "mention"}
    async with server.listening(query) as stream:
        await stream.begun()
        other = fold([article("pap/8", told("POL", "RUS", "Встреча.", "Встреча"))])
        await publish(broker, *relations(other))
        if "dyad" not in query and "type" not in query:
            await stream.upto(2)
        await publish(broker, *relations(fold([TREATY_NEWS])))
        heard = await stream.upto(len(expected))
        assert {kind for kind, _ in heard} == expected
        assert {data["dyad"] for _, data in heard} == {"KAZ-UZB"}
        await publish(broker, *gone(other), *gone(fold([TREATY_NEWS])))
        await server.until(lambda: _all(lambda: dyads(server), lambda found: found == THE_WEEK))


@pytest.mark.asyncio(loop_scope="module")
async def test_killed_it_goes_on_where_it_was_and_who_listened_misses_nothing(server: Server, broker: str) -> None:
    async with server.listening() as stream:
        last = await stream.begun()
    await server.kill()
    await publish(broker, *relations(fold([TREATY_NEWS])))

    # While the broker is away it answers with what it had, and says so.
    await server.start(broker=NOBODY)
    await server.until(lambda: _answers(server))
    assert await dyads(server) == THE_WEEK
    assert await server.is_ready()
    health = await server.get("health")
    assert health["status"] == "degraded"
    assert "no Kafka broker answers" in health["problems"][0]
    await server.kill()

    await server.start(broker=broker)
    await server.until(server.is_ready)
    assert "built anew" not in server.said
    await server.until(lambda: _all(lambda: dyads(server), lambda found: "KAZ-UZB" in found))
    async with server.listening(since=last) as again:
        heard = await again.upto(3)
        assert {data["dyad"] for _, data in heard} == {"KAZ-UZB"}
        last = again.last
    async with server.listening(since=last) as once_more:  # nothing twice
        await once_more.begun()
        await publish(broker, *gone(fold([TREATY_NEWS])))
        assert {data["change"] for _, data in await once_more.upto(3)} == {"gone"}


async def _answers(server: Server) -> bool:
    return (await server.ask("/api/v1/states"))[0] == 200


@pytest.mark.asyncio(loop_scope="module")
async def test_away_for_longer_than_tombstones_are_kept_it_is_built_anew(server: Server, broker: str) -> None:
    async with server.listening() as stream:
        await stream.begun()
        assert await server.stop() == 0
        assert await stream.ends()
    with sqlite3.connect(server.directory / "generation-1.sqlite3") as db:
        db.execute("UPDATE meta SET value = CAST(value AS INTEGER) - ? WHERE name = 'written'", (7 * DAY_MS,))
        db.execute("UPDATE days SET dyad = 'KAZ-UZB' WHERE dyad = 'BLR-KAZ'")  # as if a tombstone had been missed
    await server.start(broker=broker)
    await server.until(lambda: _all(lambda: server.get("health"), lambda health: health["status"] == "ok"))
    assert "built anew: it was last written 7.0 days ago" in server.said
    assert (await server.get("dyads/KAZ-UZB/days"))["items"] == []
    assert await dyads(server) == THE_WEEK


@pytest.mark.asyncio(loop_scope="module")
async def test_side_by_side_they_say_the_same_and_a_listener_may_change_over(
    server: Server, broker: str, tmp_path: Path
) -> None:
    async with Server(broker, tmp_path, "two") as other:
        for path in (
            "dyads",
            "dyads/BLR-KAZ",
            "dyads/BLR-POL/days",
            "events",
            "states/BLR",
            "search?q=министр",
            "mentions",
        ):
            assert (await server.ask(f"/api/v1/{path}"))[2] == (await other.ask(f"/api/v1/{path}"))[2]
        async with server.listening("?kind=event") as stream:
            last = await stream.begun()
        await publish(broker, *relations(fold([TREATY_NEWS])))
        await other.until(lambda: _all(lambda: dyads(other), lambda found: "KAZ-UZB" in found))
        async with other.listening("?kind=event", since=last) as changed_over:
            assert (await changed_over.next())[1]["dyad"] == "KAZ-UZB"
        await publish(broker, *gone(fold([TREATY_NEWS])))


def test_two_of_one_name_do_not_share_a_directory(tmp_path: Path) -> None:
    settings = ServeSettings(data_dir=tmp_path, name="one", serve_port=0)
    settings.serve_dir.mkdir(parents=True)
    with (settings.serve_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DirectoryTaken, match="DYADS_NAME"):
            serve(settings, print)


@pytest.mark.asyncio(loop_scope="module")
async def test_topics_that_are_made_anew_are_read_anew(fresh_broker: str, tmp_path: Path) -> None:
    await publish(fresh_broker, *relations(week()))
    async with Server(fresh_broker, tmp_path) as server:
        await admin.delete(fresh_broker, [topic.name for topic in (EVENTS, DAILY, MENTIONS)])
        await publish(fresh_broker, *relations(fold([TREATY_NEWS])))
        await server.until(lambda: _all(lambda: _known(server), lambda found: found == ["KAZ-UZB"]))


async def _known(server: Server) -> list[str]:
    status, _, body = await server.ask("/api/v1/dyads?sort=dyad")
    return [row["dyad"] for row in json.loads(body)["items"]] if status == 200 else []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_switch_of_generations_is_followed(fresh_broker: str, tmp_path: Path) -> None:
    await publish(fresh_broker, *relations(week()))
    async with Server(fresh_broker, tmp_path) as server:
        await _switches(server, fresh_broker)


async def _switches(server: Server, broker: str) -> None:
    await admin.create(broker, topics=(*catalogue(1, 2), GENERATIONS), generations=(1, 2))
    second = [(f"{topic}.g2", key, value, headers) for topic, key, value, headers in relations(fold([TREATY_NEWS]))]
    await publish(broker, *second)
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    await write(broker, Generation(number=2, stage=Stage.BUILDING, at=now))
    async with server.listening() as stream:
        last = await stream.begun()
        assert await dyads(server) == ["BLR-KAZ", "BLR-POL"]
        await write(broker, Generation(number=2, stage=Stage.CURRENT, at=now))
        assert await stream.ends()
    assert await dyads(server) == ["KAZ-UZB"]
    assert (await server.get("health"))["read_model"]["generation"] == 2
    async with server.listening(since=last) as again:
        assert (await again.next())[0] == "reset"
    assert [path.name for path in server.directory.glob("*.sqlite3")] == ["generation-2.sqlite3"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_and_other_origins(broker: str, tmp_path: Path) -> None:
    settings = {"DYADS_SERVE_TOKEN": "letmein", "DYADS_SERVE_ORIGINS": "https://a.example, https://b.example"}
    audit = tmp_path / "audit.prom"
    audit.write_text(
        "".join(
            f'dyads_audit_last_{name}{{scope="all"}} {value}\n'
            for name, value in {
                "timestamp_seconds": 1_772_442_000,
                "seconds": 1.5,
                "rows": 12,
                "differences": 3,
                "differing_rows": 2,
            }.items()
        )
    )
    async with Server(broker, tmp_path, DYADS_SERVE_AUDIT=str(audit), **settings) as server:
        for wrong in ({}, {"Authorization": "Bearer letmeout"}, {"Authorization": "letmein"}):
            status, headers, _ = await server.ask("/api/v1/dyads", **wrong)
            assert (status, headers["www-authenticate"]) == (401, "Bearer")
            assert headers["content-type"] == "application/problem+json"
        assert (await server.ask("/api/v1/stream"))[0] == 401
        right = {"Authorization": "Bearer letmein"}
        status, headers, _ = await server.ask("/api/v1/dyads", Origin="https://b.example", **right)
        assert (status, headers["access-control-allow-origin"]) == (200, "https://b.example")
        _, headers, _ = await server.ask("/api/v1/dyads", Origin="https://c.example", **right)
        assert "access-control-allow-origin" not in headers
        assert (await server.ask("/ready"))[0] == 200
        health = await server.get("health", **right)
        assert health["audit"]["differences"] == 3
        assert "the last audit found 3 differences" in health["problems"]
        assert (await server.get("openapi.json", **right))["security"] == [{"token": []}]
