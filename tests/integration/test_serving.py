"""From an article to whoever watches: a worker, a server of the read model, and a listener."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from models import RawArticle
from tests.integration.workers import WorkerProcess, kept
from tests.serving.server import Server
from workers.producing.client import ArticleProducer
from workers.runtime.settings import StoreKind

ACCUSED = RawArticle(
    id="steppe/1",
    text="Президент Казахстана Касым-Жомарт Токаев обвинил Узбекистан в нарушении границы.",
    source="steppe.example",
    published_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
)
SIGNED = RawArticle(
    id="steppe/1",
    text="Казахстан и Узбекистан подписали соглашение о границе.",
    source="steppe.example",
    published_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
)


async def test_an_article_is_told_revised_and_withdrawn(broker: str, tmp_path: Path) -> None:
    async with (
        kept([WorkerProcess(broker, "worker", tmp_path, StoreKind.MEMORY, DYADS_SESSION_TIMEOUT="20")]),
        Server(broker, tmp_path) as server,
        ArticleProducer(broker) as producer,
        server.listening("?state=KAZ&kind=event") as stream,
    ):
        await stream.begun()
        await producer.publish(ACCUSED)
        kind, data = await stream.next()
        assert (kind, data["change"], data["event"]["type"]) == ("event", "new", "ACCUSE")
        assert (data["event"]["source"], data["event"]["target"]) == ("KAZ", "UZB")

        dyad = await server.get("dyads/KAZ-UZB")
        assert dyad["until"] == "2026-03-02"
        assert dyad["windows"][0]["a_to_b"]["quads"]["q3"] == {"events": 1, "mentions": 1, "sources": 1}
        assert dyad["index"]["value"] == 26.0  # 50 + 12 * -2.0
        await server.until(lambda: _found(server, "нарушение границ"))  # the sentence may come after its event

        await producer.publish(SIGNED)
        changes = [(data["change"], data["type"]) for _, data in await stream.upto(2)]
        assert sorted(changes) == [("gone", "ACCUSE"), ("new", "SUPPORT")]

        await producer.withdraw("steppe/1")
        assert (await stream.next())[1]["change"] == "gone"
        await server.until(lambda: _nothing(server))
        assert (await server.get("search?q=границ*"))["items"] == []

        await server.until(lambda: _handled(server))
        agents = (await server.get("health"))["pipeline"]["agents"]
        assert [agent["agent"] for agent in agents] == ["enrich", "relate", "aggregate"]


async def _found(server: Server, words: str) -> bool:
    hits = (await server.get(f"search?q={words}"))["items"]
    return [hit["evidence"]["article"] for hit in hits] == ["steppe/1"]


async def _nothing(server: Server) -> bool:
    return not (await server.get("mentions"))["items"]


async def _handled(server: Server) -> bool:
    """The group has told that everything is handled."""
    pipeline = (await server.get("health"))["pipeline"]
    return pipeline["looked_at"] is not None and pipeline["lag"] == 0
