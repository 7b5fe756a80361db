"""What articles bring along is text: shown as it is, in its place, and never run."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from tests.aggregation.stories import article
from tests.cli.published import fill, relations
from tests.monitoring.relations import told
from tests.page.conftest import Live, Opened
from tests.page.hostile import ASTRAL, BIDI, HANDLER, NAME, OUTLET, SCRIPT
from workers.aggregation.fold import fold

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE = "main :is(script, img, svg:not(.main-svg, .main-svg *), iframe, object, embed, b, i:not([data-heat]), style)"


async def harmless(page: Page) -> None:
    """Nothing ran, no element came of text, and no link leads to code."""
    assert await page.evaluate("window.hit") is None
    assert await page.locator(CODE).count() == 0
    links = await page.eval_on_selector_all("main a", "links => links.map((link) => link.protocol)")
    assert set(links) <= {"http:", "https:"}


async def test_hostile_articles_are_text(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/KAZ-POL?to=2025-11-05", width=390)
    shown = await page.locator(".event > .evidence").all_text_contents()
    assert shown == [BIDI, HANDLER, SCRIPT]
    await page.locator(".event button").last.click()
    told_by = page.locator(".articles li")
    await expect(told_by).to_contain_text(OUTLET)
    await expect(told_by).to_contain_text(NAME)
    assert await told_by.locator("a").count() == 0  # javascript: is no address of an article
    await harmless(page)


async def test_the_hostile_in_every_view(still: Live, opened: Opened) -> None:
    page = await opened(still.server.address, width=390)
    for view in ("", "state/POL", "state/LTU", "search?q=встретился", "dyad/LTU-POL"):
        await page.goto(f"{still.server.address}/#/{view}")
        await expect(page.locator("main[aria-busy]")).to_have_count(0)
        await expect(page.locator(".evidence").first).to_be_visible()
        await harmless(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, view


async def test_marks_count_characters_and_directions_stay_inside(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/KAZ-LTU")
    await expect(page.locator(".evidence")).to_have_text(ASTRAL)
    await expect(page.locator(".evidence mark")).to_have_text("встретился")
    isolated = await page.locator(".evidence").evaluate("quote => getComputedStyle(quote).unicodeBidi")
    assert isolated in ("isolate", "plaintext")


async def test_hostile_news_as_they_come(still: Live, opened: Opened) -> None:
    page = await opened(still.server.address)
    await expect(page.locator(".connection")).to_have_text("Live")
    news = told("KAZ", "POL", f"{SCRIPT} Снова.", "встретился", on="2025-11-06")
    tables = fold([replace(article("h/6", news, outlet=OUTLET), url="javascript:window.hit = 8")])
    await asyncio.to_thread(fill, still.broker, relations(tables))
    await expect(page.locator(".event .evidence").first).to_have_text(f"{SCRIPT} Снова.")
    await harmless(page)


async def test_the_policy_stops_what_would_get_through(still: Live, opened: Opened) -> None:
    page = await opened(still.server.address)
    page.allowed.extend(["Content Security Policy", "404"])  # type: ignore[attr-defined]
    await page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.hit = 9'}))"
    )
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hit = 10\">')")
    await asyncio.sleep(0.3)
    assert await page.evaluate("window.hit") is None
