"""What rows that are there already cost: a contribution among 10,000, 100,000 and 1,000,000 rows, a start, a takeover.

One worker with RocksDB folds the world's news until so many rows are in its stores. Then it is stopped and started
again, started with an empty disk, and killed beside another one that waits to take over.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from performance import contributions, machine
from performance.aggregation import TOPIC
from performance.measure import Spread
from performance.options import Options
from performance.report import Chart, Ratio, Report, Series, Table
from performance.scene import Worker, broker_with_topics, fill

NAME = "recovery"
ROWS = (10_000, 100_000, 1_000_000)
SAMPLE = 5_000
"""Contributions by which the cost among so many rows is measured, as often as there are rounds."""
SESSION = 10.0
"""Seconds without a heartbeat until a worker counts as dead: the default."""
_PAUSE = 2.0
_HELD = "dyads_task_rows_at_open"


def run(options: Options) -> Report:
    """Measure all of it; some minutes on an idle machine, most of them for a million rows."""
    load, rounds = machine.load(), max(2, options.rounds - 2)
    with broker_with_topics() as broker, tempfile.TemporaryDirectory() as folder:
        scene = _Growing(broker, Path(folder))
        costs = {rows: scene.cost_among(rows, rounds) for rows in ROWS}
        resumed = scene.restart()
        restored, held = scene.restart_on_an_empty_disk()
        taken_over = scene.takeover()
    per_row = {rows: Spread.of(seconds).scaled(1e6 / SAMPLE) for rows, seconds in costs.items()}
    medians = [spread.median for spread in per_row.values()]
    points = tuple((float(rows), s.median, s.low, s.high) for rows, s in per_row.items())
    return Report(
        name=NAME, title="Growth and recovery", machine=machine.in_words(),
        day=datetime.now(UTC).date().isoformat(), command=options.command, load=load,
        ratios=(
            Ratio("dearest over cheapest contribution, by rows", max(medians) / min(medians), 1.2, False, 0.3),
            Ratio("clean restart with a million rows, s", resumed, 5, False, 0.5),
            Ratio("rows restored a second from an empty disk", held / restored, 20_000, slack=0.3),
            Ratio("takeover after kill -9, s beyond the session", taken_over - SESSION, 3, False, 0.5),
        ),
        tables=(
            Table(
                "A contribution among so many rows, RocksDB", ("rows", "µs", "spread"),
                tuple((f"{n:,}", f"{s.median:.0f}", f"{s.low:.0f} to {s.high:.0f}") for n, s in per_row.items()),
            ),
            Table(
                "A worker starts, until it is ready", ("", "s"),
                (
                    (f"again, with {held:,.0f} rows on its disk", f"{resumed:.2f}"),
                    (f"with an empty disk, {held:,.0f} rows read from the state topic", f"{restored:.2f}"),
                    (f"another one settles, after kill -9 (session {SESSION:.0f} s)", f"{taken_over:.2f}"),
                ),
            ),
        ),
        charts=(
            Chart("growth", "A contribution among so many rows", "µs", (Series("RocksDB", points),), x_unit="rows"),
        ),
    )  # fmt: skip


class _Growing:
    """A worker whose rows become more and more."""

    def __init__(self, broker: str, folder: Path) -> None:
        self._broker = broker
        self._folder = folder
        self._sent = 0
        self._held = 0.0
        self._settled = 0  # by this life of the worker
        self._worker = self._start("one")
        self._worker.ready()

    def _start(self, name: str) -> Worker:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return Worker(self._broker, folder, DYADS_AGENTS="aggregate", DYADS_STORE="rocksdb", DYADS_NAME=name)

    def cost_among(self, rows: int, rounds: int) -> list[float]:
        """Grow to so many rows; the seconds for each sample of contributions then."""
        while self._held < rows:
            self._take(int((rows - self._held) / (self._held / self._sent if self._sent else 6)) + 100)
            self.restart()
        return [self._take(SAMPLE) for _ in range(rounds)]

    def restart(self) -> float:
        """Stop and start; seconds until it is ready."""
        self._worker.stop()
        self._worker, self._settled = self._start("one"), 0
        seconds = self._worker.ready()
        self._held = self._worker.metric(_HELD)
        return seconds

    def restart_on_an_empty_disk(self) -> tuple[float, float]:
        """Start one that has nothing; seconds until it is ready, and the rows that it holds then."""
        self._worker.stop()
        self._worker = self._start("two")
        return self._worker.ready(), self._worker.metric(_HELD)

    def takeover(self) -> float:
        """Kill the worker beside another one; seconds until that one settles what came last."""
        other = self._start("one")
        try:
            other.ready()
            time.sleep(_PAUSE)
            killed = time.perf_counter()
            self._worker.kill()
            fill(self._broker, TOPIC, contributions.world(400, first=self._sent, seed=self._sent))
            return other.settled(400) - killed
        finally:
            other.stop()

    def _take(self, count: int) -> float:
        fill(self._broker, TOPIC, contributions.world(count, first=self._sent, seed=self._sent + 1))
        started = time.perf_counter()
        self._sent += count
        self._settled += count
        return self._worker.settled(self._settled) - started
