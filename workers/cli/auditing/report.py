"""How the findings of an audit are printed: lines for people, JSON lines for machines."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from topics.codec import encode
from workers.aggregation.audit import DifferingRow, Revision
from workers.cli.auditing.audit import Findings
from workers.cli.auditing.days import Days
from workers.monitoring.plain import plain

TELLERS_SHOWN = 10


class Summary(Struct, frozen=True, kw_only=True):
    """The last JSON line: what was compared at which cut, and how much differs."""

    differences: int
    rows_differing: int
    rows_shown: int
    articles: int | None
    """Articles in force."""
    dead_letters: int | None
    """None where articles were not followed: with a limit to days."""
    events: int
    mentions: int
    days: int
    first_day: str | None
    last_day: str | None
    cut: dict[str, dict[int, int]]
    cuts: int
    seconds: float


class _Last(Struct, frozen=True):
    audit: Summary


def row_lines(row: DifferingRow) -> Iterator[str]:
    """One row for people: each field that differs, then the row as it is and as it should be, and who tells it."""
    for difference in row.fields:
        yield plain(str(difference))
    if row.expected is not None and row.actual is not None and not isinstance(row.expected, Revision):
        yield plain(f"    is         {encode(row.actual).decode()}")
        yield plain(f"    should be  {encode(row.expected).decode()}")
    if row.told_by:
        some = ", ".join(f"{teller.article} (version {teller.version})" for teller in row.told_by[:TELLERS_SHOWN])
        more = len(row.told_by) - TELLERS_SHOWN
        yield plain(f"    made of    {some}{f' and {more} more' if more > 0 else ''}")


def summary_lines(findings: Findings, days: Days, printed: int) -> Iterator[str]:
    """The end for people: what was compared, whether rows were left out, and the count."""
    if printed < findings.rows_differing:
        yield f"{printed} of {findings.rows_differing} rows that differ are shown (--limit)"
    yield compared(findings, days)
    yield f"audit: {findings.differences} differences"


def compared(findings: Findings, days: Days | None = None) -> str:
    """How much was compared, in a line."""
    counts = findings.compared
    rows = f"{counts.events} events, {counts.mentions} mentions, {counts.days} dyad days"
    if days is None or days.all:
        return f"compared {counts.articles} articles in force, {findings.dead_letters} dead letters, {rows}"
    return f"compared {rows} ({days}); whether every article is coded was not looked at"


def row_json(row: DifferingRow) -> str:
    """One row for machines, on a line."""
    return encode(row).decode()


def summary_json(findings: Findings, days: Days, printed: int, seconds: float) -> str:
    """The last line for machines."""
    counts = findings.compared
    return encode(
        _Last(
            Summary(
                differences=findings.differences,
                rows_differing=findings.rows_differing,
                rows_shown=printed,
                articles=counts.articles if days.all else None,
                dead_letters=findings.dead_letters if days.all else None,
                events=counts.events,
                mentions=counts.mentions,
                days=counts.days,
                first_day=days.first,
                last_day=days.last,
                cut={topic: dict(positions) for topic, positions in findings.cut.items()},
                cuts=findings.cuts,
                seconds=round(seconds, 3),
            )
        )
    ).decode()
