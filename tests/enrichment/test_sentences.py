"""The rules, one marked sentence at a time: `sentences/*.txt`, each file a type or a kind of trap."""

from __future__ import annotations

from collections import Counter

import pytest

from models import EventType
from tests.enrichment.marked import Told, rules, sentences, told
from workers.enrichment.coder import Coder
from workers.enrichment.coding.frames import frames

MARKED = tuple(sentences())


@pytest.mark.parametrize(("expected", "text"), [pytest.param(e, t, id=where) for where, e, t in MARKED])
def test_sentence(coder: Coder, expected: frozenset[Told], text: str) -> None:
    assert told(coder, text) == expected


def test_every_type_is_tested_and_so_is_silence() -> None:
    types = Counter(event[3] for _, events, _ in MARKED for event in events)
    assert {t for t in EventType if types[t] < 5} == set()
    assert len(MARKED) >= 1700
    assert sum(not events for _, events, _ in MARKED) >= 400


def test_every_frame_is_told(coder: Coder) -> None:
    """A frame that no marked sentence tells is dead or unproven. In a process that ran all the sentences this codes
    nothing anew; one that ran a part of them codes the rest."""
    seen = frozenset().union(*(rules(coder, text) for _, events, text in MARKED if events))
    assert [f.rule for f in frames().all if f.rule not in seen] == []
