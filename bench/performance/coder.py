"""The coder beside stock natasha: complete coding of articles, one process on one core, and what it needs besides."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from performance import feed, machine, peers
from performance.floor import floor
from performance.measure import Contestant, Spread, in_turns, ratio
from performance.options import Options
from performance.pool import in_processes
from performance.report import Chart, Ratio, Report, Series, Table
from performance.stages import stages

NAME = "coder"
LENGTHS = (2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
"""Characters of the articles by which the slope is measured."""
OURS, PEER, BEFORE = "dyads", "natasha 1.6", "reference"
_HERE = Path(__file__).parent


def run(options: Options) -> Report:
    """Measure all of it; some four minutes on an idle machine."""
    load, core = machine.load(), min(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, _contestants(options, core) as contestants:
        corpora = _corpora(options, Path(folder))
        measured = {name: _measure(contestants, name, file, options.rounds) for name, file in corpora.items()}
        slope = _slope(contestants[OURS], Path(folder), options.rounds)
        started = {name: contestant.start_up for name, contestant in contestants.items()}
    pool = in_processes(options.rounds)
    speeds = {name: ratio(seconds[OURS], seconds[PEER]) for name, (_, seconds) in measured.items()}
    plain = [speeds[name].median for name in corpora if name != "mixed feed"]
    kilobyte = [Spread.of(s).scaled(1e6 / length) for length, s in slope.items()]
    far = [k.median for length, k in zip(slope, kilobyte, strict=True) if length >= 10_000]
    return Report(
        name=NAME, title="Coder", machine=machine.in_words(), day=datetime.now(UTC).date().isoformat(),
        command=options.command,
        load=load,
        ratios=(
            *(Ratio(f"{n}: times {PEER}", s.median, 8 if n == "mixed feed" else 2.5) for n, s in speeds.items()),
            Ratio("least of the complete corpora (goal)", min(plain), 4),
            Ratio("two processes, times one", pool.speedup.median, 1.7),
            Ratio("memory of a coding process, MiB", pool.rss, 260, higher_is_better=False),
            Ratio("of which its own, MiB", pool.private, 130, higher_is_better=False),
            Ratio("slowest over fastest kilobyte, 10 to 200 KB", max(far) / min(far), 1.25, higher_is_better=False),
            Ratio("start to first article, s", pool.first.median, 2.5, higher_is_better=False, slack=0.5),
        ),
        tables=(
            _rates(measured, speeds),
            Table(
                "Length of an article", ("characters", "ms", "ms a thousand characters"),
                tuple(
                    (f"{n:,}", _ms(Spread.of(s)), _said(k))
                    for (n, s), k in zip(slope.items(), kilobyte, strict=True)
                ),
            ),
            Table(
                "Processes", ("", "median", "spread"),
                (
                    ("articles a second, one process", f"{pool.one.median:.1f}", _range(pool.one)),
                    ("articles a second, two processes", f"{pool.two.median:.1f}", _range(pool.two)),
                    ("start of a worker's pool to the first coded article, s", f"{pool.first.median:.2f}",
                     _range(pool.first)),
                    (f"start of {PEER} until its models are loaded, s", f"{started[PEER]:.2f}", ""),
                ),
                note=f"Memory of a coding process: {pool.rss:.0f} MiB, of which {pool.private:.0f} MiB are its own; the"
                " rest is shared with the others and the fork server. Its share of all (PSS) is"
                f" {pool.pss:.0f} MiB.",
            ),
            stages(),
            floor(),
        ),
        charts=(_chart(measured), _length_chart(slope)),
    )  # fmt: skip


@contextmanager
def _contestants(options: Options, core: int) -> Iterator[Mapping[str, Contestant]]:
    ours = [sys.executable, str(_HERE / "coder_peer.py")]
    commands = {
        OURS: [*ours, str(feed.ROOT)],
        PEER: [str(peers.python("natasha")), str(_HERE / "peers/natasha_peer.py")],
    }
    if options.reference is not None:
        commands[BEFORE] = [*ours, str(options.reference)]
    started: dict[str, Contestant] = {}
    try:
        for name, command in commands.items():
            started[name] = Contestant(command, core, cwd=Path(command[-1]) if name == BEFORE else feed.ROOT)
        yield started
    finally:
        for contestant in started.values():
            contestant.close()


def _corpora(options: Options, folder: Path) -> Mapping[str, Path]:
    own = {"samples": feed.samples(), "long articles": feed.long_mix(), "mixed feed": feed.mixed()}
    return {**options.articles, **{name: feed.write(articles, folder / name) for name, articles in own.items()}}


def _measure(
    contestants: Mapping[str, Contestant], name: str, file: Path, rounds: int
) -> tuple[int, Mapping[str, list[float]]]:
    count = [contestant.load(name, file) for contestant in contestants.values()]
    return count[0], in_turns(contestants, name, rounds)


def _slope(contestant: Contestant, folder: Path, rounds: int) -> Mapping[int, list[float]]:
    """Seconds for an article of each length."""
    found: dict[int, list[float]] = {}
    for length in LENGTHS:
        name = f"length {length}"
        contestant.load(name, feed.write([feed.of_length(length, 7)], folder / name))
        found[length] = in_turns({OURS: contestant}, name, rounds)[OURS]
    return found


def _rates(measured: Mapping[str, tuple[int, Mapping[str, list[float]]]], speeds: Mapping[str, Spread]) -> Table:
    contestants = list(next(iter(measured.values()))[1])
    rows = []
    for name, (count, seconds) in measured.items():
        times = [Spread.of(seconds[c]).scaled(1000 / count) for c in contestants]
        before = [_said(ratio(seconds[OURS], seconds[BEFORE]))] if BEFORE in contestants else []
        rows.append(
            (name, str(count), *map(_said, times), f"{1000 / times[0].median:.0f}", _said(speeds[name]), *before)
        )
    header = ("corpus", "articles", *(f"{c}, ms an article" for c in contestants), "articles a second", f"times {PEER}")
    return Table(
        "Complete coding, one process on one core",
        (*header, "times reference") if BEFORE in contestants else header,
        tuple(rows),
        note=f"{PEER} segments, tags, parses and finds names; it codes no events. Of the mixed feed four in five"
        " articles name no two states. Each corpus has been read once before.",
    )


def _chart(measured: Mapping[str, tuple[int, Mapping[str, list[float]]]]) -> Chart:
    contestants = list(next(iter(measured.values()))[1])
    series = []
    for contestant in contestants:
        points = []
        for place, (count, seconds) in enumerate(measured.values()):
            rate = Spread.of([count / s for s in seconds[contestant]])
            points.append((float(place), rate.median, rate.low, rate.high))
        series.append(Series(contestant, tuple(points)))
    return Chart("coder-rates", "Articles a second on one core", "", tuple(series), tuple(measured))


def _length_chart(slope: Mapping[int, list[float]]) -> Chart:
    points = []
    for length, seconds in slope.items():
        s = Spread.of(seconds)
        points.append((length / 1000, s.median, s.low, s.high))
    return Chart("coder-length", "Seconds for one article by its length", "s", (Series(OURS, tuple(points)),), (),
                 "thousand characters")  # fmt: skip


def _said(spread: Spread) -> str:
    return f"{spread.median:.3g} ({spread.low:.3g}-{spread.high:.3g})"


def _range(spread: Spread) -> str:
    return f"{spread.low:.3g}-{spread.high:.3g}"


def _ms(spread: Spread) -> str:
    return f"{np.round(spread.median * 1000):,.0f}"
