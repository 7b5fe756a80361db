"""What runs Java and Maven is left to `make test-kafka`: `make test` needs no Java."""

from __future__ import annotations

import os

from tests.conftest import APACHE, TEST_BROKER

collect_ignore = [] if os.environ.get(TEST_BROKER) == APACHE else ["test_broker.py", "test_fetching.py"]
