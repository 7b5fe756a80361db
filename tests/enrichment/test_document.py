"""The graph of a sentence ends its walks whatever the parser made of it."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from models.coded import Precision
from workers.enrichment.document import DateExpr, Document, Sentence, Token


def sentence(*words: tuple[str, int, str]) -> Sentence:
    """A sentence of (text, head, relation) with one blank between words."""
    tokens, at = [], 0
    for index, (text, head, rel) in enumerate(words):
        tokens.append(Token(index, text, at, at + len(text), text.lower(), head=head, rel=rel))
        at += len(text) + 1
    return Sentence(0, tuple(tokens), 0, at - 1, " ".join(text for text, _, _ in words), 0)


MEETING = sentence(
    ("Министр", 1, "nsubj"), ("встретился", -1, "root"), ("с", 3, "case"), ("послом", 1, "obl"), ("Китая", 3, "nmod"),
    ("и", 6, "cc"), ("Индии", 4, "conj"),
)  # fmt: skip


def test_walks() -> None:
    assert MEETING.roots == (1,)
    assert MEETING.children(1) == (0, 3)
    assert MEETING.subtree(3) == (2, 3, 4, 5, 6)
    assert list(MEETING.ancestors(6)) == [4, 3, 1]
    assert MEETING.slice(3, 5) == "послом Китая"
    assert MEETING.slice(5, 5) == ""


def test_token_at() -> None:
    token = MEETING.token_at(MEETING.text.index("посл") + 2)
    assert token is not None
    assert token.text == "послом"
    assert MEETING.token_at(len("Министр")) is None


def test_preposition() -> None:
    assert MEETING.preposition(3) == "с"
    assert MEETING.preposition(4) == ""


def test_conjunct_shares_the_preposition() -> None:
    shared = sentence(("с", 1, "case"), ("Россией", -1, "root"), ("и", 3, "cc"), ("Беларусью", 1, "conj"))
    own = sentence(("с", 1, "case"), ("Россией", -1, "root"), ("для", 3, "case"), ("Беларуси", 1, "conj"))
    assert shared.preposition(3) == "с"
    assert own.preposition(3) == "для"


def test_preposition_of_several_words() -> None:
    words = sentence(("По", 3, "case"), ("отношению", 0, "fixed"), ("к", 0, "fixed"), ("Ирану", -1, "root"))
    assert words.preposition(3) == "по отношению к"


def test_what_stands_after_a_noun_is_not_its_preposition() -> None:
    assert sentence(("Делегация", -1, "root"), ("во", 0, "case")).preposition(0) == ""


def test_loops_and_cycles_end() -> None:
    loop = sentence(("а", 0, "nsubj"), ("б", 2, "conj"), ("в", 1, "conj"), ("г", 9, "obl"))
    assert loop.roots == (0, 3)
    assert loop.children(0) == ()
    assert list(loop.ancestors(1)) == [2]
    assert loop.subtree(1) == (1, 2)
    assert loop.preposition(1) == ""


@given(
    st.lists(
        st.tuples(st.integers(-2, 12), st.sampled_from(["case", "fixed", "conj", "nsubj"])), min_size=1, max_size=10
    )
)
def test_any_graph(heads: list[tuple[int, str]]) -> None:
    graph = sentence(*(("x", head, rel) for head, rel in heads))
    for token in graph:
        ancestors = list(graph.ancestors(token.index))
        assert len(ancestors) == len(set(ancestors))
        assert token.index not in ancestors
        assert token.index in graph.subtree(token.index)
        assert token.index not in graph.children(token.index)
        graph.preposition(token.index)
    assert sum(len(graph.children(t.index)) for t in graph) + len(graph.roots) == len(graph)


def test_dates_by_sentence() -> None:
    date = DateExpr(sentence=2, start=0, end=1, text="вчера", date="2024-05-28", precision=Precision.DAY)
    document = Document("a", "ru", dt.date(2024, 5, 29), "вчера", dates=(date,))
    assert document.dates_in(2) == (date,)
    assert document.dates_in(0) == ()
    assert document.part("title") == ""
