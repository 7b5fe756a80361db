"""A broker for each test: the tests count what is in the topics, so nobody else may write there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from topics.admin import create
from topics.embedded import BrokerSettings, EmbeddedBroker


@pytest.fixture
async def broker() -> AsyncIterator[str]:
    """host:port of a broker with the catalogue's topics and nothing in them."""
    async with await EmbeddedBroker.start(settings=BrokerSettings(cleanup_interval=1.0)) as embedded:
        await create(embedded.address, partitions=4)
        yield embedded.address
