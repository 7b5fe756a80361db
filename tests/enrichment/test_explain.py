"""What `explain` shows: the mentions, the tree, the frames tried and why an event fell away."""

from __future__ import annotations

import datetime as dt

from models import RawArticle, Version
from workers.enrichment.coder import Coder
from workers.enrichment.explain import Explained, explain


def explained(coder: Coder, text: str) -> Explained:
    trace = coder.code_with_trace(RawArticle(id="x", text=text), version=Version(0), received=dt.date(2025, 10, 31))
    [sentence] = explain(trace)
    return sentence


def test_it_shows_mentions_tree_attempts_and_events(coder: Coder) -> None:
    shown = explained(coder, "Швеция призвала Россию вывести войска.")
    assert {(m.text, m.country) for m in shown.mentions} >= {("Швеция", "SWE"), ("Россию", "RUS")}
    assert [node.text for node in shown.tree][:3] == ["Швеция", "призвала", "Россию"]
    assert [(e.text, e.type, e.rule) for e in shown.events] == [("SWE > RUS", "REQUEST", "request.appeal")]


def test_it_says_why_an_event_fell_away(coder: Coder) -> None:
    shown = explained(coder, "Швеция потребовала от России прекратить обстрелы Украины.")
    assert any(a.outcome == "only the content of request.demand" for a in shown.attempts)


def test_it_says_which_slot_stayed_empty(coder: Coder) -> None:
    shown = explained(coder, "Франция разорвала отношения.")
    assert any(a.rule == "sanction.break" and a.outcome == "no target" for a in shown.attempts)


def test_a_text_in_another_language_has_nothing_to_explain(coder: Coder) -> None:
    trace = coder.code_with_trace(
        RawArticle(id="x", text="The president of France visited Egypt and met his counterpart there."),
        version=Version(0), received=dt.date(2025, 10, 31),
    )  # fmt: skip
    assert explain(trace) == ()
