"""The command `dyads`: one small module for each command or group of them.

Modules import what they work with inside the commands, so that `dyads --help` answers at once.
"""

from __future__ import annotations

import typer

from workers.cli import (
    alerts,
    audit,
    broker,
    code,
    contract,
    dead,
    demo,
    explain,
    export,
    fold,
    produce,
    replay,
    run,
    serve,
    show,
    topics,
    trace,
    watch,
)

TRY, RUN, PUBLISH, LOOK, OFFLINE = "Try it", "Run it", "Publish", "Look", "Without a broker"

app = typer.Typer(
    name="dyads",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Reads news as it streams in and keeps live, exact tables of how states treat each other.

    Articles go in on a Kafka topic; workers code who did what to whom and fold it into one row for each pair of states
    and day, with the evidence. Settings come from the environment (DYADS_BROKER, ...; see .env.example); options of a
    command come before them.
    """,
)

app.command(rich_help_panel=TRY)(demo.demo)
app.command(rich_help_panel=RUN)(run.run)
app.command(rich_help_panel=RUN)(broker.broker)
app.command(rich_help_panel=RUN)(serve.serve)
app.add_typer(alerts.app, name="alerts", rich_help_panel=RUN)
app.add_typer(topics.app, name="topics", rich_help_panel=RUN)
app.add_typer(replay.app, name="replay", rich_help_panel=RUN)
app.command(rich_help_panel=PUBLISH)(produce.produce)
app.command(rich_help_panel=LOOK)(show.show)
app.command(rich_help_panel=LOOK)(watch.watch)
app.command(rich_help_panel=LOOK)(trace.trace)
app.add_typer(dead.app, name="dead", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(export.export)
app.command(rich_help_panel=LOOK)(audit.audit)
app.command(rich_help_panel=OFFLINE)(code.code)
app.command(rich_help_panel=OFFLINE)(explain.explain)
app.command(rich_help_panel=OFFLINE)(fold.fold)
app.command(rich_help_panel=OFFLINE)(contract.contract)


def main() -> None:
    """The entry point."""
    app(prog_name="dyads")


__all__ = ["app", "main"]
