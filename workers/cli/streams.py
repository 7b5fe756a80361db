"""Lines of a file or of a pipe, for a command that works on an event loop meanwhile."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import AsyncIterator
from typing import BinaryIO

AHEAD = 1000
"""Lines of a pipe read before they are asked for, at the most."""


def file_size(stream: BinaryIO) -> int | None:
    """The size in bytes of a file; None of a stream whose end nobody knows."""
    status = _status(stream)
    return status.st_size if status is not None and stat.S_ISREG(status.st_mode) else None


def lines_of(stream: BinaryIO) -> AsyncIterator[bytes]:
    """The lines of a stream. A pipe or a terminal may make one wait, so it is read in a thread."""
    status = _status(stream)
    return _file_lines(stream) if status is None or stat.S_ISREG(status.st_mode) else _live_lines(stream)


def _status(stream: BinaryIO) -> os.stat_result | None:
    try:
        return os.fstat(stream.fileno())
    except OSError:  # a stream in memory
        return None


async def _file_lines(stream: BinaryIO) -> AsyncIterator[bytes]:
    from workers.producing.lines import split_lines

    for line in split_lines(stream):
        yield line
        await asyncio.sleep(0)


async def _live_lines(stream: BinaryIO) -> AsyncIterator[bytes]:
    # A daemon thread: one of the loop's would keep the command alive after Ctrl-C until the pipe said something.
    from workers.producing.lines import split_lines

    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue(AHEAD)

    def put(line: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    # A file object of the thread's own: the interpreter, on its way out, would wait for the lock of sys.stdin.
    own = os.fdopen(os.dup(stream.fileno()), "rb")

    def pump() -> None:
        try:
            for line in split_lines(own):
                put(line)
            put(None)
        except RuntimeError:
            return  # the loop is closed: nobody reads on

    threading.Thread(target=pump, daemon=True, name="stdin").start()
    while (line := await lines.get()) is not None:
        yield line
