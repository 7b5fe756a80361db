"""How generations and their differences are printed."""

from __future__ import annotations

from collections.abc import Iterator

from topics.generations import Generations, Standing
from workers.cli.replaying.compare import Counts
from workers.cli.replaying.status import Progress, Status
from workers.monitoring.plain import plain


def status_lines(known: Generations, number: int, found: Status | None) -> Iterator[str]:
    """One generation: a line, and one for each agent unless it is retired."""
    record = known.record(number)
    coder = found.coder if found else record.coder if record else None
    yield plain(f"generation {number}  {known.standing(number)}  by {coder or 'a coder that nobody wrote down'}")
    if found is None:
        return
    for agent in found.agents:
        yield plain(f"    {_progress(agent)}")
    if found.lag:
        yield f"    {_time_left(found.seconds_left)}"
        if found.standing is Standing.STANDBY:
            yield "    what is withdrawn stays in its topics until it has caught up: run its workers, or retire it"


def change_line(name: str, counts: Counts, old: int, new: int) -> str:
    """How much of a table the switch from one generation to another changes."""
    return (
        f"{name}: {counts.equal} equal, {counts.different} different, {counts.only_old} only in generation {old}, "
        f"{counts.only_new} only in generation {new}"
    )


def _progress(agent: Progress) -> str:
    about = "" if agent.exact else "about "
    lag = f"lag {about}{agent.lag:,}"
    return f"{agent.agent:<10}{agent.source:<28}{agent.done:>12,} of {agent.total:,}  {agent.percent:5.1f} %  {lag}"


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return "how long coding takes cannot be told: nothing was committed lately, or too little"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"about {hours} h {minutes} min of coding left, at the pace of the last minutes"
