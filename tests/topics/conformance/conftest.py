from __future__ import annotations

import pytest

from tests.topics.conformance.kafka import Kafka


@pytest.fixture
def kafka(broker_address: str) -> Kafka:
    return Kafka(broker_address)
