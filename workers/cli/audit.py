"""`dyads audit`: proof that the tables are what the articles say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Set
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import Broker, broker_address
from workers.cli.errors import for_people

if TYPE_CHECKING:
    from workers.aggregation.audit import Difference
    from workers.cli.cut import Findings

PAUSE = 1.0
"""Seconds between two cuts."""

Row = tuple[str, str]
"""Topic and key."""


@for_people
def audit(
    broker: Broker = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds within which rows in motion must come right.")] = 30.0,
) -> None:
    """Compare the tables with an offline computation from the articles; print every difference.

    Each article's last revision in articles.raw must be coded, withdrawn or dead, and each row of relations.* must
    equal what `dyads fold` makes of articles.coded. Workers may run meanwhile: rows that differ are read again until
    they come right or the time is up. The last line is `audit: N differences`; exit code 1 unless N is 0.

    Example: `dyads audit --wait 60`
    """
    from workers.monitoring.plain import plain

    findings, differences = asyncio.run(_audit(broker_address(broker), wait))
    for difference in differences:
        typer.echo(plain(str(difference)))
    typer.echo(findings.summary)
    typer.echo(f"audit: {len(differences)} differences")
    raise typer.Exit(1 if differences else 0)


async def _audit(address: str, wait: float) -> tuple[Findings, list[Difference]]:
    from topics import admin
    from topics.catalogue import CODED, DAILY, DEAD, EVENTS, MENTIONS, RAW
    from topics.reader import Reader
    from workers.cli.cut import examine

    counts = await admin.require(address, *(t.name for t in (RAW, CODED, DEAD, DAILY, EVENTS, MENTIONS)))
    deadline = time.monotonic() + wait
    async with Reader(address) as reader:
        findings = await examine(reader, counts[RAW.name])
        doubts = Doubts(_rows(findings))
        while doubts and (left := deadline - time.monotonic()) > 0:
            await asyncio.sleep(min(PAUSE, left))
            findings = await examine(reader, counts[RAW.name])
            doubts.see(_rows(findings))
    return findings, [d for d in findings.differences if (d.topic, d.key) in doubts.open]


def _rows(findings: Findings) -> set[Row]:
    return {(difference.topic, difference.key) for difference in findings.differences}


class Doubts:
    """Which rows are still in doubt, cut after cut.

    A row is in doubt from the cut where it differs to the cut where it does not. Under load there is always some row in
    motion, so not every row of every cut is waited for, but those of the first cut, and those that began to differ
    before the first ones were through: when an article that was missing is coded, its rows begin to differ, and it is
    these that show whether they come right. The way from an article to a row has two steps, so two rounds are enough.
    """

    def __init__(self, first: Set[Row]) -> None:
        self._round = set(first)
        self._next: set[Row] = set()
        self._last_round = False

    def __bool__(self) -> bool:
        return bool(self._round)

    @property
    def open(self) -> set[Row]:
        """The rows in doubt."""
        return self._round if self._last_round else self._round | self._next

    def see(self, differing: Set[Row]) -> None:
        """Take in the rows that differ at another cut."""
        self._next = (self._next & differing) | (differing - self._round)
        self._round &= differing
        if not self._round and not self._last_round:
            self._round, self._next, self._last_round = self._next, set(), True
