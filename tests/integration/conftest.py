"""A broker for each test: the tests count what is in the topics, so nobody else may write there."""

from __future__ import annotations

import pytest

from topics.admin import create


@pytest.fixture
async def broker(fresh_broker: str) -> str:
    """host:port of a broker with the catalogue's topics and nothing in them."""
    await create(fresh_broker, partitions=4)
    return fresh_broker
