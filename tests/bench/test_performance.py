"""The frame of the benches: contestants in turns, ratios against targets and the committed ones, page and charts."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from performance import feed, page, report  # noqa: E402
from performance.chart import svg  # noqa: E402
from performance.measure import Contestant, Spread, in_turns, ratio  # noqa: E402
from performance.report import Chart, Ratio, Report, Series, Table  # noqa: E402

from workers.enrichment.coding.look import may_tell  # noqa: E402
from workers.enrichment.language import language_of  # noqa: E402

PEER = """
import sys
sys.path.insert(0, {bench!r})
from performance.contestant import serve
serve(lambda article: sum(range({work})) + len(article["text"]))
"""


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return feed.write(list(feed.ordinary(3)), tmp_path / "articles.jsonl")


def contestant(work: int) -> Contestant:
    return Contestant([sys.executable, "-c", PEER.format(bench=str(ROOT / "bench"), work=work)])


def test_contestants_work_in_turns(articles: Path) -> None:
    both = {"light": contestant(10), "heavy": contestant(100_000)}
    assert [c.load("three", articles) for c in both.values()] == [3, 3]
    seconds = in_turns(both, "three", rounds=4)
    assert {name: len(s) for name, s in seconds.items()} == {"light": 4, "heavy": 4}
    assert all(c.start_up > 0 for c in both.values())
    for c in both.values():
        c.close()


def test_a_contestant_that_cannot_start_is_told() -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        Contestant([sys.executable, "-c", "raise SystemExit(1)"])


def test_ratios_are_taken_round_by_round() -> None:
    assert ratio([1.0, 2.0, 4.0], [2.0, 2.0, 16.0]) == Spread(2.0, 1.0, 4.0)


@pytest.mark.parametrize(
    ("value", "committed", "higher", "behind"),
    [(2.0, 2.2, True, False), (1.8, 2.2, True, True), (260, 240, False, False), (300, 240, False, True)],
)
def test_a_ratio_falls_behind_the_committed_one(value: float, committed: float, higher: bool, behind: bool) -> None:
    new, old = (Ratio("x", v, 1, higher_is_better=higher) for v in (value, committed))
    assert new.worse_than(old) is behind


REPORT = Report(
    name="toy", title="Toy", machine="a machine", day="2026-03-02", command="make bench", load=0.5,
    tables=(Table("Speeds", ("corpus", "ms"), (("samples", "7.1"),), note="A note."),),
    charts=(
        Chart("toy-bars", "Bars & more", "ms", (Series("ours", ((0, 7, 6, 8), (1, 3, 2, 4))),), ("one", "two")),
        Chart("toy-lines", "Lines", "s", (Series("ours", ((1, 0.5, 0.4, 0.7), (200, 90, 80, 95))),), (), "KB"),
    ),
    ratios=(Ratio("times peer", 2.6, 2.5), Ratio("memory", 300, 260, higher_is_better=False)),
)  # fmt: skip


def test_a_report_is_kept_and_becomes_a_page_with_charts(tmp_path: Path) -> None:
    folder = tmp_path / "performance"
    report.write(REPORT, folder)
    assert report.read("toy", folder) == REPORT
    assert report.read("none", folder) is None
    page.write([REPORT], folder)
    text = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert "| samples | 7.1 |" in text
    assert "| times peer | 2.6 | ≥ 2.5 | yes |" in text
    assert "| memory | 300 | ≤ 260 | **no** |" in text
    assert "](performance/toy-bars.svg)" in text
    assert (folder / "toy-lines.svg").is_file()


@pytest.mark.parametrize("chart", REPORT.charts, ids=lambda chart: chart.name)
def test_charts_show_every_point(chart: Chart) -> None:
    drawn = ET.fromstring(svg(chart))
    kind = "rect" if chart.labels else "circle"
    colour = "#2b6cb0"
    marks = [m for m in drawn.iter(f"{{http://www.w3.org/2000/svg}}{kind}") if m.get("fill") == colour]
    assert len(marks) == len(chart.series[0].points) + (1 if chart.labels else 0)  # the legend has one more


def test_four_of_five_articles_of_the_mixed_feed_name_no_two_states() -> None:
    articles = feed.mixed()
    told = [may_tell("", a["text"], "2026-03-02", dated=True) for a in articles]
    assert told == [number % 5 == 4 for number in range(feed.FEED)]
    assert {language_of(a["text"]) for a in articles} == {"ru"}
    assert len({a["text"] for a in articles[:4]}) == 4


def test_long_articles_have_their_length(tmp_path: Path) -> None:
    file = feed.write([feed.of_length(7_000, seed=1)], tmp_path / "long.jsonl")
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert len(json.loads(line)["text"]) == 7_000
