"""`dyads watch`: a live screen."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from workers.cli.common import Broker, broker_address, settings_with
from workers.cli.errors import for_people
from workers.cli.show import parse_dyad


@for_people
def watch(
    only: Annotated[
        str | None,
        typer.Argument(metavar="[DYAD|STATE]", help="Only this dyad, or those of this state.", show_default=False),
    ] = None,
    broker: Broker = None,
) -> None:
    """Watch the tables live: dyads with their last weeks, events as they come with the evidence, and the workers' lag.

    Enter on a dyad shows its events only, Escape all again, q ends. Follows the current generation through switches,
    waits for a broker that is away, and reads committed rows only.

    Example: `dyads watch KAZ`
    """
    from models import InvalidValue
    from models.states import states
    from workers.monitoring.board import Board
    from workers.monitoring.feed import Feed
    from workers.monitoring.pipeline import Pipeline
    from workers.monitoring.screen import Watch

    wanted = only.strip().upper() if only else None
    if wanted is not None and "-" in wanted:
        wanted = parse_dyad(wanted)
    elif wanted is not None and wanted not in states():
        raise InvalidValue(f"no state has the code {wanted}")
    address = broker_address(broker)
    settings = settings_with(broker=address)
    feed = Feed(address, partial(Board, wanted))
    screen = Watch(feed, Pipeline(address, settings.app_id, None))
    screen.run()
    if screen.fault is not None:
        raise screen.fault
