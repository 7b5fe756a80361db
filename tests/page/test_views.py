"""The views of a news week that stands still: what they show, by link, by filter, by keyboard, and to whom."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.page.conftest import Live, Opened, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_from_the_matrix_to_a_dyad_by_keyboard(still: Live, opened: Opened) -> None:
    page = await opened(still.server.address)
    cell = page.locator("[data-cell='BLR-KAZ'] a")
    await expect(cell).to_have_attribute("aria-label", "Belarus – Kazakhstan: index 32, 2 events")
    await page.locator(".matrix td a[tabindex='0']").focus()
    before = await page.evaluate("document.activeElement.closest('td').cellIndex")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.closest('td').cellIndex") > before
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_be_focused()
    assert "#/dyad/" in page.url
    await page.go_back()
    await expect(page.locator(".matrix")).to_be_visible()


async def test_a_link_to_a_dyad_with_its_filter(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/KAZ-BLR?quad=3")
    await expect(page.locator("main h1")).to_have_text("Belarus – Kazakhstan")
    await expect(page.locator(".events .event")).to_have_count(1)
    await expect(page.locator(".evidence mark")).to_have_text("отказался")
    await expect(page.locator("select[name=quad]")).to_have_value("3")
    await page.locator("select[name=quad]").focus()
    await page.locator("select[name=quad]").select_option("")
    await expect(page.locator(".events .event")).to_have_count(2)
    assert page.url.endswith("#/dyad/BLR-KAZ") or page.url.endswith("#/dyad/KAZ-BLR")
    await expect(page.locator("select[name=quad]")).to_be_focused()  # the form was not drawn anew


async def test_who_tells_an_event(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/BLR-KAZ?quad=1")
    await page.get_by_role("button", name="2 articles").click()
    articles = page.locator(".articles > li")
    await expect(articles).to_have_count(2)
    await expect(articles.locator("a").first).to_have_attribute("href", "https://example.org/belta/1")
    await expect(articles.locator("mark").first).to_have_text("встретился")


async def test_the_series_is_drawn_and_told_in_numbers(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/BLR-KAZ")
    await expect(page.locator(".chart[data-drawn='2'] .bars .point path").first).to_be_attached()
    await page.get_by_text("As a table").click()
    rows = page.locator("section .scroll").first.locator("tbody tr")
    assert await rows.all_inner_texts() == [
        "Nov 1, 2025\t0\t0\t1\t0\t0\t0\t0\t0",
        "Oct 31, 2025\t1\t0\t0\t0\t1\t0\t0\t0",
    ]


async def test_filters_of_the_matrix(still: Live, opened: Opened) -> None:
    page = await opened(still.server.address)
    await page.locator("select[name=state]").select_option("LTU")
    await expect(page.locator(".list tbody tr")).to_have_count(2)
    await expect(page.locator(".events .event")).to_have_count(2)
    assert page.url.endswith("#/?state=LTU")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator(".list tbody tr")).to_have_count(4)


async def test_a_state_an_event_a_search_and_the_health(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/state/KAZ")
    page.allowed.append("404")  # type: ignore[attr-defined]
    await expect(page.locator(".lead")).to_contain_text("3 neighbours")
    await page.get_by_role("link", name="Link").last.click()
    await expect(page.locator(".articles .evidence").first).to_be_visible()
    await page.goto(f"{still.server.address}/#/search?q=министр")
    await expect(page.locator(".evidence mark", has_text="Министры")).to_be_visible()
    await page.goto(f"{still.server.address}/#/health")
    await expect(page.locator(".letters li")).to_contain_text("undecodable")
    await page.goto(f"{still.server.address}/#/event/ffff")
    await expect(page.locator("main")).to_contain_text("not there any longer")


async def test_russian_by_the_browser_and_english_by_choice(still: Live, opened: Opened) -> None:
    page = await opened(f"{still.server.address}/#/dyad/BLR-KAZ", locale="ru-RU")
    await expect(page.locator("main h1")).to_have_text("Беларусь – Казахстан")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await page.get_by_label("Язык").select_option("en")
    await expect(page.locator("main h1")).to_have_text("Belarus – Kazakhstan")
    await page.reload()
    await expect(page.locator("main h1")).to_have_text("Belarus – Kazakhstan")


async def test_moments_in_the_readers_zone(still: Live, opened: Opened) -> None:
    at = (await still.server.get("letters"))["items"][0]["at"]
    for zone in ("Asia/Almaty", "America/New_York"):
        page = await opened(f"{still.server.address}/#/health", timezone_id=zone)
        options = "{dateStyle: 'medium', timeStyle: 'short', timeZone: zone}"
        wanted = await page.evaluate(f"([at, zone]) => new Date(at).toLocaleString('en', {options})", [at, zone])
        await expect(page.locator(".letters li")).to_contain_text(wanted)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
async def test_nothing_that_axe_finds(still: Live, opened: Opened, theme: str, width: int) -> None:
    page = await opened(still.server.address, width=width, color_scheme=theme)
    for view in ("", "dyad/KAZ-POL", "state/KAZ", "health", "search?q=встретился"):
        await page.goto(f"{still.server.address}/#/{view}")
        await expect(page.locator("main[aria-busy]")).to_have_count(0)
        await expect(page.locator("main h1")).to_be_visible()
        if view.startswith("dyad"):
            await expect(page.locator("[data-drawn]")).to_be_visible()
            await page.locator(".event button").first.click()
            await expect(page.locator(".articles")).to_be_visible()
        assert await violations(page) == [], view
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, view
