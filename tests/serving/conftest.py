"""A broker with a small news week in its relation topics, and servers of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.cli.published import dead, fill, relations
from tests.conftest import broker_in_a_thread
from tests.monitoring.relations import week
from tests.serving.server import Server
from topics.embedded import BrokerSettings


@pytest.fixture(scope="session")
def news() -> Iterator[str]:
    """host:port of a broker with the week, and a dead letter; nobody writes to it."""
    with broker_in_a_thread(BrokerSettings()) as address:
        fill(address, [*relations(week()), dead("pap/2", 0, "articles.raw:0:0")])
        yield address


@pytest.fixture(scope="session")
def address(news: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the week is served, for all tests that only ask."""
    loop = asyncio.new_event_loop()
    server = Server(news, tmp_path_factory.mktemp("server"))
    loop.run_until_complete(server.__aenter__())
    yield server.address
    loop.run_until_complete(server.__aexit__(None, None, None))
    loop.close()
