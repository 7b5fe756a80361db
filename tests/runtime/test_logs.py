"""A library says the same thing once in a while only."""

from __future__ import annotations

import logging

from workers.runtime.logs import Repeats


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
