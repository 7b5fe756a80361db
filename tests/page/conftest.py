"""A real Chromium in front of real servers: one of a small news week that stands still, one with a worker behind it.

Where no Chromium is found these tests do not run and say so; with DYADS_REQUIRE_CHROMIUM set that is a failure.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from msgspec import Struct
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.cli.published import dead, fill, relations
from tests.conftest import broker_in_a_thread
from tests.integration.workers import WorkerProcess, kept
from tests.page.hostile import hostile_week
from tests.serving.server import Server
from topics.admin import create
from topics.embedded import BrokerSettings
from workers.runtime.settings import StoreKind

REQUIRE = "DYADS_REQUIRE_CHROMIUM"
CHROMIUM = "DYADS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

PATIENCE_MS = 20_000

Opened = Callable[..., Awaitable[Page]]


def chromium() -> str | None:
    """Where a Chromium is, if there is one on this machine."""
    return os.environ.get(CHROMIUM) or next(filter(None, map(shutil.which, NAMES)), None)


class Live(Struct, frozen=True):
    """A pipeline that works: the broker's address, and the server."""

    broker: str
    server: Server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        reason = f"no Chromium on this machine (apt-get install chromium, or {CHROMIUM}=path)"
        pytest.fail(reason) if os.environ.get(REQUIRE) else pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def still(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A server of a news week with hostile articles, and a dead letter; no worker."""
    with broker_in_a_thread(BrokerSettings()) as address:
        letter = dead("pap/2", 0, "articles.raw:0:0")
        await asyncio.to_thread(fill, address, [*relations(hostile_week()), letter])
        async with Server(address, tmp_path_factory.mktemp("still")) as server:
            yield Live(address, server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def live(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Live]:
    """A broker, a worker and a server."""
    directory = tmp_path_factory.mktemp("live")
    with broker_in_a_thread(BrokerSettings()) as address:
        await create(address, partitions=2)
        async with (
            kept([WorkerProcess(address, "worker", directory, StoreKind.MEMORY)]),
            Server(address, directory) as server,
        ):
            yield Live(address, server)


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser) -> AsyncIterator[Opened]:
    """Open an address in a window of its own: `await opened(address, width=390, color_scheme="dark", locale="ru-RU")`.

    In the end no window may have logged an error, but those that `page.allowed` (a list of parts of them) names.
    """
    troubles: list[tuple[Page, str]] = []
    async with AsyncExitStack() as stack:

        async def window(address: str, *, width: int = 1280, locale: str = "en-US", **more: Any) -> Page:
            size = {"width": width, "height": 900}
            context = await browser.new_context(viewport=size, locale=locale, **more)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.allowed = []  # type: ignore[attr-defined]
            page.on("console", lambda said: said.type == "error" and troubles.append((page, said.text)))
            page.on("pageerror", lambda error: troubles.append((page, str(error))))
            await page.goto(address)
            await expect(page.locator("main h1")).to_be_visible()
            return page

        expect.set_options(timeout=PATIENCE_MS)
        yield window
        bad = [text for page, text in troubles if not any(part in text for part in page.allowed)]  # type: ignore[attr-defined]
    assert not bad


async def violations(page: Page) -> list[str]:
    """What axe finds: the rule, and the elements that break it."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]
