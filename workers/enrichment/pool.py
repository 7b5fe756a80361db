"""Coding in processes of their own, so that the worker's event loop stays free and a poison article harms only itself.

Pebble's pool knows which process holds which article: one that takes too long or kills its process is told from its
neighbours, whose results come as if nothing had happened, and a new process takes the dead one's place.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired, ProcessPool

from workers.runtime.handler import Reject
from workers.runtime.metrics import CODING_IN_FLIGHT, CODING_PROCESSES, CODING_RETRIES, CODING_SECONDS

log = logging.getLogger(__name__)

Work = Callable[[bytes, int, str], bytes]
"""Runs in a coding process: an article's bytes, version and ISO day of receipt -> the coded article's bytes."""


class CodersFailed(Exception):
    """No coding process could be made ready."""


class CodingPool:
    """`processes` processes that run `work`, each made ready by `prepare` (loading models takes a second or two)."""

    def __init__(self, work: Work, prepare: Callable[[], None], processes: int, timeout: float) -> None:
        self._work = work
        self._prepare = prepare
        self._processes = processes
        self._timeout = timeout
        self._pool: ProcessPool | None = None

    async def start(self) -> None:
        """Start the processes and wait until one of them is ready. Raises `CodersFailed`."""
        self._pool = self._new()
        try:
            await asyncio.wrap_future(self._pool.schedule(_ping))
        except (BrokenProcessPool, ProcessExpired) as error:
            raise CodersFailed("the coding processes cannot be made ready; the reason is in the log above") from error
        CODING_PROCESSES.set(self._processes)

    async def stop(self) -> None:
        """End the processes; what they hold is dropped."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.get_running_loop().run_in_executor(None, pool.join, 10)

    def problem(self) -> str | None:
        """Why no article can be coded, if so."""
        if self._pool is None:
            return "the coding processes are not started"
        return None if self._pool.active else "the coding processes are broken"

    async def code(self, article: bytes, version: int, received: str) -> bytes:
        """The coded article. Raises `Reject` where it takes too long, or kills its process twice, or fails."""
        started = time.monotonic()
        CODING_IN_FLIGHT.inc()
        try:
            for attempt in (1, 2):
                try:
                    return await self._submit(article, version, received)
                except TimeoutError:
                    raise Reject("too-slow", f"coding took more than {self._timeout:g} s", attempt) from None
                except ProcessExpired as error:
                    # The process may have died of something else (memory, an operator): once more, then give up.
                    CODING_RETRIES.labels("crashed").inc()
                    log.warning("a coding process died (%s) on version %d, attempt %d", error, version, attempt)
                    crash = error
                except BrokenProcessPool as error:
                    CODING_RETRIES.labels("broken-pool").inc()
                    log.warning("the coding processes broke (%s) and are started anew", error)
                    self._rebuild()
                    crash = error
            raise Reject("crashed", f"coding ended its process twice: {crash}", attempt)
        finally:
            CODING_IN_FLIGHT.dec()
            CODING_SECONDS.observe(time.monotonic() - started)

    async def _submit(self, article: bytes, version: int, received: str) -> bytes:
        assert self._pool is not None, "code() before start()"
        future = self._pool.schedule(self._work, (article, version, received), timeout=self._timeout)
        # Shielded: to cancel the future of a running article would kill its process, and a rebalance cancels many.
        coded: bytes = await asyncio.shield(asyncio.wrap_future(future))
        return coded

    def _rebuild(self) -> None:
        if self._pool is None or self._pool.active:
            return  # another article's failure has rebuilt it, or the worker is stopping
        self._pool.stop()
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        # One thread each: the processes are as many as the cores, and numpy's would fight over them.
        for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        return ProcessPool(
            max_workers=self._processes,
            initializer=_initialize,
            initargs=(self._prepare, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )


def _initialize(prepare: Callable[[], None], parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the whole group; the worker decides
    _end_with(parent)
    try:
        prepare()
    except Exception:
        traceback.print_exc()  # the pool would only say that its workers expired
        raise


def _end_with(parent: int) -> None:
    """End this process when its parent is gone (killed with -9, it cannot say so)."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _ping() -> None:
    """Answered by the first process that is ready."""
