"""`dyads run` says in a line what keeps a worker from starting, and ends with exit status 2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from topics.admin import create
from topics.catalogue import AGENTS, state_topic


def run(broker: str, directory: Path, **settings: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "workers.cli", "run"],
        env={
            **os.environ, "DYADS_BROKER": broker, "DYADS_DATA_DIR": str(directory), "DYADS_HTTP_PORT": "0",
            "DYADS_CODERS": "1", **settings,
        },
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stderr


def test_topics_are_missing(fresh_broker: str, tmp_path: Path) -> None:
    status, said = run(fresh_broker, tmp_path)
    assert status == 2
    assert "has no topic aggregate.state" in said
    assert "make them with `dyads topics create`" in said
    assert "Traceback" not in said


async def test_a_state_topic_that_does_not_fit_its_source(fresh_broker: str, tmp_path: Path) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=fresh_broker)
    await admin.start()
    await admin.create_topics([NewTopic(state_topic(agent).name, 3, 1) for agent in AGENTS])
    await admin.close()
    await create(fresh_broker, partitions=4)
    status, said = run(fresh_broker, tmp_path)
    assert status == 2
    assert "articles.raw has 4 partitions and enrich.state 3" in said


async def test_the_port_is_taken(fresh_broker: str, tmp_path: Path) -> None:
    await create(fresh_broker, partitions=4)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        status, said = run(fresh_broker, tmp_path, DYADS_HTTP_PORT=str(port))
    assert status == 2
    assert f"127.0.0.1:{port} is in use: set DYADS_HTTP_PORT" in said


def test_a_setting_is_wrong(fresh_broker: str, tmp_path: Path) -> None:
    status, said = run(fresh_broker, tmp_path, DYADS_SESSION_TIMEOUT="2")
    assert status == 2
    assert "DYADS_SESSION_TIMEOUT" in said
