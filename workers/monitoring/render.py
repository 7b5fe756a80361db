"""The tables as a terminal shows them, from 80 columns up. Text from articles is never read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models import DailyRelation, Dyad, Mention, RelationEvent, Span, Status
from models.ontology import ontology
from models.states import states
from workers.monitoring.plain import plain
from workers.monitoring.sparks import conflictual, cooperative, spark, weekly
from workers.monitoring.tables import DyadRow, DyadView, EventRow, Quads, mean_goldstein, quads_of

QUAD_LEGEND = (
    "Q1 verbal cooperation, Q2 material cooperation, Q3 verbal conflict, Q4 material conflict; Goldstein is the mean,"
    " from -10 to 10; + counts what is planned, hypothetical or denied, which enters no score."
)
COOPERATION, CONFLICT = "green", "red"

WEEKS = 52
"""Weeks in the charts of a dyad."""


def show_dyads(console: Console, rows: Sequence[DyadRow]) -> None:
    """The relations table: dyads by events."""
    table = _table("Dyad", "States", ">Events", ">Q1", ">Q2", ">Q3", ">Q4", ">Goldstein", ">+", "Last event")
    for row in rows:
        table.add_row(
            Text(row.dyad, style="bold"),
            _names(row.dyad),
            str(row.events),
            *_quads(row.quads),
            _score(row.goldstein),
            _count(row.other),
            row.last or "",
        )
    console.print(table)
    console.print(Text(QUAD_LEGEND, style="dim"))


def show_dyad(console: Console, view: DyadView, *, mentions: int) -> None:
    """One dyad: its days, its events with the evidence of at most `mentions` articles each, and its outlets."""
    summary = view.summary
    console.print(Text.assemble((summary.dyad, "bold"), "  ", _names(summary.dyad)))
    console.print(
        f"{_plural(summary.events, 'event')} that happened, told {_plural(summary.mentions, 'time')}; "
        f"{summary.other} planned, hypothetical or denied\n",
        highlight=False,
    )
    if view.days:
        console.print(_weeks(view.days))
        console.print(_days(summary.dyad, view.days))
        console.print(Text(QUAD_LEGEND + "\n", style="dim"))
    for row in view.events:
        console.print(_event(row, mentions))
    outlets = ", ".join(f"{plain(outlet)} {count}" for outlet, count in view.outlets)
    if outlets:
        console.print(Text.assemble(("Outlets, by mentions: ", "bold"), outlets))


def evidence(sentence: Span, trigger: Span) -> Text:
    """The evidence sentence with the trigger marked; offsets of both are into the article's text."""
    text = Text(plain(sentence.text))
    start = trigger.start - sentence.start
    if sentence.text[max(start, 0) : start + len(trigger.text)] == trigger.text:
        text.stylize("bold reverse", start, start + len(trigger.text))
    return text


def _weeks(days: Sequence[DailyRelation]) -> RenderableType:
    """Events by week, cooperation and conflict on one scale; the last week ends on the last day there is."""
    last = max(day.day for day in days)
    kinds = {"cooperation": cooperative, "conflict": conflictual}
    counts = {kind: weekly(days, last, WEEKS, of) for kind, of in kinds.items()}
    most = max(map(max, counts.values()))
    lines = Text(f"{WEEKS} weeks to {last}, at the most {_plural(most, 'event')} a week\n", style="dim")
    for kind, colour in (("cooperation", COOPERATION), ("conflict", CONFLICT)):
        lines.append(f"{kind:<12} ").append(spark(counts[kind], most or 1), style=colour).append("\n")
    return lines


def _days(dyad: Dyad, days: Sequence[DailyRelation]) -> RenderableType:
    towards = f">{dyad.a}→{dyad.b}", f">{dyad.b}→{dyad.a}"
    headings = ("Day", ">Events", *towards, ">Q1", ">Q2", ">Q3", ">Q4", ">Goldstein", ">+", ">Mentions", ">Outlets")
    table = _table(*headings, gap=0)  # twelve columns in eighty
    for day in days:
        both = day.together
        table.add_row(
            day.day,
            str(both.events),
            _count(day.a_to_b.events),
            _count(day.b_to_a.events),
            *_quads(quads_of(both)),
            _score(mean_goldstein(both)),
            _count(both.planned + both.hypothetical + both.denied),
            str(both.mentions),
            str(both.sources),
        )
    return table


def _event(row: EventRow, limit: int) -> RenderableType:
    event = row.event
    status = event.status.value + ("" if event.status is Status.HAPPENED else ", not scored")
    lines: list[RenderableType] = [
        Text.assemble(
            (event.date or "no date", "bold"),
            "  ",
            (_direction(event), "bold"),
            "  ",
            (event.type.value, _colour(event.quad <= 2)),
            f"  {event.cameo} {ontology().cameo[event.cameo].name}  {event.goldstein:+.1f}  {status}  ",
            (f"{event.id}", "dim"),
        )
    ]
    lines += [_indented(_mention(mention)) for mention in row.mentions[:limit]]
    if (rest := event.mentions - len(row.mentions[:limit])) > 0:
        lines.append(_indented(Text(f"and {rest} more of {event.mentions} articles", style="dim")))
    return Group(*lines, "")


def _mention(mention: Mention) -> RenderableType:
    source = Text.assemble(
        (plain(mention.outlet or "(no outlet named)"), "cyan"), "  ", (plain(mention.article), "cyan")
    )
    named = [plain(name) for actor in (mention.source, mention.target) if (name := actor.name or actor.office)]
    if named:
        source.append(f"  {', '.join(named)}", style="italic")
    return Group(source, _indented(evidence(mention.evidence, mention.trigger)))


def _indented(lines: RenderableType) -> RenderableType:
    return Padding(lines, (0, 0, 0, 2), expand=False)


def _direction(event: RelationEvent) -> str:
    return f"{event.source} {'↔' if event.reciprocal else '→'} {event.target}"


def _table(*headings: str, gap: int = 1) -> Table:
    """A table with these headings; one that begins with > is of numbers, aligned right. Only names may wrap."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, gap, 0, 0), header_style="bold", show_edge=False)
    for heading in headings:
        numeric = heading.startswith(">")
        table.add_column(
            heading.removeprefix(">"),
            justify="right" if numeric else "left",
            no_wrap=heading != "States",
            overflow="fold",
        )
    return table


def _names(dyad: Dyad) -> Text:
    known = states()
    return Text(" – ".join(known[code].name if code in known else code for code in (dyad.a, dyad.b)))


def _quads(quads: Quads) -> tuple[Text, ...]:
    return tuple(
        Text(str(count) if count else "·", style=_colour(i < 2) if count else "dim") for i, count in enumerate(quads)
    )


def _count(number: int) -> str:
    return str(number) if number else "·"


def _score(score: float | None) -> Text:
    return Text("·", style="dim") if score is None else Text(f"{score:+.1f}", style=_colour(score >= 0))


def _colour(cooperative: bool) -> str:
    return COOPERATION if cooperative else CONFLICT


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
