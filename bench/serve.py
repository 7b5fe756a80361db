"""What `dyads serve` takes and gives.

    .venv/bin/python bench/serve.py answers|restart|listeners [--rows 1000000] [--keep FILE]

answers    a read model of so many day rows, with an event and its tellings each, served by a process on one core; asked
           by another on the other core, one at a time and eight at a time
restart    how long such a server takes from its start to its first answer and until it follows, killed before, with
           news waiting for it
listeners  what 1,000 listeners cost: articles through a broker, a worker and a server, each a process, with nobody and
           with 1,000 listening in turns; processor time of each, and how late the listeners hear

The read model is filled without a broker, and kept in FILE if one is named. Everything else is the real thing.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from fill import fill, fresh_news
from local_broker import broker
from many_rows import LAST, dyads

from models import RawArticle
from topics.admin import cluster_id, create
from workers.producing.client import ArticleProducer

LISTENERS = 1_000
ARTICLES = 150
ROUNDS = 3
RESTARTS = 3
SECONDS = 8.0
"""How long each kind of request is made."""
AT_ONCE = 8


class Process:
    """A process of ours, with what it has used of a processor."""

    def __init__(self, *arguments: str, core: int | None = None, **settings: str) -> None:
        command = [sys.executable, "-u", "-m", "workers.cli", *arguments]
        if core is not None and shutil.which("taskset"):
            command = ["taskset", "--cpu-list", str(core), *command]
        environment = {**os.environ, "DYADS_HTTP_PORT": "0", "DYADS_LOG_LEVEL": "WARNING", **settings}
        self.started = time.monotonic()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)

    def line(self) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def cpu(self) -> float:
        """Processor seconds so far, its own children's included."""
        total = 0.0
        pids = [self._process.pid]
        while pids:
            pid = pids.pop()
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        self._process.send_signal(number)
        self._process.wait()


@contextmanager
def serving(address: str, directory: Path, core: int | None = None) -> Iterator[tuple[Process, str, int]]:
    """A server, with host and port."""
    process = Process(
        "serve", "--port", "0", core=core, DYADS_BROKER=address, DYADS_DATA_DIR=str(directory), DYADS_NAME="bench"
    )
    try:
        host, port = process.line().split()[2].removeprefix("http://").split(":")
        yield process, host, int(port)
    finally:
        process.end()


class Asking:
    """A connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def at(cls, host: str, port: int) -> Asking:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port, limit=2**22))

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head.split()[1]), body


async def ready(host: str, port: int) -> None:
    """Wait until the server says that it follows."""
    asking = await Asking.at(host, port)
    while json.loads((await asking.get("/api/v1/health"))[1])["read_model"]["trouble"]:
        await asyncio.sleep(0.02)
    asking.writer.close()


async def load(host: str, port: int, paths: list[str], at_once: int) -> tuple[list[float], float]:
    """Ask for `SECONDS`; the milliseconds that each answer took, and answers a second."""
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    async def one(seed: int) -> None:
        asking, rng = await Asking.at(host, port), random.Random(seed)
        while time.perf_counter() < until:
            started = time.perf_counter()
            status, _ = await asking.get(rng.choice(paths))
            assert status == 200, status
            took.append(1000 * (time.perf_counter() - started))
        asking.writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one(seed) for seed in range(at_once)))
    return took, len(took) / (time.perf_counter() - started)


async def answers(address: str, directory: Path, rows: int) -> None:
    """Print how fast each kind of question is answered."""
    names = dyads(max(1, rows // 365))
    first = LAST - dt.timedelta(364)
    asked = {
        "a dyad in full": [f"/api/v1/dyads/{dyad}" for dyad in names],
        "a dyad's year of days": [f"/api/v1/dyads/{dyad}/days?from={first}" for dyad in names],
        "events of a dyad": [f"/api/v1/events?dyad={dyad}&limit=50" for dyad in names],
        "dyads, first 100": ["/api/v1/dyads"],
        "dyads in a month": [f"/api/v1/dyads?from={LAST.replace(day=1)}"],
        "a state": [f"/api/v1/states/{dyad.b}?from={first}" for dyad in names],
        "search, a word of a sixth": ["/api/v1/search?q=%D0%B4%D0%BE%D0%B3%D0%BE%D0%B2%D0%BE%D1%80"],
        "health": ["/api/v1/health"],
    }
    with serving(address, directory, core=0) as (process, host, port):
        await ready(host, port)
        print(
            f"{'':28}{'p50 ms':>8}{'p95 ms':>8}{f'  {AT_ONCE} at once: p95 ms':>22}{'a second':>10}{'CPU ms each':>13}"
        )
        for name, paths in asked.items():
            took, _ = await load(host, port, paths, 1)
            before = process.cpu()
            many, rate = await load(host, port, paths, AT_ONCE)
            cost = 1000 * (process.cpu() - before) / len(many)
            p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
            print(f"{name:28}{p50:8.2f}{p95:8.2f}{statistics.quantiles(many, n=20)[-1]:22.1f}{rate:10.0f}{cost:13.2f}")


async def restart(address: str, directory: Path) -> None:
    """Print how long it takes to come back."""
    first_answers, followed, cpu = [], [], []
    for round_ in range(RESTARTS):
        await fresh_news(address, 1_000, round_)
        with serving(address, directory) as (process, host, port):
            asking = await Asking.at(host, port)
            while (await asking.get("/api/v1/states?limit=1"))[0] != 200:
                await asyncio.sleep(0.01)
            first_answers.append(time.monotonic() - process.started)
            cpu.append(process.cpu())
            await ready(host, port)
            asking = await Asking.at(host, port)
            while json.loads((await asking.get("/api/v1/health"))[1])["read_model"]["lag"]:
                await asyncio.sleep(0.01)
            followed.append(time.monotonic() - process.started)
            process.end(signal.SIGKILL)
    for what, times in (("first answer", first_answers), ("follows, 1,000 rows later", followed)):
        print(f"{what}: {', '.join(f'{seconds:.2f}' for seconds in sorted(times))} s after the start")
    print(f"processor used until the first answer: {statistics.median(cpu):.2f} s")


class Listeners:
    """Many who listen, each on a line of its own."""

    def __init__(self) -> None:
        self.heard = 0
        self.late: list[float] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, host: str, port: int, count: int) -> None:
        """Listen to all that is told."""
        for number in range(count):
            asking = await Asking.at(host, port)
            asking.writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\n\r\n")
            await asking.reader.readuntil(b"id: ")
            self._tasks.append(asyncio.create_task(self._listen(asking, timed=number % 50 == 0)))

    async def _listen(self, asking: Asking, *, timed: bool) -> None:
        while line := await asking.reader.readline():
            if line.startswith(b"data: {"):
                self.heard += 1
                if timed and (at := re.search(rb'"updated_at":"([^"]+)Z"', line)):
                    then = dt.datetime.fromisoformat(at[1].decode()).replace(tzinfo=dt.UTC)
                    self.late.append(1000 * (dt.datetime.now(dt.UTC) - then).total_seconds())

    async def leave(self) -> None:
        """Listen no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def producer(address: str) -> AsyncIterator[ArticleProducer]:
    """What publishes the articles."""
    async with ArticleProducer(address) as made:
        yield made


async def listeners(address: str, directory: Path) -> None:
    """Print what listeners cost each process."""
    await create(address)
    worker = Process("run", DYADS_BROKER=address, DYADS_DATA_DIR=str(directory / "w"), DYADS_CODERS="1")
    try:
        with serving(address, directory) as (server, host, port):
            await ready(host, port)
            await publish(address, -1, host, port)
            for round_ in range(ROUNDS):
                for count in (0, LISTENERS):
                    crowd = Listeners()
                    await crowd.connect(host, port, count)
                    before = worker.cpu(), server.cpu()
                    await publish(address, 2 * round_ + bool(count), host, port)
                    after = worker.cpu(), server.cpu()
                    await crowd.leave()
                    late = statistics.quantiles(crowd.late, n=20) if crowd.late else [0.0] * 19
                    print(
                        f"{count:5} listeners: worker {after[0] - before[0]:.2f} s of a processor, server"
                        f" {after[1] - before[1]:.2f} s; told {crowd.heard:,}; p50 {late[9]:.0f} ms, p95 {late[18]:.0f}"
                        " ms after the row was published"
                    )
    finally:
        worker.end()


async def publish(address: str, round_: int, host: str, port: int) -> None:
    """Publish articles, a few at a time, and wait until all are through and told."""
    async with producer(address) as made:
        for number in range(ARTICLES):
            day = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(days=round_)
            text = f"Казахстан и Узбекистан подписали соглашение о границе. Польша осудила Белоруссию. {number}"
            await made.publish(RawArticle(id=f"{round_}/{number}", text=text, source="a.example", published_at=day))
            await asyncio.sleep(0.02)
    asking = await Asking.at(host, port)  # only now: a line that is idle for five seconds is closed
    query = f"/api/v1/mentions?article={round_}/{ARTICLES - 1}"
    while True:
        health = json.loads((await asking.get("/api/v1/health"))[1])
        if not health["pipeline"]["lag"] and json.loads((await asking.get(query))[1])["items"]:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(6)  # the lag is looked at every five seconds
    asking.writer.close()


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("answers", "restart", "listeners"))
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of days (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="a file for the read model, found there again")
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    with tempfile.TemporaryDirectory() as name, broker() as address:
        directory = Path(name)
        if arguments.what == "listeners":
            asyncio.run(listeners(address, directory))
            return
        asyncio.run(create(address))
        kept = arguments.keep or directory / "kept.sqlite3"
        if not kept.exists():
            fill(kept, arguments.rows)
        model = directory / "dyads.serve" / "bench" / "generation-1.sqlite3"
        model.parent.mkdir(parents=True)
        shutil.copyfile(kept, model)
        fill(model, 0, cluster=asyncio.run(cluster_id(address)))
        if arguments.what == "answers":
            asyncio.run(answers(address, directory, arguments.rows))
        else:
            asyncio.run(restart(address, directory))


if __name__ == "__main__":
    main()
