"""Several contestants in turns, so that all meet the same machine; medians, spread and ratios of what they needed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}


class Spread(Struct, frozen=True):
    """The median of several measurements, with the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one value or more."""
        return cls(statistics.median(values), min(values), max(values))

    def scaled(self, factor: float) -> Spread:
        """In another unit."""
        return Spread(self.median * factor, self.low * factor, self.high * factor)


class Contestant:
    """A process that is measured, on one core and with one thread. `start_up` are the seconds until it was ready."""

    def __init__(self, command: Sequence[str], core: int | None = None, *, cwd: Path | None = None) -> None:
        started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd, env={**os.environ, **ONE_THREAD}
        )
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})
        self._answer()
        self.start_up = time.perf_counter() - started

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def load(self, name: str, file: Path) -> int:
        """Have it read articles, to be run under a name; how many they are."""
        return int(self._ask({"name": name, "load": str(file)})["articles"])

    def run(self, name: str) -> Mapping[str, float]:
        """Have it work through them: seconds of the `wall` and of the processor (`cpu`)."""
        return self._ask({"run": name})

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer


def in_turns(contestants: Mapping[str, Contestant], corpus: str, rounds: int) -> Mapping[str, list[float]]:
    """The processor seconds of each for a corpus, round by round; one more round before warms them up."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, contestant in contestants.items():
            needed = contestant.run(corpus)["cpu"]
            if turn:
                seconds[name].append(needed)
    return seconds


def ratio(of: Sequence[float], to: Sequence[float]) -> Spread:
    """How many times as long `to` took as `of`, by rounds."""
    return Spread.of([b / a for a, b in zip(of, to, strict=True)])
