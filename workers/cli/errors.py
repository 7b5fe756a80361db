"""How the command says that something went wrong: one line on stderr and exit code 2, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import typer

P = ParamSpec("P")
R = TypeVar("R")

TROUBLE = 2
"""Exit code where a command could not do its work; 1 is for work done that found faults."""


def for_people(command: Callable[P, R]) -> Callable[P, R]:
    """Wraps a command so that errors its user can mend are told in a line. Faults of ours keep their traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            if line := _line(error):
                fail(line)
            raise

    return wrapped


def fail(line: str, status: int = TROUBLE) -> NoReturn:
    """Print the line to stderr and leave with the exit code."""
    typer.echo(f"dyads: {line}", err=True)
    raise typer.Exit(status)


def _line(error: Exception) -> str | None:
    """What to tell the user; None where the fault is ours."""
    if isinstance(error, BrokenPipeError):
        return None
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"

    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        return "; ".join(_setting(fault["loc"], fault["msg"]) for fault in error.errors())

    from models import BrokenData, InvalidValue
    from topics.embedded.errors import EmbeddedBrokerError
    from topics.errors import BrokerError, MissingTopics, Unreachable
    from workers.monitoring.read import BadRow

    if isinstance(error, Unreachable):
        return f"{error}\n       start one with `dyads broker`, or name one with --broker or DYADS_BROKER"
    if isinstance(error, MissingTopics):
        return f"{error}\n       make them with `dyads topics create`"
    if isinstance(error, BrokerError | EmbeddedBrokerError | BadRow | BrokenData | InvalidValue):
        return str(error)
    return None


def _setting(place: tuple[int | str, ...], reason: str) -> str:
    name = ".".join(map(str, place))
    return f"DYADS_{name.upper()} (or its option): {reason}"
