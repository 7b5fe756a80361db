"""Running the command as a user would, in this process."""

from __future__ import annotations

from dataclasses import dataclass

from typer.testing import CliRunner

from workers.cli import app


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def dyads(*arguments: str, stdin: bytes = b"", broker: str | None = None) -> Ran:
    """Run `dyads` with these arguments in a terminal of 100 columns; `broker` is DYADS_BROKER."""
    env = {"COLUMNS": "100", "DYADS_BROKER": broker}
    result = CliRunner().invoke(app, arguments, input=stdin, env=env, prog_name="dyads")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
