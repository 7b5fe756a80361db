"""The broker under test: the one that is named, else the embedded one in memory and, again, on disk."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from aiokafka.client import AIOKafkaClient

from tests.conftest import TEST_BROKER
from tests.topics.conformance.kafka import Kafka


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What members of a group do among each other never comes near a disk, and takes long: marked `members_only`."""
    if "kafka" in metafunc.fixturenames:
        once = os.environ.get(TEST_BROKER) or metafunc.definition.get_closest_marker("members_only")
        brokers = ["broker_address"] if once else ["broker_address", "disk_broker_address"]
        names = {"broker_address": os.environ.get(TEST_BROKER) or "memory", "disk_broker_address": "disk"}
        metafunc.parametrize("kafka", brokers, indirect=True, ids=[names[broker] for broker in brokers])


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> Kafka:
    return Kafka(request.getfixturevalue(request.param))


@pytest.fixture
async def client(kafka: Kafka) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(bootstrap_servers=kafka.address, request_timeout_ms=8000)
    await client.bootstrap()
    yield client
    await client.close()
