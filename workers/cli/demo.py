"""`dyads demo`: the whole path on one machine, from articles to tables."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import output
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from rich.console import Console

    from workers.cli.auditing.audit import Findings
    from workers.cli.local import LocalStack

SAMPLES = Path("samples")
PATIENCE = 300.0
"""Seconds until the demo gives up waiting for the articles to be through."""

Samples = Annotated[
    Path,
    typer.Option("--samples", help="Directory with articles.jsonl, revisions.jsonl and bad.jsonl.", show_default=True),
]


@for_people
def demo(samples: Samples = SAMPLES) -> None:
    """Read the sample articles on an embedded broker with one worker, print the tables, and prove them.

    Publishes articles, revisions and withdrawals, then the bad messages that only a foreign client would send; waits
    until all are through; prints the relations table, one dyad in full, the dead letters and the audit.

    Example: `dyads demo`
    """
    if not (samples / "articles.jsonl").is_file():
        fail(f"{samples}/articles.jsonl is not there: run this in the project's directory, or give --samples")
    raise typer.Exit(asyncio.run(_demo(samples, output())))


async def _demo(samples: Path, console: Console) -> int:
    from workers.cli.auditing.report import compared
    from workers.cli.local import LocalStack
    from workers.runtime.settings import Settings

    log = Settings().data_dir / "demo-worker.log"
    heading(console, "An embedded broker and one worker")
    async with LocalStack(log=log, environment={"DYADS_HTTP_PORT": "0", "DYADS_STORE": "memory"}) as stack:
        console.print(f"broker at {stack.address}; the worker logs to {log}")
        await _publish(samples, stack.address, console)
        findings = await _until_through(stack, console)
        await _print_tables(stack.address, console)
        heading(console, "Audit: the tables against an offline computation from the articles")
        console.print(compared(findings))
        console.print(f"audit: {findings.differences} differences", style="bold")
        return 1 if findings.differences else 0


def heading(console: Console, text: str) -> None:
    """A rule with a title, between the parts of the demo."""
    console.print()
    console.rule(f"[bold]{text}", align="left")


async def _publish(samples: Path, address: str, console: Console) -> None:
    from workers.cli.produce import Sending

    heading(console, "Articles, then revisions and withdrawals")
    for name in ("articles.jsonl", "revisions.jsonl"):
        sending = Sending(console)
        with (samples / name).open("rb") as stream:
            await sending.run(address, stream)
        console.print(f"{samples / name}: {sending.summary()}")
    sent = await _publish_unchecked(samples / "bad.jsonl", address)
    console.print(f"{samples / 'bad.jsonl'}: {sent} messages sent as they are, as a client without checks would")


async def _publish_unchecked(file: Path, address: str) -> int:
    """Send each line as it is, keyed by its id where one can be read; how many were sent."""
    from aiokafka import AIOKafkaProducer

    from topics.catalogue import RAW

    lines = [line for line in file.read_bytes().splitlines() if line]
    async with AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True) as producer:
        for number, line in enumerate(lines, 1):
            await producer.send_and_wait(RAW.name, key=_id_in(line) or f"bad-{number}".encode(), value=line)
    return len(lines)


def _id_in(line: bytes) -> bytes:
    import orjson

    try:
        return str(orjson.loads(line)["id"]).encode()
    except (ValueError, TypeError, KeyError):
        return b""


async def _until_through(stack: LocalStack, console: Console) -> Findings:
    """Wait until every article is coded or dead and the tables hold still; the last comparison."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from topics.catalogue import CODED, RAW
    from workers.cli.auditing.audit import Audit
    from workers.cli.auditing.spill import Spill
    from workers.runtime.settings import Settings

    ended = asyncio.create_task(stack.worker_ended())
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading", total=None)
        async with asyncio.timeout(PATIENCE):
            with Spill(Settings().data_dir) as spill:
                audit = Audit(stack.address, spill)
                while True:
                    if ended.done():
                        fail(f"the worker ended with exit status {ended.result()}; see its log")
                    findings = await audit.look()
                    waiting = sum(row.topic in (CODED.name, RAW.name) for row in audit.differing())
                    done = findings.compared.articles + findings.dead_letters
                    progress.update(bar, completed=done, total=done + waiting)
                    if not findings.differences:
                        ended.cancel()
                        return findings
                    await asyncio.sleep(0.5)


async def _print_tables(address: str, console: Console) -> None:
    from models import Dyad
    from workers.monitoring import read, render, render_dead

    heading(console, "Relations")
    rows = await read.read_dyads(address)
    render.show_dyads(console, rows)
    richest = max(rows, key=lambda row: row.events)
    heading(console, f"One dyad in full: {richest.dyad}")
    view = await read.read_dyad(address, Dyad.parse(richest.dyad))
    assert view is not None
    render.show_dyad(console, view, mentions=3)
    heading(console, "Dead letters")
    render_dead.show_letters(console, await read.read_dead(address))
