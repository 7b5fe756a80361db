from __future__ import annotations

import pytest

from tests.topics.embedded.records import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
