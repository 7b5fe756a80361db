"""What the benches run: a broker and workers as processes of their own, and topics filled before the clock starts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from aiokafka import AIOKafkaProducer
from local_broker import broker

ROOT = Path(__file__).parents[2]


@contextmanager
def broker_with_topics() -> Iterator[str]:
    """The address of an embedded broker in memory that has the project's topics."""
    with broker() as address:
        create = [sys.executable, "-m", "workers.cli", "topics", "create", "--broker", address]
        subprocess.run(create, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        yield address


class Worker:
    """`dyads run`; `settled` counts what an agent has committed."""

    def __init__(self, broker: str, directory: Path, **settings: str) -> None:
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        own = {"DYADS_BROKER": broker, "DYADS_DATA_DIR": str(directory), "DYADS_HTTP_PORT": str(self._port)}
        self._log = directory / "worker.log"
        self.started = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", "run"], env={**os.environ, **own, **settings}, cwd=ROOT,
                stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def get(self, path: str) -> str | None:
        """What it answers to a request; None while it does not answer well."""
        if self._process.poll() is not None:
            raise RuntimeError(f"the worker ended: {self._log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return None

    def metric(self, name: str) -> float:
        """The sum of a metric's samples."""
        lines = (self.get("/metrics") or "").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def ready(self) -> float:
        """Wait until it is ready; the seconds since its start."""
        while self.get("/ready") is None:
            time.sleep(0.02)
        return time.perf_counter() - self.started

    def settled(self, count: float) -> float:
        """Wait until so many messages are committed; the moment of it."""
        while self.metric("dyads_messages_settled_total") < count:
            time.sleep(0.02)
        return time.perf_counter()

    def kill(self) -> None:
        """As a crash would."""
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        """End it as one should."""
        self._process.terminate()
        self._process.wait(60)


def fill(broker: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> None:
    """Send records, and wait until the broker has them all."""
    asyncio.run(_fill(broker, topic, records))


async def _fill(broker: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker, linger_ms=20, max_batch_size=256 * 1024) as producer:
        for key, value in records:
            await producer.send(topic, value, key)
