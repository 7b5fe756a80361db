"""What the commands share: options, settings, files, consoles."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from workers.runtime.settings import Settings

Broker = Annotated[
    str | None,
    typer.Option(
        "--broker",
        "-b",
        metavar="HOST:PORT",
        help="Kafka broker; several separated by commas. Default: DYADS_BROKER, else 127.0.0.1:9092.",
        show_default=False,
    ),
]
"""Where the broker is; unset, the environment says."""

GenerationNumber = Annotated[
    int | None,
    typer.Option(
        "--generation",
        min=1,
        metavar="N",
        help="Generation of the tables (`dyads replay status`). Default: the current one.",
        show_default=False,
    ),
]
"""Which generation is read."""

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Directory for all that the embedded broker holds; it is found there again. Default: in memory.",
        show_default=False,
    ),
]
"""Where the embedded broker keeps what it holds."""

Fsync = Annotated[
    Literal["always", "interval", "never"],
    typer.Option(
        "--fsync",
        help="When the embedded broker waits for the disk: before every answer, once a second, or only when it closes "
        "a file. It matters in a power cut; a broker that is killed loses nothing.",
    ),
]
"""When the embedded broker waits for the disk: the values of its `FsyncPolicy`, which would take long to import."""

InputFile = Annotated[
    str, typer.Argument(metavar="FILE|-", help="A file of JSON lines; - is standard input.", show_default=False)
]
"""A file of JSON lines."""


def settings_with(**options: Any) -> Settings:
    """The settings of the environment with the options that were given over them. Raises pydantic's ValidationError."""
    from workers.runtime.settings import Settings

    return Settings(**{name: value for name, value in options.items() if value is not None})


def broker_address(option: str | None) -> str:
    """The broker's address: the option, else the environment's; silences the client library's own messages.

    They would repeat, with time stamps, what the command says in one line.
    """
    import logging

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return settings_with(broker=option).broker


def tables_at(broker: str | None, generation: int | None) -> tuple[str, int]:
    """The broker's address, and the number of the generation to read: the option, else the current one.

    Ends the command where there is no such generation any more or yet. Raises `BrokerError`.
    """
    import asyncio

    from topics.generations import generations
    from workers.cli.errors import fail

    address = broker_address(broker)
    known = asyncio.run(generations(address))
    if generation is None:
        return address, known.current
    if generation not in known.live:
        what = (
            f"generation {generation} is retired"
            if generation in known.numbers
            else f"there is no generation {generation}"
        )
        fail(f"{what}; `dyads replay status` lists them")
    return address, generation


@contextmanager
def input_file(name: str) -> Iterator[BinaryIO]:
    """The file open for reading bytes; - is standard input. Raises `OSError`."""
    if name == "-":
        yield sys.stdin.buffer
    else:
        with open(name, "rb") as file:
            yield file


def output() -> Console:
    """Standard output, where a command's result goes. Characters that its encoding lacks come out as question marks."""
    from rich.console import Console

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False)


def notes() -> Console:
    """Standard error, where progress and refused lines go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)
