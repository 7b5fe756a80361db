"""Aggregate alone, its contributions already on the topic: beside a bare Faust agent and the same fold in Quix Streams.

Each measurement has a broker of its own, in memory, on the same cores as what is measured. Ours counts committed
contributions only; the bare agent stops its clock at the last message, whatever of it is committed by then.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from performance import contributions, machine, peers
from performance.contributions import Record
from performance.measure import Spread, ratio
from performance.options import Options
from performance.report import Chart, Ratio, Report, Series, Table
from performance.scene import ROOT, Worker, broker_with_topics, fill

NAME = "aggregation"
COUNT = 20_000
TOPIC = "relations.contributions"
_SETTLED = "dyads_messages_settled_total"
_HERE = Path(__file__).parent / "peers"

MEMORY, ROCKSDB, BARE, QUIX = "memory", "RocksDB", "bare Faust agent", "Quix Streams"
FLAT, WORLD, HOT, STORY = "flat", "Zipf", "a hot dyad", "one story"
MIXES: Mapping[str, Callable[[int], Iterator[Record]]] = {
    WORLD: contributions.world, FLAT: contributions.flat, HOT: contributions.hot, STORY: contributions.story,
}  # fmt: skip


def run(options: Options) -> Report:
    """Measure all of it; some minutes on an idle machine."""
    load, rounds = machine.load(), max(1, options.rounds - 2)
    contestants: Mapping[str, Callable[[str, Path], float]] = {
        MEMORY: lambda broker, folder: ours(broker, folder, COUNT, "memory"),
        ROCKSDB: lambda broker, folder: ours(broker, folder, COUNT, "rocksdb"),
        BARE: bare,
        QUIX: quix,
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    mixes: dict[str, list[float]] = {name: [] for name in MIXES}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            seconds[name].append(_on(MIXES[WORLD], contestant))
        for name, mix in MIXES.items():
            mixes[name].append(_on(mix, contestants[MEMORY]))
    return Report(
        name=NAME, title="Aggregation", machine=machine.in_words(), day=datetime.now(UTC).date().isoformat(),
        command=options.command, load=load,
        ratios=(
            Ratio(f"{MEMORY}: times {BARE}", ratio(seconds[MEMORY], seconds[BARE]).median, 0.5),
            Ratio(f"{ROCKSDB}: times {BARE}", ratio(seconds[ROCKSDB], seconds[BARE]).median, 0.5),
            Ratio(f"{ROCKSDB}: times {QUIX}", ratio(seconds[ROCKSDB], seconds[QUIX]).median, 1),
            Ratio("contributions a second (goal)", COUNT / Spread.of(seconds[MEMORY]).median, 4000),
            Ratio(f"{HOT}: times {FLAT}", ratio(mixes[HOT], mixes[FLAT]).median, 0.95),
            Ratio(f"{STORY}: times {FLAT}", ratio(mixes[STORY], mixes[FLAT]).median, 0.95),
        ),
        tables=(
            _rates(f"{COUNT:,} contributions, dyads by Zipf's law", seconds),
            _rates("What the news is about, store in memory", mixes),
        ),
        charts=(_chart(seconds),),
    )  # fmt: skip


def _on(mix: Callable[[int], Iterator[Record]], contestant: Callable[[str, Path], float]) -> float:
    with broker_with_topics() as broker, tempfile.TemporaryDirectory() as folder:
        fill(broker, TOPIC, mix(COUNT))
        return contestant(broker, Path(folder))


def ours(broker: str, folder: Path, count: int, store: str) -> float:
    """The seconds for so many contributions with every guarantee on."""
    worker = Worker(broker, folder, DYADS_AGENTS="aggregate", DYADS_STORE=store)
    try:
        started = worker.settled(1)
        begun = worker.metric(_SETTLED)
        seconds = worker.settled(count) - started
        return seconds * count / (count - begun)  # what was settled before the clock was read is paid for like the rest
    finally:
        worker.stop()


def bare(broker: str, folder: Path) -> float:  # noqa: ARG001  its table is in memory
    """The same for an agent that only counts, at least once."""
    return _asked(sys.executable, _HERE / "faust_counting.py", broker, TOPIC, str(COUNT))


def quix(broker: str, folder: Path) -> float:
    """The same for `aggregate` under Quix Streams, exactly once, with its store and its pace of commits."""
    python = str(peers.python("quix"))
    return _asked(python, _HERE / "quix_fold.py", str(ROOT), broker, TOPIC, str(COUNT), str(folder))


def _asked(python: str, script: Path, *arguments: str) -> float:
    ran = subprocess.run([python, "-W", "ignore", str(script), *arguments], capture_output=True, text=True, cwd=ROOT)
    said = [line for line in ran.stdout.splitlines() if line.startswith("seconds ")]
    if not said:
        raise RuntimeError(f"{script.name} said no figure: {ran.stderr[-2000:]}")
    return float(said[-1].split()[1])


def _rates(title: str, seconds: Mapping[str, list[float]]) -> Table:
    rows = []
    for name, needed in seconds.items():
        rate = Spread.of([COUNT / s for s in needed])
        rows.append((name, f"{rate.median:,.0f}", f"{rate.low:,.0f} to {rate.high:,.0f}"))
    return Table(title, ("", "contributions a second", "spread"), tuple(rows))


def _chart(seconds: Mapping[str, list[float]]) -> Chart:
    rates = [Spread.of([COUNT / s for s in needed]) for needed in seconds.values()]
    points = tuple((float(n), r.median, r.low, r.high) for n, r in enumerate(rates))
    series = (Series("contributions a second", points),)
    return Chart("aggregation", "Aggregation beside its peers", "1/s", series, labels=tuple(seconds))
