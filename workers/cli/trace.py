"""`dyads trace`: where one article is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, output, tables_at
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from workers.monitoring.trace import Trace


@for_people
def trace(
    article: Annotated[str, typer.Argument(metavar="ID", help="The article's id.", show_default=False)],
    broker: Broker = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    generation: GenerationNumber = None,
) -> None:
    """Say where an article is: received, coded, in which rows of relations.* it counts, overtaken, withdrawn or dead.

    The first line is its fate: waiting, dead, withdrawn, in motion (the tables do not all say so yet) or in force.
    Reads the topics as they are, read committed, keeps only what is about the article, and joins no group. Exit code 1
    where nobody knows the id.

    Example: `dyads trace agency/1`
    """
    from models import MAX_ID_CHARS
    from workers.monitoring.plain import plain
    from workers.monitoring.render_trace import show_trace, trace_json
    from workers.monitoring.trace import Fate

    try:
        article.encode()
    except UnicodeEncodeError:
        fail("an article's id is UTF-8, this one is not")
    if not 1 <= len(article) <= MAX_ID_CHARS:
        fail(f"an article's id has 1 to {MAX_ID_CHARS} characters, this one has {len(article)}")
    found = asyncio.run(_trace(*tables_at(broker, generation), article))
    if found.fate is Fate.UNKNOWN:
        typer.echo(plain(f"nothing is known of {article}: no topic holds a message of it"), err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(trace_json(found))
    else:
        show_trace(output(), found)


async def _trace(address: str, generation: int, article: str) -> Trace:
    from topics.reader import Reader
    from workers.cli.trail import trail

    async with Reader(address, generation) as reader:
        return await trail(reader, address, article)
