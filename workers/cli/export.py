"""`dyads export`: the tables as files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.common import Broker, GenerationNumber, settings_with, tables_at
from workers.cli.errors import fail, for_people
from workers.cli.show import parse_dyad
from workers.monitoring.exporting.layouts import Layout, Table

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Where to; made if need be, files there overwritten.")]
As = Annotated[
    list[Layout],
    typer.Option(
        "--as", help="The tables as CSV or Parquet; events in the columns of GDELT 2.0 or POLECAT. Repeatable."
    ),
]
Only = Annotated[
    list[Table] | None,
    typer.Option("--only", help="Tables to write as CSV or Parquet; all unless given. Repeatable.", show_default=False),
]
States = Annotated[
    list[str] | None,
    typer.Option("--state", metavar="CODE", help="Dyads with this state. Repeatable: with any of them."),
]
Dyads = Annotated[list[str] | None, typer.Option("--dyad", metavar="DYAD", help="Only this dyad. Repeatable.")]
First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="Only rows of this day and later.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Only rows of this day and earlier.")]
Scratch = Annotated[
    Path | None,
    typer.Option(help="Directory for the rows while they are sorted. Default: DYADS_DATA_DIR.", show_default=False),
]


@for_people
def export(
    directory: Directory,
    layouts: As = [Layout.CSV],  # noqa: B006
    tables: Only = None,
    states: States = None,
    dyads: Dyads = None,
    first: First = None,
    last: Last = None,
    broker: Broker = None,
    scratch: Scratch = None,
    generation: GenerationNumber = None,
) -> None:
    """Write daily rows, events and mentions to files, for notebooks and for tools that read GDELT or POLECAT.

    Reads committed rows of the current generation, at any time. Files are written whole, one row after the other
    however many there are, in the same order every time: by day, then dyad or event, then article.

    Example: `dyads export out --as parquet --state KAZ --from 2025-01-01`
    """
    import sqlite3

    from models import Day, InvalidValue
    from models.states import states as known
    from workers.monitoring.exporting import scratch as sorting
    from workers.monitoring.exporting.export import export as write
    from workers.monitoring.exporting.writing import NoParquet, check_parquet

    codes = frozenset(code.strip().upper() for code in states or ())
    if unknown := sorted(codes - known().keys()):
        raise InvalidValue(f"no state has the code {' or '.join(unknown)}")
    days = [None if day is None else Day.parse(day) for day in (first, last)]
    selection = sorting.Selection(frozenset(map(parse_dyad, dyads or ())), codes, *days)
    try:
        if Layout.PARQUET in layouts:
            check_parquet()
        address, number = tables_at(broker, generation)
        with sorting.Scratch(scratch or settings_with().data_dir, selection) as rows:
            written = asyncio.run(write(address, number, rows, directory, layouts, tables or tuple(Table)))
    except NoParquet as error:
        fail(str(error))
    except sqlite3.Error as error:
        fail(f"the rows could not be sorted: {error}; name another directory with --scratch")
    for path, count in written.items():
        typer.echo(f"{path}: {count} row{'' if count == 1 else 's'}")
