"""Articles as they come: through a broker, a worker and a server to a browser."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from playwright.async_api import expect

from models import RawArticle
from tests.integration.workers import dyads
from tests.page.conftest import Live, Opened
from tests.serving.server import Server
from workers.producing.client import ArticleProducer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def news(name: str, text: str, day: int = 2) -> RawArticle:
    at = dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC)
    return RawArticle(
        id=name, text=text, source="steppe.example", url=f"https://steppe.example/{name}", published_at=at
    )


ACCUSED = "Президент Казахстана Касым-Жомарт Токаев обвинил Узбекистан в нарушении границы."
SIGNED = "Казахстан и Узбекистан подписали соглашение о границе."
BLAMED = "Польша осудила Белоруссию."


async def test_an_article_lights_its_cell_is_revised_and_withdrawn(live: Live, opened: Opened) -> None:
    page = await opened(live.server.address)
    page.allowed.append("404")  # type: ignore[attr-defined]
    await expect(page.locator(".connection")).to_have_text("Live")
    async with ArticleProducer(live.broker) as producer:
        await producer.publish(news("a/1", ACCUSED))
        event = page.locator(".event").first
        await expect(event.locator(".evidence")).to_have_text(ACCUSED)
        await expect(event.locator("mark")).to_have_text("обвинил")
        await expect(page.locator("[data-cell='KAZ-UZB'].lit")).to_have_text("26")
        await expect(page.locator("#announcer")).to_contain_text("1 new event: Kazakhstan – Uzbekistan, Accuse")

        watching = await opened(f"{live.server.address}/#/dyad/KAZ-UZB")
        watching.allowed.append("404")  # type: ignore[attr-defined]
        await expect(watching.locator(".chip.big")).to_have_text("26")
        await producer.publish(news("a/1", SIGNED))
        await expect(page.locator(".event.taken-back .evidence")).to_have_text(ACCUSED)
        await expect(watching.locator(".event:not(.taken-back) .evidence")).to_have_text(SIGNED)
        await expect(watching.locator(".chip.big")).to_have_text("100")

        await producer.withdraw("a/1")
        await expect(page.locator("[data-cell='KAZ-UZB']")).to_have_count(0)
        await expect(watching.locator(".summary")).to_contain_text("Nothing is known of these two")


async def test_what_dyads_produce_publishes_is_shown(live: Live, opened: Opened, tmp_path: Path) -> None:
    page = await opened(f"{live.server.address}/#/state/POL")
    page.allowed.append("404")  # type: ignore[attr-defined]
    file = tmp_path / "news.jsonl"
    file.write_text(f'{{"id": "b/1", "text": "{BLAMED}", "published_at": "2026-03-03T09:00:00Z"}}\n', encoding="utf-8")
    code, said = await dyads(live.broker, "produce", str(file))
    assert code == 0, said
    await expect(page.locator(".event .evidence")).to_have_text(BLAMED)
    await expect(page.locator(".list tbody tr")).to_contain_text("Belarus")


async def test_it_comes_back_after_a_restart_and_has_missed_nothing(live: Live, opened: Opened) -> None:
    page = await opened(live.server.address)
    page.allowed.extend(["ERR_", "503"])  # type: ignore[attr-defined]
    connection = page.locator(".connection")
    await expect(connection).to_have_text("Live")
    await live.server.stop()
    await expect(connection).to_have_text("Reconnecting…")
    async with ArticleProducer(live.broker) as producer:
        await producer.publish(news("c/1", "Литва осудила Белоруссию.", day=5))
    asked: list[str | None] = []
    page.on("request", lambda request: "/stream" in request.url and asked.append(request.headers.get("last-event-id")))
    await live.server.start()
    await expect(connection).to_have_text("Live")
    await expect(page.locator(".event .evidence").first).to_have_text("Литва осудила Белоруссию.")
    assert asked[-1]


async def test_a_server_that_asks_for_a_token(live: Live, opened: Opened, tmp_path: Path) -> None:
    async with Server(live.broker, tmp_path, "locked", DYADS_SERVE_TOKEN="opensesame") as server:
        page = await opened(server.address)
        page.allowed.append("401")  # type: ignore[attr-defined]
        await page.get_by_label("Token").fill("opensesame")
        await page.get_by_role("button", name="Enter").click()
        await expect(page.locator(".connection")).to_have_text("Live")
        await expect(page.locator("main h1")).to_have_text("How states treat each other")
        await page.close()  # before the server cuts its stream, which Chromium would log
