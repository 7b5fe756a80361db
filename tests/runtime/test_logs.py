"""Lines of the libraries are logged sparingly."""

from __future__ import annotations

import logging

import pytest

from workers.runtime import logs
from workers.runtime.logs import Sparing


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(logs, "time", clock)
    return clock


def said(sparing: Sparing, name: str, message: str, *values: object) -> str | None:
    record = logging.LogRecord(name, logging.ERROR, "", 0, message, values, None)
    return record.getMessage() if sparing.filter(record) else None


def test_one_line_of_a_kind_stands_for_all_within_ten_seconds(clock: Clock) -> None:
    sparing = Sparing(10)
    assert said(sparing, "aiokafka", "no connection to %d", 1) == "no connection to 1"
    assert [said(sparing, "aiokafka", "no connection to %d", n) for n in range(500)] == [None] * 500
    assert said(sparing, "aiokafka", "the group is gone") == "the group is gone"
    clock.now += 10
    assert said(sparing, "aiokafka", "no connection to %d", 7) == "no connection to 7 (and 500 more like it)"


def test_lines_of_our_own_all_pass(clock: Clock) -> None:
    sparing = Sparing(10)
    assert [said(sparing, "workers.runtime.task", "opened") for _ in range(3)] == ["opened"] * 3
