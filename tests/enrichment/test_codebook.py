"""What docs/codebook.md shows as examples the coder reads just so."""

from __future__ import annotations

import pytest

from models import EventType
from tests.enrichment.marked import Told, examples, told
from workers.enrichment.coder import Coder

EXAMPLES = tuple(examples())


@pytest.mark.parametrize(("expected", "text"), [pytest.param(e, t, id=where) for where, e, t in EXAMPLES])
def test_example(coder: Coder, expected: frozenset[Told], text: str) -> None:
    assert told(coder, text) == expected


def test_every_type_has_an_example() -> None:
    assert {event[3] for _, events, _ in EXAMPLES for event in events} == {str(t) for t in EventType}
