"""A coder's trace as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models import CodedArticle
from workers.enrichment.explain import Explained
from workers.monitoring.plain import plain


def show(console: Console, coded: CodedArticle, sentences: Iterable[Explained], *, tree: bool) -> None:
    """One article: what it was read as, and each sentence with what was found in it."""
    console.print(
        Text.assemble((plain(coded.id), "bold"), f"  {coded.language}  {coded.coder}  {' → '.join(coded.depth)}")
    )
    for sentence in sentences:
        console.print(Text.assemble((f"\n{sentence.part} {sentence.sentence} {sentence.kind}  ", "dim")), end="")
        console.print(Text(plain(sentence.text), style="bold"))
        if tree:
            rows = ((str(n.index), n.text, n.lemma, n.pos, n.relation, str(n.head), n.features) for n in sentence.tree)
            _print(console, ("#", "Word", "Lemma", "POS", "Relation", "Head", "Features"), rows)
        _print(
            console,
            ("Mention", "Kind", "Code", "Resolved to"),
            ((m.text, m.kind, m.country or "·", m.detail) for m in sentence.mentions),
        )
        _print(
            console,
            ("Trigger", "Frame", "Source", "Target", "Outcome"),
            ((a.trigger, a.rule, a.source or "·", a.target or "·", a.outcome) for a in sentence.attempts),
        )
        for event in sentence.events:
            what = f"{event.type}{f'/{event.mode}' if event.mode else ''} {event.cameo}"
            line = f"  {event.text}  {what}  {event.status}  {event.date}  {event.confidence:.2f}  by {event.rule}"
            console.print(Text(plain(line), style="green"))
    console.print(f"\n{len(coded.events)} events, {len(coded.entities)} entities\n")


def _print(console: Console, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="dim", show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    if table.rows:
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
