"""What tests of every room may use."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Imported before any test: pytest rewrites hypothesis and schemathesis on import, and in the middle of a run, or at its
# end, Python 3.11 may fail at it (gh-106905: parsing fails when the garbage collector formats a traceback meanwhile).
import hypothesis.internal.observability  # noqa: F401
import pytest

from tests.apache_kafka.broker import ApacheKafka
from topics.embedded import BrokerSettings, EmbeddedBroker

TEST_BROKER = "DYADS_TEST_BROKER"
"""What the tests run on: unset, embedded brokers; `apache`, Apache Kafka; host:port, a broker that runs already, for
those tests that do not need an empty one."""
APACHE = "apache"

PURE = ("aggregation", "enrichment", "models")
"""Rooms of tests that start no process and no broker: they may run beside everything."""

MARKER_DELAY_MS = 50
"""In Apache Kafka an ended transaction takes effect a moment after the answer. In the embedded brokers of the tests
too, and later than usual there, so that a test that does not wait for it fails here already."""


@pytest.fixture(scope="session")
def broker_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a Kafka broker for the whole session, of the kind that DYADS_TEST_BROKER says."""
    named = os.environ.get(TEST_BROKER)
    if named and named != APACHE:
        yield named
        return
    with _broker(
        named, tmp_path_factory, BrokerSettings(cleanup_interval=0.5, marker_delay_ms=MARKER_DELAY_MS)
    ) as address:
        yield address


@pytest.fixture(scope="session")
def disk_broker_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of an embedded broker for the whole session that keeps everything on disk and waits for it."""
    with broker_in_a_thread(BrokerSettings(cleanup_interval=0.5), tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
def fresh_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a broker of the test's own, without topics, of the kind that DYADS_TEST_BROKER says."""
    named = os.environ.get(TEST_BROKER)
    if named and named != APACHE:
        pytest.fail(f"this test needs a broker of its own: unset {TEST_BROKER}, or set it to {APACHE}")
    with _broker(
        named, tmp_path_factory, BrokerSettings(cleanup_interval=1.0, marker_delay_ms=MARKER_DELAY_MS)
    ) as address:
        yield address


@contextmanager
def _broker(kind: str | None, directories: pytest.TempPathFactory, settings: BrokerSettings) -> Iterator[str]:
    if kind == APACHE:
        with ApacheKafka(directories.mktemp("apache-kafka")) as apache:
            yield apache.address
        return
    with broker_in_a_thread(settings) as address:
        yield address


@contextmanager
def broker_in_a_thread(settings: BrokerSettings, data_dir: Path | None = None) -> Iterator[str]:
    """An embedded broker in a thread with an event loop of its own, so that it outlives the loop of a single test."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="broker", daemon=True)
    thread.start()
    starting = EmbeddedBroker.start(settings=settings, data_dir=data_dir)
    broker = asyncio.run_coroutine_threadsafe(starting, loop).result(timeout=60)
    try:
        yield broker.address
    finally:
        asyncio.run_coroutine_threadsafe(broker.stop(), loop).result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with brokers and workers of their own run one after the other; those of pure rooms beside them, where there
    is a second core."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] not in PURE:
            item.add_marker(pytest.mark.xdist_group("processes"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run on this machine, and why."""
    missing = [f"{report.nodeid}: {report.longrepr[2]}" for report in terminalreporter.stats.get("skipped", ())]
    if os.environ.get(TEST_BROKER) is None:
        missing.append(
            "Apache Kafka: every broker was an embedded one; for Apache Kafka: make test-kafka (Java 17, Maven)"
        )
    if shutil.which("docker") is None:
        missing.append("docker compose up: no docker here; docker-compose.yml was checked against the compose schema")
    if missing:
        terminalreporter.section("not run on this machine")
        for line in missing:
            terminalreporter.line(f"  {line}")
