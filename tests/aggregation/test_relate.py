"""What relate sends, to which dyads, and in which order."""

from __future__ import annotations

from hypothesis import given, settings

from models import Contribution, Status
from tests.aggregation.memory_scope import Agents
from tests.aggregation.stories import TREATY, Revision, article, event, histories
from topics.codec import decode
from workers.runtime.handler import Message


def said(messages: list[Message]) -> list[tuple[str, int, int]]:
    """Dyad, version and number of events of each contribution, in the order sent."""
    found = []
    for message in messages:
        assert message.value is not None
        contribution = decode(Contribution, message.value)
        assert message.key == contribution.dyad.encode()
        ids = [event.id for event in contribution.events]
        assert ids == sorted(set(ids)), "events are in the order of their ids, each once"
        found.append((str(contribution.dyad), int(contribution.version), len(contribution.events)))
    return found


def test_each_dyad_of_an_article_gets_its_events_in_the_order_of_dyads() -> None:
    told = (event("RUS", "KAZ"), event("KAZ", "BLR"), event("KAZ", "BLR", TREATY, status=Status.PLANNED))
    assert said(Agents().relate("a", 3, article("a", *told, version=3))) == [("BLR-KAZ", 3, 2), ("KAZ-RUS", 3, 1)]


def test_a_revision_speaks_to_the_dyads_it_left_as_well() -> None:
    agents = Agents()
    agents.relate("a", 1, article("a", event("RUS", "KAZ"), event("KAZ", "BLR"), version=1))
    revised = article("a", event("KAZ", "BLR"), event("BLR", "RUS"), version=4)
    assert said(agents.relate("a", 4, revised)) == [("BLR-KAZ", 4, 1), ("BLR-RUS", 4, 1), ("KAZ-RUS", 4, 0)]
    assert said(agents.relate("a", 6, None)) == [("BLR-KAZ", 6, 0), ("BLR-RUS", 6, 0)]
    assert said(agents.relate("a", 7, None)) == [], "there is nothing left to take back"


def test_an_article_without_events_is_known_but_says_nothing() -> None:
    agents = Agents()
    assert agents.relate("a", 2, article("a", version=2)) == []
    assert agents.relate("a", 1, article("a", event("KAZ", "BLR"), version=1)) == []


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_stale_or_repeated_version_has_no_effect(history: list[Revision]) -> None:
    agents = Agents()
    for revision in history:
        agents.relate(*revision.parts)
    rows = dict(agents.relate_scope.rows)
    for revision in history:
        assert agents.relate(*revision.parts) == []
    assert agents.relate_scope.rows == rows


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_contribution_does_not_depend_on_the_order_of_events_in_the_article(history: list[Revision]) -> None:
    there, back = Agents(), Agents()
    for revision in history:
        turned = revision.article
        if turned is not None:
            turned = article(turned.id, *reversed(turned.events), version=revision.version, outlet=turned.source)
        assert there.relate(*revision.parts) == back.relate(revision.name, revision.version, turned)
