"""`dyads topics`: make a broker match the catalogue, and say where it does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, broker_address, output, settings_with
from workers.cli.errors import for_people

if TYPE_CHECKING:
    from topics.admin import Difference, Report

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Make the topics on a broker, check them, list what they are for.",
)


@app.command()
@for_people
def create(
    broker: Broker = None,
    partitions: Annotated[
        int | None,
        typer.Option(help="Partitions of each topic. Default: DYADS_PARTITIONS, else 4.", show_default=False),
    ] = None,
    replication: Annotated[
        int | None,
        typer.Option(help="Replicas of each partition. Default: DYADS_REPLICATION, else 1.", show_default=False),
    ] = None,
) -> None:
    """Make the topics that are missing, of every generation that is not retired; change nothing that is there.

    A topic that is there with other partitions or settings is reported and exit code 1 returned. The number of
    partitions cannot change afterwards: an article's version is its offset in the partition that its id hashes to.
    For more, the tables are rebuilt on topics of their own (docs/operators.md, More partitions).

    Example: `dyads topics create --partitions 8`
    """
    wanted = settings_with(partitions=partitions, replication=replication)
    report = asyncio.run(_create(broker_address(broker), wanted.partitions, wanted.replication))
    for name in report.made:
        typer.echo(f"made {name}")
    for difference in report.differing:
        typer.echo(str(difference))
    if report.other_partitions:
        typer.echo(
            "Partitions are never added: articles would hash to other homes, and their versions no longer compare.\n"
            "For more of them, publish the articles anew on a broker of their own: docs/operators.md, More partitions."
        )
    typer.echo(f"{len(report.made)} made, {len(report.present)} there before, {len(report.differing)} differences")
    raise typer.Exit(1 if report.differing else 0)


async def _create(address: str, partitions: int, replication: int) -> Report:
    from topics import admin
    from topics.catalogue import catalogue
    from topics.generations import generations

    live = (await generations(address)).live
    return await admin.create(address, partitions, replication, topics=catalogue(*live), generations=live)


@app.command()
@for_people
def check(broker: Broker = None) -> None:
    """Compare the broker's topics with the catalogue: partitions, cleanup, retention, compaction, message size.

    Prints each difference; exit code 1 if there is one.

    Example: `dyads topics check --broker kafka:9092`
    """
    differences = asyncio.run(_check(broker_address(broker)))
    for difference in differences:
        typer.echo(str(difference))
    typer.echo(f"topics: {len(differences)} differences")
    raise typer.Exit(1 if differences else 0)


async def _check(address: str) -> list[Difference]:
    from topics import admin
    from topics.generations import generations

    return await admin.check(address, generations=(await generations(address)).live)


@app.command()
@for_people
def tidy(broker: Broker = None) -> None:
    """Write a message of no meaning into each partition that holds texts, so that the broker can clean it.

    A broker does not compact the newest part of a partition. Where nothing is written after an article is withdrawn,
    its text would stay there: run this once a day (docs/operators.md, Withdrawal). Workers and readers pass it over.

    Example: `dyads topics tidy`
    """
    count = asyncio.run(_tidy(broker_address(broker)))
    typer.echo(f"topics: {count} partitions tidied")


async def _tidy(address: str) -> int:
    from topics.generations import generations
    from topics.tidy import tidy as tidy_topics

    return await tidy_topics(address, (await generations(address)).live)


@app.command("list")
def list_() -> None:
    """List the topics of the catalogue: key, record, cleanup, writer, purpose. Needs no broker.

    Example: `dyads topics list`
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from topics.catalogue import CATALOGUE, GENERATIONS

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)
    table.add_column("Topic", no_wrap=True)
    table.add_column("Key, record, cleanup, writer", ratio=2)
    table.add_column("Purpose", ratio=3)
    for topic in (*CATALOGUE, GENERATIONS):
        record = topic.record.__name__ if topic.record else "bytes"
        facts = f"{topic.key}, {record}, {topic.cleanup.value}, {topic.writer}"
        table.add_row(Text(topic.name, style="bold"), Text(facts), Text(topic.purpose))
    output().print(table)
