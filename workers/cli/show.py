"""`dyads show`: the relations table, or one dyad in full."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, output, tables_at
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from models import Dyad


@for_people
def show(
    dyad: Annotated[
        str | None,
        typer.Argument(
            metavar="[DYAD]", help="Two states' three-letter codes, in any order and case: KAZ-BLR.", show_default=False
        ),
    ] = None,
    broker: Broker = None,
    mentions: Annotated[int, typer.Option(min=0, help="Articles shown for each event, with their evidence.")] = 3,
    generation: GenerationNumber = None,
) -> None:
    """Print the relations table, or everything known of one dyad.

    Without DYAD: all dyads by events, with quad classes, Goldstein mean and last event. With DYAD: its days, its events
    with the evidence sentences and article ids, and its outlets. Reads committed rows only, at any time.

    Example: `dyads show kaz-blr`
    """
    from workers.monitoring import read, render

    if dyad is None:
        rows = asyncio.run(read.read_dyads(*tables_at(broker, generation)))
        if rows:
            render.show_dyads(output(), rows)
        else:
            output().print("no relations yet")
        return
    pair = parse_dyad(dyad)
    address, number = tables_at(broker, generation)
    view = asyncio.run(read.read_dyad(address, pair, number))
    if view is None:
        fail(f"nothing is known of {pair}; `dyads show` lists the dyads there are")
    render.show_dyad(output(), view, mentions=mentions)


def parse_dyad(text: str) -> Dyad:
    """A dyad as people write it: any order, any case. Raises `InvalidValue`."""
    from models import Dyad, InvalidValue
    from models.states import states

    one, dash, other = text.strip().upper().partition("-")
    if not dash:
        raise InvalidValue(f"{text!r} is not a dyad such as BLR-KAZ")
    pair = Dyad.of(one, other)
    if unknown := [code for code in (pair.a, pair.b) if code not in states()]:
        raise InvalidValue(f"no state has the code {' or '.join(unknown)}")
    return pair
