"""`dyads audit`: proof that the tables are what the articles say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, notes, settings_with, tables_at
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from workers.cli.auditing.audit import Audit, Findings

PAUSE = 1.0
"""Seconds between two cuts."""
SHOWN = 50
"""Rows printed unless told otherwise."""

Wait = Annotated[
    float,
    typer.Option(min=0, help="Seconds, after all was compared once, within which rows in motion must come right."),
]
First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="Only rows of this day and later.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Only rows of this day and earlier.")]
Limit = Annotated[
    int | None,
    typer.Option(min=0, help=f"Differing rows to print. Default: {SHOWN}; with --json all.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON lines: each differing row, then what was compared.")]
MetricsFile = Annotated[
    Path | None,
    typer.Option(help="Write dyads_audit_last_* to this file (*.prom), for node_exporter's textfile collector."),
]
Scratch = Annotated[
    Path | None,
    typer.Option(help="Directory for what does not fit in memory. Default: DYADS_DATA_DIR.", show_default=False),
]


@for_people
def audit(
    broker: Broker = None,
    wait: Wait = 30.0,
    first: First = None,
    last: Last = None,
    limit: Limit = None,
    json: Json = False,
    metrics_file: MetricsFile = None,
    scratch: Scratch = None,
    generation: GenerationNumber = None,
) -> None:
    """Compare the tables with an offline computation from the articles; print every row that differs.

    Each article's last revision in articles.raw must be coded, withdrawn or dead, and each row of relations.* must
    equal what `dyads fold` makes of articles.coded. Workers may run meanwhile: rows that differ are looked at again
    until they come right or the time is up. Memory stays bounded: what was read lies on disk. The last line is
    `audit: N differences`, N counting all of them; exit code 1 unless N is 0.

    Example: `dyads audit --wait 60`
    """
    from models import Day
    from workers.cli.auditing import report
    from workers.cli.auditing.audit import Audit
    from workers.cli.auditing.days import Days
    from workers.cli.auditing.metrics import write_metrics
    from workers.cli.auditing.spill import Spill, SpillFailed

    days = Days(*(None if day is None else Day.parse(day) for day in (first, last)))
    address, number = tables_at(broker, generation)
    if metrics_file and not metrics_file.parent.is_dir():
        fail(f"{metrics_file.parent}: no such directory")
    if limit is None and not json:
        limit = SHOWN
    started = time.monotonic()
    try:
        with Spill(scratch or settings_with().data_dir) as spill:
            with progress() as say:
                look = Audit(address, spill, days, number, say=say)
                findings = asyncio.run(until_settled(look, wait))
            printed = 0
            for row in look.differing(limit):
                for line in [report.row_json(row)] if json else report.row_lines(row):
                    typer.echo(line)
                printed += 1
    except SpillFailed as error:
        fail(str(error))
    seconds = time.monotonic() - started
    if json:
        typer.echo(report.summary_json(findings, days, printed, seconds))
    else:
        for line in report.summary_lines(findings, days, printed):
            typer.echo(line)
    if metrics_file:
        write_metrics(metrics_file, findings, days, seconds, generation)
    raise typer.Exit(1 if findings.differences else 0)


async def until_settled(look: Audit, wait: float) -> Findings:
    """Cut after cut until nothing is worth waiting for, or the seconds after the first are over."""
    findings = await look.look()
    deadline = time.monotonic() + wait
    while not findings.settled and (left := deadline - time.monotonic()) > 0:
        await asyncio.sleep(min(PAUSE, left))
        findings = await look.look()
    return findings


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Where to say what is being done: a line of the terminal that vanishes, else nowhere."""
    console = notes()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading") as status:
        yield status.update
