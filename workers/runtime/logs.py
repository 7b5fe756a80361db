"""What a worker logs, for people or as JSON: our own lines, warnings of the libraries, and each of those once a while.

While a broker is away every one of a worker's thirty clients says so ten times a second.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

import orjson

from workers.runtime.settings import LogFormat

_LIBRARIES = ("faust", "mode", "aiokafka", "asyncio", "opentelemetry")
EVERY_SECONDS = 10.0
"""How often a library may say the same thing."""

_OF_EVERY_LINE = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


class Repeats(logging.Filter):
    """Lets a message pass unless the same text was let pass within `every` seconds; what was held back is counted."""

    def __init__(self, every: float = EVERY_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every = every
        self._clock = clock
        self._passed: dict[tuple[str, str], float] = {}
        self._held: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(_LIBRARIES):
            return True
        said = record.name, str(record.msg)  # the template: the same of another partition is the same
        now = self._clock()
        if now - self._passed.get(said, -self._every) < self._every:
            self._held[said] = self._held.get(said, 0) + 1
            return False
        self._passed[said] = now
        if held := self._held.pop(said, 0):
            record.msg, record.args = f"{record.getMessage()} (and {held} more like this)", None
        return True


class JsonLines(logging.Formatter):
    """A line as a JSON object: time, level, logger, message, the fields it was given, and any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OF_EVERY_LINE},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def set_up_log(level: str, form: LogFormat = LogFormat.HUMAN) -> None:
    """Log to standard error from `level` on, the libraries from WARNING on."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Repeats())
        if form is LogFormat.JSON:
            handler.setFormatter(JsonLines())
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLogger().level))
