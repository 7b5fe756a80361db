"""A library says the same thing once in a while only."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

from workers.runtime.logs import JsonLines, Repeats


def record(logger: str, template: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.ERROR, "", 0, template, arguments, None)


def test_what_a_library_repeats_is_held_back_and_counted() -> None:
    now = 0.0
    repeats = Repeats(every=10, clock=lambda: now)
    assert repeats.filter(record("aiokafka.conn", "cannot connect to %s", "a"))
    assert not repeats.filter(record("aiokafka.conn", "cannot connect to %s", "b"))
    assert repeats.filter(record("aiokafka.conn", "something else"))

    now = 10.0
    later = record("aiokafka.conn", "cannot connect to %s", "c")
    assert repeats.filter(later)
    assert later.getMessage() == "cannot connect to c (and 1 more like this)"


def test_our_own_lines_are_all_told() -> None:
    repeats = Repeats()
    assert all(repeats.filter(record("workers.runtime.worker", "waiting: %s", "no broker")) for _ in range(3))


def test_a_line_of_json_has_its_fields_and_its_traceback() -> None:
    try:
        raise ValueError("such a thing")
    except ValueError:
        line = logging.LogRecord("workers.x", logging.ERROR, "", 0, "%s happened", ("it",), sys.exc_info())
    line.article, line.trace_id = "agency/1", None
    told = json.loads(JsonLines().format(line))
    assert dt.datetime.fromisoformat(told.pop("time")).tzinfo is dt.UTC
    assert told.pop("exception").endswith("ValueError: such a thing")
    assert told == {
        "level": "ERROR",
        "logger": "workers.x",
        "message": "it happened",
        "article": "agency/1",
        "trace_id": None,
    }
