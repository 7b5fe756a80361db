"""One Apache Kafka broker as a process of its own: started, stopped, killed, started again where it was."""

from __future__ import annotations

import base64
import contextlib
import random
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.apache_kafka.artifacts import jars
from tests.apache_kafka.errors import DidNotStart
from tests.apache_kafka.java import java

HOST = "127.0.0.1"
SETTINGS = Path(__file__).parent / "server.properties"

START_SECONDS = 60.0
STOP_SECONDS = 30.0
TRIES = 3
"""A port that was free a moment ago may be taken by the time the broker listens on it."""

JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",  # small, and lives for minutes: quick to start matters, long runs do not
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "-Dlog4j2.level=INFO",
)
READY = "Kafka Server started"
TAKEN = "Address already in use"


class ApacheKafka:
    """A broker with its log and its output in `directory`, on free ports of the loopback interface that it keeps over
    restarts. A context manager: started on entry, killed on exit and its log removed. `settings` come on top of
    server.properties.

    Raises `KafkaUnavailable` at the start where there is no Java, or the artifacts cannot be had."""

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.output = directory / "output.log"
        self._directory = directory
        self._settings = dict(settings or {})
        self._command = [java(), *JVM, "-cp", f"{jars()}/*"]
        self._ports = (0, 0)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port, as clients take it."""
        return f"{HOST}:{self._ports[0]}"

    def start(self) -> None:
        """Start it, for the first time or again, and wait until it serves. Raises `DidNotStart`."""
        first = not self._properties.exists()
        said = ""
        for _ in range(TRIES if first else 1):
            if first:
                self._format()
            served, said = self._launch()
            if served:
                return
            if TAKEN not in said:
                break
        raise DidNotStart(f"Apache Kafka did not start; its output, in {self.output}, ends with:\n{said[-3000:]}")

    def stop(self) -> None:
        """Stop it as an operator would: it hands over and closes its log."""
        self.signal(signal.SIGTERM)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """End it at once, with -9."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def signal(self, number: int) -> None:
        """Send it a signal, SIGSTOP and SIGCONT for a pause."""
        if self._process is not None:
            self._process.send_signal(number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._log, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self._directory / "log"

    @property
    def _properties(self) -> Path:
        return self._directory / "server.properties"

    def _format(self) -> None:
        """Choose ports, write the settings, and make the directory that the log will be in."""
        shutil.rmtree(self._log, ignore_errors=True)  # of a try with other ports
        self._ports = _free_ports()
        data, controller = self._ports
        listeners = f"PLAINTEXT://{HOST}:{data},CONTROLLER://{HOST}:{controller}"
        settings = {
            "listeners": listeners,
            "advertised.listeners": listeners,
            "controller.quorum.bootstrap.servers": f"{HOST}:{controller}",
            "log.dirs": str(self._log),
            **self._settings,
        }
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        self._properties.write_text(SETTINGS.read_text() + "\n" + "".join(lines))
        # As Kafka makes them, without a hyphen: one at the beginning would be taken for an option.
        cluster = base64.b64encode(uuid.uuid4().bytes, altchars=b"__").decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c"]
        if self._run([*tool, str(self._properties)]).wait(START_SECONDS):
            raise DidNotStart(f"Apache Kafka's storage could not be formatted:\n{self._said(0)[-3000:]}")

    def _launch(self) -> tuple[bool, str]:
        """Run the broker until it serves, or has failed to; whether it serves, and what it said."""
        since = self.output.stat().st_size
        self._process = self._run(["kafka.Kafka", str(self._properties)])
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            said = self._said(since)
            if READY in said:
                return True, said
            if ended:
                break
            time.sleep(0.05)
        self.kill()
        return False, self._said(since)

    def _run(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen([*self._command, *arguments], stdout=output, stderr=subprocess.STDOUT)

    def _said(self, since: int) -> str:
        with self.output.open("rb") as output:
            output.seek(since)
            return output.read().decode(errors="replace")


def _free_ports() -> tuple[int, int]:
    """Two ports that nothing uses at this moment. Not from those that the kernel gives to outgoing connections: while
    the broker is away a client that tries to reach it could be given its port, and connect to itself."""
    free: list[int] = []
    while len(free) < 2:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind((HOST, port))
            free.append(port)
    return free[0], free[1]
