"""What a worker logs: its own lines all, those of the libraries sparingly.

While a broker is away aiokafka logs some five hundred lines a second, all of a dozen kinds.
"""

from __future__ import annotations

import logging
import time

LIBRARIES = ("aiokafka", "faust", "mode", "asyncio")

_KINDS = 1000
"""Kinds of lines that are remembered at the most."""


class Sparing(logging.Filter):
    """Of lines of one kind, the same but for their values, lets one pass in `seconds`, with how many it stands for."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._passed: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in LIBRARIES:
            return True
        kind, now = (record.name, str(record.msg)), time.monotonic()
        passed, held = self._passed.get(kind, (now - self._seconds, 0))
        if now - passed < self._seconds:
            self._passed[kind] = passed, held + 1
            return False
        if len(self._passed) >= _KINDS:
            self._passed.clear()
        self._passed[kind] = now, 0
        if held:
            record.msg = f"{record.msg} (and {held} more like it)"
        return True


def set_up(level: str) -> None:
    """Log to standard error; of the libraries warnings and worse, unless the level is higher."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Sparing())
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLogger().level))
