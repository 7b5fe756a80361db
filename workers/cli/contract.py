"""`dyads contract`: the contract with producers and consumers, written from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.cli.errors import fail, for_people

Directory = Annotated[Path, typer.Argument(file_okay=False, help="Where to write to; made if it is missing.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; name each file that differs. Exit code 1 if any.")]


@for_people
def contract(directory: Directory = Path("docs/contract"), check: Check = False) -> None:
    """Write the contract: asyncapi.json (AsyncAPI 3), a JSON Schema of each record, and README.md to read.

    Needs no broker: topics, records and headers are taken from the code.

    Example: `dyads contract --check`
    """
    from topics.contract import files

    made = files()
    if check:
        differing = [name for name, text in made.items() if _read(directory / name) != text]
        for name in differing:
            typer.echo(f"{directory / name}: not what the code says; `dyads contract` writes it")
        raise typer.Exit(1 if differing else 0)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    typer.echo(f"{len(made)} files written to {directory}")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
