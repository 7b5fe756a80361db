"""`dyads replay`: everything coded anew by another coder, beside the running one, until it takes its place."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.audit import progress, until_settled
from workers.cli.common import Broker, broker_address, settings_with
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from topics.generations import Generations
    from workers.cli.replaying.status import Status

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Code everything anew with another coder beside the running one, compare, switch, retire the old one.",
)

WATCH_SECONDS = 2.0
"""Between two looks of `status --watch`."""
REFUSED = 1
"""Exit code of a switch that must not be made yet."""

Number = Annotated[int, typer.Argument(metavar="N", min=1, help="The generation's number.", show_default=False)]
Wait = Annotated[float, typer.Option(min=0, help="Seconds within which its lag must be zero and its rows right.")]


@app.command()
@for_people
def start(
    broker: Broker = None,
    coder: Annotated[
        str | None,
        typer.Option(help="Name and version of its coder. Default: this installation's.", show_default=False),
    ] = None,
) -> None:
    """Begin the next generation: make its topics, record it, say how to run its workers.

    Run from the installation that has the new coder. The running generation notices nothing. Started again, it goes on
    with the one that it began.

    Example: `dyads replay start`
    """
    from workers.cli.replaying.start import start as begin
    from workers.enrichment.version import CODER

    begun = asyncio.run(begin(broker_address(broker), coder or CODER))
    for name in begun.made:
        typer.echo(f"made {name}")
    typer.echo(f"generation {begun.number} is building, by {coder or CODER}. Run its workers beside the others:")
    typer.echo(f"    DYADS_GENERATION={begun.number} DYADS_NAME=... dyads run")
    typer.echo("and follow it with `dyads replay status --watch`.")


@app.command()
@for_people
def status(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", min=1, help="Only this generation.", show_default=False)
    ] = None,
    broker: Broker = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again until nothing lags.")] = False,
) -> None:
    """Say of each generation who coded it, whether it is current, and how far it is: messages, percent, lag, time left.

    Exit code 1 while a generation that is building lags, or, with N, while that one does.

    Example: `dyads replay status --watch && dyads replay switch 2`
    """
    address = broker_address(broker)
    while True:
        lags = asyncio.run(_status(address, number))
        if not (watch and lags):
            raise typer.Exit(1 if lags else 0)
        typer.echo("")
        time.sleep(WATCH_SECONDS)


async def _status(address: str, number: int | None) -> bool:
    """Print the generations; whether there is something to wait for."""
    from topics.generations import Standing, generations
    from workers.cli.replaying.report import status_lines
    from workers.cli.replaying.status import status as look

    known = await generations(address)
    if number is not None:
        _must_live(known, number)
    lags = False
    for each in known.numbers if number is None else (number,):
        found = await look(address, known, each) if each in known.live else None
        for line in status_lines(known, each, found):
            typer.echo(line)
        if found is not None and (number is not None or found.standing is Standing.BUILDING):
            lags = lags or found.lag > 0
    if known.pending is not None:
        typer.echo(
            f"a switch to generation {known.pending} was not finished: do it again, or switch to {known.current}"
        )
    return lags


@app.command()
@for_people
def switch(
    number: Number,
    broker: Broker = None,
    force: Annotated[bool, typer.Option("--force", help="Even if it lags, or its audit finds differences.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    wait: Wait = 30.0,
) -> None:
    """Make a generation current: all commands, and consumers that follow the topic `generations`, read it from then on.

    Refused, with exit code 1, while it lags or `dyads audit` finds differences in it. Says first in how many rows it
    differs. Switching back is the same command with the other number. Workers of the generation that was current end
    once with exit status 75 and start again. DYADS_APP_ID must be that of the workers.

    Example: `dyads replay switch 2`
    """
    address = broker_address(broker)
    known = asyncio.run(_generations(address))
    _must_live(known, number)
    if number != known.current:
        faults = asyncio.run(_faults(address, known, number, wait))
        for fault in faults:
            typer.echo(fault)
        if faults and not force:
            typer.echo(f"generation {known.current} stays current (--force switches all the same)")
            raise typer.Exit(REFUSED)
        _say_changes(address, known.current, number)
    elif known.pending is None:
        typer.echo(f"generation {number} is current already")
        return
    if dry_run:
        typer.echo(f"nothing is changed: generation {known.current} is current")
        return
    asyncio.run(_switch(address, number))
    typer.echo(f"generation {number} is current")


async def _switch(address: str, number: int) -> None:
    from workers.cli.replaying.switch import OtherDeployment
    from workers.cli.replaying.switch import switch as hand_over

    try:
        await hand_over(address, settings_with().app_id, await _generations(address), number)
    except OtherDeployment as error:
        fail(str(error))


@app.command()
@for_people
def retire(
    number: Number,
    broker: Broker = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds for its workers to end.")] = 60.0,
) -> None:
    """Give up a generation that is not current: end its workers, delete its topics and its group's offsets. For good.

    Its workers end by themselves with exit status 78: do not start them again. Their local stores (DYADS_DATA_DIR) can
    be deleted. Interrupted, run it again. DYADS_APP_ID must be that of the workers.

    Example: `dyads replay retire 1`
    """
    from workers.cli.replaying.retire import StillRunning
    from workers.cli.replaying.retire import retire as give_up

    address = broker_address(broker)
    known = asyncio.run(_generations(address))
    if number not in known.numbers:
        fail(f"there is no generation {number}; `dyads replay status` lists them")
    if number == known.current:
        fail(f"generation {number} is current: switch to another one first")
    try:
        done = asyncio.run(give_up(address, settings_with().app_id, known, number, wait))
    except StillRunning as error:
        fail(str(error))
    for name in done.topics:
        typer.echo(f"deleted {name}")
    typer.echo(f"generation {number} is retired")


async def _generations(address: str) -> Generations:
    from topics.generations import generations

    return await generations(address)


def _must_live(known: Generations, number: int) -> None:
    if number not in known.live:
        what = "is retired" if number in known.numbers else "is unknown"
        fail(f"generation {number} {what}; `dyads replay status` lists them")


async def _faults(address: str, known: Generations, number: int, wait: float) -> list[str]:
    """What speaks against a switch: the lag, once the time is up, and the differences that the audit finds."""
    from workers.cli.auditing.audit import Audit
    from workers.cli.auditing.report import compared
    from workers.cli.auditing.spill import Spill, SpillFailed

    found = await _caught_up(address, known, number, wait)
    faults = [
        f"generation {number}: {agent.agent} lags {agent.lag} messages behind {agent.source}"
        for agent in found.agents
        if agent.lag
    ]
    try:
        with Spill(settings_with().data_dir) as spill, progress() as say:
            findings = await until_settled(Audit(address, spill, generation=number, say=say), wait)
    except SpillFailed as error:
        fail(str(error))
    typer.echo(f"generation {number}: {compared(findings)}")
    if findings.differences:
        faults.append(
            f"generation {number}: audit: {findings.differences} differences; "
            f"`dyads audit --generation {number}` prints them"
        )
    return faults


async def _caught_up(address: str, known: Generations, number: int, wait: float) -> Status:
    """How far it is, once it does not lag or the time is up: articles come in all the while."""
    from workers.cli.replaying.status import status as look

    deadline = time.monotonic() + wait
    while True:
        found = await look(address, known, number)
        if not found.lag or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)


def _say_changes(address: str, old: int, new: int) -> None:
    from workers.cli.auditing.spill import Spill, SpillFailed
    from workers.cli.replaying.compare import COMPARED, compare
    from workers.cli.replaying.report import change_line

    for topic, name in COMPARED.items():
        try:
            with Spill(settings_with().data_dir) as spill:
                counts = asyncio.run(compare(address, spill, topic, old, new))
        except SpillFailed as error:
            fail(str(error))
        typer.echo(change_line(name, counts, old, new))
