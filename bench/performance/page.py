"""Reports as a page for people: Markdown, with the charts beside it as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from performance.chart import svg
from performance.report import FOLDER, Ratio, Report, Table

BUSY = 1.2
"""A load above which others had a share of the machine."""

HEAD = """# Performance

Written by `make bench` from the figures in `docs/performance/`; edit the benches in `bench/performance/`, not this
page. Figures of one core are processor seconds of one process with one thread, contestants in turns on the same core:
trust the ratios, the absolute figures belong to the machine. Spread is the lowest and the highest of all rounds.
"""


def page(reports: Iterable[Report]) -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for report in reports for line in _section(report))])


def write(reports: Sequence[Report], folder: Path = FOLDER) -> None:
    """Write the page beside the folder of reports, and the charts into it."""
    for report in reports:
        for chart in report.charts:
            (folder / f"{chart.name}.svg").write_text(svg(chart), encoding="utf-8")
    folder.with_suffix(".md").write_text(page(reports), encoding="utf-8")


def markdown(table: Table) -> Iterator[str]:
    """A table in Markdown, numbers to the right."""
    yield f"**{table.title}**\n"
    yield f"| {' | '.join(table.header)} |"
    yield f"| {' | '.join(['---', *['---:'] * (len(table.header) - 1)])} |"
    for row in table.rows:
        yield f"| {' | '.join(row)} |"
    yield f"\n{table.note}\n" if table.note else ""


def _section(report: Report) -> Iterator[str]:
    yield f"## {report.title}\n"
    yield f"On {report.day}: {report.machine}. Load of the machine at the start {report.load:.1f}.\n"
    yield f"    {report.command}\n"
    if report.load > BUSY:
        yield "**Others used the machine**: only ratios of contestants in turns tell something, and less than usual.\n"
    if report.ratios:
        yield from markdown(Table("Asked and reached", ("", "reached", "asked", ""), tuple(map(_asked, report.ratios))))
    for remark in report.remarks:
        yield f"{remark}\n"
    for table in report.tables:
        yield from markdown(table)
    for chart in report.charts:
        yield f"![{chart.title}](performance/{chart.name}.svg)\n"


def _asked(ratio: Ratio) -> tuple[str, ...]:
    sign = "≥" if ratio.higher_is_better else "≤"
    return ratio.name, f"{ratio.value:.3g}", f"{sign} {ratio.target:g}", "yes" if ratio.met() else "**no**"
