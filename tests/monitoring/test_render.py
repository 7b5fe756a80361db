"""The terminal shows what matters whole, and never obeys what an article says."""

import io
import re

import pytest
from rich.console import Console

from models import Dyad, Span
from tests.monitoring.relations import ESCAPE, MEETING, VISIT, week
from workers.monitoring.render import evidence, show_dyad, show_dyads
from workers.monitoring.tables import dyad_rows, dyad_view

TABLES = week()


def console(width: int, *, colour: bool = False) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=colour, highlight=False)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def dyad(code: str, width: int, mentions: int = 3, *, colour: bool = False) -> str:
    out = console(width, colour=colour)
    view = dyad_view(Dyad(code), TABLES.daily.values(), TABLES.events.values(), TABLES.mentions.values())
    assert view is not None
    show_dyad(out, view, mentions=mentions)
    return printed(out)


def words(text: str) -> str:
    """The text without its line breaks."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width: int) -> None:
    out = console(width)
    show_dyads(out, dyad_rows(TABLES.daily.values()))
    everything = printed(out) + dyad("BLR-KAZ", width) + dyad("BLR-POL", width)

    assert max(len(line) for line in everything.splitlines()) <= width
    assert "…" not in everything
    for whole in (MEETING, VISIT, "tass/1", "BLR ↔ KAZ", "057 Sign formal agreement", "planned, not scored"):
        assert whole in words(everything)


def test_table_names_states_and_scores() -> None:
    out = console(100)
    show_dyads(out, dyad_rows(TABLES.daily.values()))
    assert re.search(r"BLR-POL\s+Belarus – Poland\s+2 .* -2\.0 .* 2025-11-02", printed(out))
    assert re.search(r"BLR-KAZ\s+Belarus – Kazakhstan\s+1 .* \+1\.0\s+1\s+2025-10-31", printed(out))


def test_days_give_each_direction() -> None:
    text = dyad("BLR-POL", 80)
    assert "BLR→POL POL→BLR" in text
    assert re.search(r"2025-10-30\s+1\s+·\s+1", text)


def test_evidence_marks_its_trigger() -> None:
    sentence = Span("Стороны подписали договор.", 40, 66)
    marked = evidence(sentence, Span("подписали", 48, 57))
    assert [(span.start, span.end) for span in marked.spans] == [(8, 17)]
    assert marked.plain[8:17] == "подписали"


@pytest.mark.parametrize("start", [0, 39, 60, 1000])
def test_trigger_that_is_not_where_it_says_is_not_marked(start: int) -> None:
    assert evidence(Span("Стороны подписали договор.", 40, 66), Span("подписали", start, start + 9)).spans == []


def test_markup_in_an_article_is_shown_as_text() -> None:
    assert "[bold]Казахстана[/bold]" in dyad("BLR-KAZ", 120)


def test_terminal_escapes_in_an_article_are_not_obeyed() -> None:
    text = dyad("BLR-POL", 120)
    assert "\x1b" in ESCAPE
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "ноту ·[31mпротеста· из-за" in text


def test_mentions_that_are_not_shown_are_counted() -> None:
    assert "and 1 more of 2 articles" in words(dyad("BLR-KAZ", 80, mentions=1))
    assert "more of" not in dyad("BLR-KAZ", 80, mentions=2)
