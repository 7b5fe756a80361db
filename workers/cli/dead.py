"""`dyads dead`: messages that could not be handled."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, output, tables_at
from workers.cli.errors import fail, for_people
from workers.cli.redrive import redrive

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Look at messages that could not be handled: what was wrong, and with what. Have them handled again.",
)


@app.command("list")
@for_people
def list_(
    broker: Broker = None,
    reason: Annotated[str | None, typer.Option(help="Only letters with this reason.", show_default=False)] = None,
    generation: GenerationNumber = None,
) -> None:
    """List the dead letters, oldest first, with the reason, the error and the beginning of the message.

    Example: `dyads dead list --reason invalid`
    """
    from workers.monitoring import read, render_dead

    letters = asyncio.run(read.read_dead(*tables_at(broker, generation)))
    chosen = [letter for letter in letters if reason is None or letter.reason == reason]
    if chosen:
        render_dead.show_letters(output(), chosen)
    output().print(f"{len(chosen)} dead letter{'' if len(chosen) == 1 else 's'}")


@app.command()
@for_people
def show(
    letter: Annotated[
        str, typer.Argument(metavar="LETTER", help="As listed, partition:offset in articles.dead.", show_default=False)
    ],
    broker: Broker = None,
    raw: Annotated[bool, typer.Option("--raw", help="Write the message's value as received, byte for byte.")] = False,
    generation: GenerationNumber = None,
) -> None:
    """Show one dead letter in full: reason, error, agent, origin, version, key and value.

    Example: `dyads dead show 2:17`
    """
    from workers.monitoring import read, render_dead

    for found in asyncio.run(read.read_dead(*tables_at(broker, generation))):
        if found.place == letter:
            if raw:
                typer.get_binary_stream("stdout").write(found.value or b"")
            else:
                render_dead.show_letter(output(), found)
            return
    fail(f"there is no dead letter {letter}; `dyads dead list` lists them")


app.command()(redrive)
