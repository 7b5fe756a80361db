"""A broker with a small news week in its relation topics, and servers of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cli.published import dead, fill, relations
from tests.conftest import broker_in_a_thread
from tests.monitoring.relations import week
from tests.serving.server import Server
from topics.embedded import BrokerSettings


@pytest.fixture(scope="session")
def news() -> Iterator[str]:
    """host:port of a broker with the week; nobody writes to it."""
    with broker_in_a_thread(BrokerSettings()) as address:
        fill(address, [*relations(week()), dead("pap/2", 0, "articles.raw:0:0")])
        yield address


@pytest.fixture
async def broker(fresh_broker: str) -> str:
    """host:port of a broker of the test's own with the week."""
    await asyncio.to_thread(fill, fresh_broker, relations(week()))
    return fresh_broker


@pytest.fixture(scope="module")
def shared_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def address(news: str, tmp_path_factory: pytest.TempPathFactory, shared_loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Where the week is served, for all tests of a module."""
    server = Server(news, tmp_path_factory.mktemp("server"))
    shared_loop.run_until_complete(server.__aenter__())
    yield server.address
    shared_loop.run_until_complete(server.__aexit__(None, None, None))


@pytest.fixture
async def server(broker: str, tmp_path: Path) -> AsyncIterator[Server]:
    """A server of the test's own broker."""
    async with Server(broker, tmp_path) as server:
        yield server
