"""The coding processes of a worker: two against one, what they hold in memory, how soon the first article is coded."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from msgspec import Struct

from performance import feed, machine
from performance.measure import ONE_THREAD, Spread, ratio

_REPEATED = 3
"""Times that the samples are coded in one measurement."""


class Processes(Struct, frozen=True):
    """Articles a second of one and of two processes, seconds to the first article, MiB of a process after all that."""

    one: Spread
    two: Spread
    speedup: Spread
    first: Spread
    rss: float
    pss: float
    private: float


def in_processes(rounds: int) -> Processes:
    """Measure pools of one and of two processes in turns, each in a worker of its own."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    first: list[float] = []
    memory: list[tuple[float, float, float]] = []
    count = 0
    for _ in range(rounds):
        for processes in (1, 2):
            command = [sys.executable, str(Path(__file__).with_name("pool_worker.py")), str(processes)]
            paths = os.pathsep.join((str(feed.ROOT), str(feed.ROOT / "bench")))
            found = subprocess.run(
                command, check=True, capture_output=True, text=True, cwd=feed.ROOT,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": paths},
            )  # fmt: skip
            told = json.loads(found.stdout)
            seconds[processes].append(told["seconds"])
            first.append(told["first"])
            count = told["articles"]
            if processes == 2:
                memory += map(tuple, told["memory"])
    largest = max(memory)
    return Processes(
        Spread.of([count / s for s in seconds[1]]), Spread.of([count / s for s in seconds[2]]),
        ratio(seconds[2], seconds[1]), Spread.of(first), *largest,
    )  # fmt: skip


async def measured(processes: int) -> dict[str, object]:
    """In the worker: a pool started, the first article coded, then the samples some times over."""
    from workers.enrichment.pool import CodingPool
    from workers.enrichment.process import own_coder, prepare, work

    articles = [json.dumps(article).encode() for article in feed.samples()]
    started = time.perf_counter()
    pool = CodingPool(work, partial(prepare, own_coder), processes, 60, "workers.enrichment.loaded")
    await pool.start()
    await pool.code(articles[0], 0, "2026-03-02")
    first = time.perf_counter() - started
    await asyncio.gather(*(pool.code(article, 0, "2026-03-02") for article in articles))
    started = time.perf_counter()
    await asyncio.gather(*(pool.code(article, 0, "2026-03-02") for article in articles * _REPEATED))
    seconds = time.perf_counter() - started
    memory = [machine.memory(pid) for pid in _coding(os.getpid())]
    await pool.stop()
    return {"first": first, "seconds": seconds, "articles": len(articles) * _REPEATED, "memory": memory}


def _coding(pid: int) -> list[int]:
    """The coding processes of a worker: what its fork server has forked."""
    return [grandchild for child in _children(pid) for grandchild in _children(child)]


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in text.split()]
