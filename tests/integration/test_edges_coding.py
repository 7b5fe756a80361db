"""Coding processes that hang, are killed or crash, in a real worker: only their article is touched."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from models import RawArticle
from tests.integration.news import at_length
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, kept, readiness
from tests.runtime.test_health import free_port
from topics.catalogue import CODED
from topics.headers import ATTEMPT, ERROR, REASON
from topics.message import Message
from workers.runtime.settings import StoreKind

TIMEOUT_SECONDS = 10
BUSY_SECONDS = 0.4
"""Of a processor: more than a process takes to receive an article, and less than it takes to code its first one."""


class Coders:
    """A worker's only coding process, seen from outside."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker
        self.idle = 0.0

    def process(self) -> int | None:
        """Its process id; None while there is none."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                server = _parent(int(stat.parent.name))
                if (
                    _is_forked(stat.parent)
                    and _is_forked(Path(f"/proc/{server}"))
                    and _parent(server) == self._worker.pid
                ):
                    return int(stat.parent.name)
            except OSError:
                continue  # it ended meanwhile
        return None

    def seconds(self, process: int) -> float:
        """Seconds of a processor that it took so far."""
        try:
            return sum(map(int, _fields(Path(f"/proc/{process}/stat"))[11:13])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return 0.0

    async def strike(self, number: signal.Signals, *, but: int | None = None) -> int:
        """Send a signal to a fresh process, another one than `but`, in the middle of its first article."""
        async with asyncio.timeout(60):
            while True:
                process = self.process()
                if process not in (None, but) and self.seconds(process) > self.idle + BUSY_SECONDS:
                    os.kill(process, number)
                    return process
                await asyncio.sleep(0.02)


def _is_forked(process: Path) -> bool:
    """Whether it is the server that coding processes are forked from, or one of them."""
    return b"forkserver" in (process / "cmdline").read_bytes()


def _parent(process: int) -> int:
    return int(_fields(Path(f"/proc/{process}/stat"))[1])


def _fields(stat: Path) -> list[str]:
    return stat.read_text().rpartition(")")[2].split()


async def test_a_coding_process_that_hangs_or_dies_takes_only_its_article_along(broker: str, tmp_path: Path) -> None:
    port = free_port()
    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY, DYADS_HTTP_PORT=str(port),
                           DYADS_ARTICLE_TIMEOUT=str(TIMEOUT_SECONDS))  # fmt: skip
    pipeline, coders = Pipeline(broker, port), Coders(worker)

    async def publish(id: str) -> None:
        await pipeline.publish(RawArticle(id=id, text=at_length("Казахстан осудил действия Узбекистана.")))

    async def until_coded(*ids: str) -> None:
        async def coded() -> bool:
            return {id.encode() for id in ids} <= (await pipeline.latest(CODED)).keys()

        await eventually(coded)

    async def letter(id: str) -> Message:
        async def there() -> bool:
            return any(letter.key == id.encode() for letter in await pipeline.dead())

        await eventually(there)
        return next(letter for letter in await pipeline.dead() if letter.key == id.encode())

    async def ready() -> bool:
        return (await readiness(port))[0] == 200

    async with kept([worker]):
        await eventually(ready)
        process = coders.process()
        assert process is not None
        coders.idle = coders.seconds(process)

        await publish("hangs")
        process = await coders.strike(signal.SIGSTOP)
        found = await letter("hangs")
        assert (found.headers[REASON], found.headers[ERROR]) == (b"too-slow", b"coding took more than 10 s")

        await publish("crashes")  # whichever process it is given to
        process = await coders.strike(signal.SIGSEGV, but=process)
        process = await coders.strike(signal.SIGSEGV, but=process)
        found = await letter("crashes")
        assert (found.headers[REASON], found.headers[ATTEMPT]) == (b"crashed", b"2")

        await publish("killed once")  # for want of memory, or by an operator: it is coded at the second attempt
        await publish("beside it")
        await coders.strike(signal.SIGKILL, but=process)
        await until_coded("killed once", "beside it")
        assert await ready()
        assert {m.key for m in await pipeline.dead()} == {b"hangs", b"crashes"}
        assert (await dyads(broker, "audit", "--wait", "180"))[0] == 0
    assert worker.exits == []
