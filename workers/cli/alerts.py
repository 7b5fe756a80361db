"""`dyads alerts`: rules over the tables, and what they make of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, settings_with
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from workers.monitoring.alerts.rules import Rule

EXIT_SUPERSEDED = 75

app = typer.Typer(no_args_is_help=True, help="Alerts: rules in a file, published to relations.alerts.")

File = Annotated[
    Path, typer.Argument(metavar="RULES", help="A TOML file of rules; docs/alerts.md.", show_default=False)
]


@app.command()
@for_people
def check(file: File) -> None:
    """Read a file of rules and say what is in it, or what is wrong.

    Example: `dyads alerts check alerts.toml`
    """
    for rule in _rules(file):
        typer.echo(f"{rule.name}: {rule.__struct_config__.tag}")


@app.command()
@for_people
def run(file: File, broker: Broker = None) -> None:
    """Keep relations.alerts what the rules make of the tables, until Ctrl-C.

    One a deployment (DYADS_APP_ID): a second one ends the first with exit status 75. A start judges all rows anew and
    publishes what is missing; an alert whose rows are gone is taken back.

    Example: `dyads alerts run alerts.toml`
    """
    import asyncio

    from workers.monitoring.alerts.publisher import Superseded, publish
    from workers.runtime.logs import set_up_log

    rules = _rules(file)
    settings = settings_with(broker=broker)
    set_up_log(settings.log_level)
    try:
        asyncio.run(publish(settings.broker, settings.app_id, rules))
    except Superseded as error:
        fail(str(error), EXIT_SUPERSEDED)


def _rules(file: Path) -> tuple[Rule, ...]:
    from workers.monitoring.alerts.rules import BadRules, load

    try:
        return load(file)
    except BadRules as error:
        fail(str(error))
