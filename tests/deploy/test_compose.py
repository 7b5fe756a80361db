"""docker-compose.yml is a valid compose file, and what it sets exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from topics.catalogue import MAX_MESSAGE_BYTES
from workers.monitoring.settings import ServeSettings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return services


def test_it_keeps_to_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("service", ["topics", "worker", "audit", "serve"])
def test_every_setting_of_ours_is_one_that_is_read(services: dict[str, Any], service: str) -> None:
    ours = {name for name in services[service]["environment"] if name.startswith("DYADS_")}
    assert ours
    assert {name.removeprefix("DYADS_").lower() for name in ours} <= set(ServeSettings.model_fields)


def test_the_broker_is_pinned_and_takes_our_largest_message(services: dict[str, Any]) -> None:
    assert re.fullmatch(r"apache/kafka:\d+\.\d+\.\d+", services["kafka"]["image"])
    assert int(services["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]) >= MAX_MESSAGE_BYTES


def test_every_image_is_pinned(services: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in services.items()}
    unpinned = {name: image for name, image in images.items() if not re.search(r":v?\d+\.\d+\.\d+$", image)}
    assert unpinned == {}


def test_workers_wait_for_the_topics_and_can_be_scaled(services: dict[str, Any]) -> None:
    worker = services["worker"]
    assert worker["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"
    assert "container_name" not in worker
    assert "ports" not in worker
    assert worker["restart"] == "unless-stopped"


def test_nothing_listens_beyond_this_machine(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_what_the_image_copies_is_there() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M) for name in line.split()]
    assert "deploy/requirements.lock" in copied
    assert all((ROOT / name).exists() for name in copied)
    assert re.search(r"^USER dyads$", dockerfile, re.M)
