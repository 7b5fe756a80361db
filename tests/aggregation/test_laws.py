"""The laws of the live tables, over random histories: whatever the way there, they are the fold of what is in force."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from models import Status
from tests.aggregation.memory_scope import Agents
from tests.aggregation.stories import PROTEST_NOTE, TREATY, Revision, article, event, histories
from topics.catalogue import CORRECTIONS
from workers.aggregation import keys
from workers.aggregation.fold import Tables, fold, last_revisions

T = TypeVar("T")


def oracle(history: list[Revision]) -> Tables:
    return fold(last_revisions(revision.parts for revision in history).values())


@st.composite
def shuffled_with_repeats(draw: st.DrawFn, items: list[T]) -> list[T]:
    """The items in any order, some of them twice or more."""
    repeats = draw(st.lists(st.sampled_from(items), max_size=6)) if items else []
    return list(draw(st.permutations([*items, *repeats])))


@settings(max_examples=300, deadline=None)
@given(histories(), st.data())
def test_any_order_and_any_repetition_gives_the_fold_of_the_last_revisions(history: list[Revision], data: Any) -> None:
    agents = Agents()
    contributions = []
    for revision in data.draw(shuffled_with_repeats(history), label="delivered to relate"):
        contributions += agents.relate(*revision.parts)
    agents.aggregate(data.draw(shuffled_with_repeats(contributions), label="delivered to aggregate"))
    assert agents.tables == oracle(history)


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
def test_every_contribution_ever_sent_may_arrive_in_any_order(history: list[Revision], data: Any) -> None:
    """Here relate sees the revisions in order, so that the contributions of every one of them are sent."""
    agents = Agents()
    contributions = [message for revision in history for message in agents.relate(*revision.parts)]
    agents.aggregate(data.draw(shuffled_with_repeats(contributions)))
    assert agents.tables == oracle(history)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_the_tables_are_right_after_every_single_message(history: list[Revision]) -> None:
    agents = Agents()
    for step, revision in enumerate(history, 1):
        agents.aggregate(agents.relate(*revision.parts))
        assert agents.tables == oracle(history[:step])


@settings(max_examples=200, deadline=None)
@given(histories())
def test_withdrawing_everything_leaves_nothing_but_graves(history: list[Revision]) -> None:
    agents = Agents()
    for revision in history:
        agents.aggregate(agents.relate(*revision.parts))
    for name in {revision.name for revision in history}:
        agents.withdraw(name, 1_000)

    assert agents.tables == Tables(daily={}, events={}, mentions={})
    for key, row in agents.scope.rows.items():
        assert key.startswith(keys.CONTRIBUTION)
        assert set(json.loads(row)) == {"version"}
    for row in agents.relate_scope.rows.values():
        assert json.loads(row) == {"version": 1_000, "withdrawn": True}


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
def test_what_was_seen_before_publishes_nothing(history: list[Revision], data: Any) -> None:
    agents = Agents()
    contributions = []
    for revision in history:
        contributions += agents.relate(*revision.parts)
    agents.aggregate(contributions)
    rows = dict(agents.scope.rows)

    for revision in data.draw(shuffled_with_repeats(history)):
        assert agents.relate(*revision.parts) == []
    assert agents.aggregate(data.draw(shuffled_with_repeats(contributions))) == []
    assert agents.scope.rows == rows


@settings(max_examples=200, deadline=None)
@given(histories())
def test_a_message_publishes_a_key_once_and_only_if_its_row_is_another(history: list[Revision]) -> None:
    agents = Agents()
    last: dict[tuple[str, bytes | None], bytes | None] = {}
    for revision in history:
        for contribution in agents.relate(*revision.parts):
            sent = [m for m in agents.aggregate([contribution]) if m.topic != CORRECTIONS.name]  # which is no table
            assert len({(message.topic, message.key) for message in sent}) == len(sent)
            for topic, key, value in sent:
                assert value != last.get((topic, key)), "published without a change"
                last[topic, key] = value


def test_equal_rows_are_equal_bytes_whatever_the_way_there() -> None:
    """So that a store, a mirror or a diff of two topics may compare bytes: order of types, zero sums and all."""
    treaty = article("a", event("KAZ", "BLR", TREATY), version=1)
    protest = article("b", event("KAZ", "BLR", PROTEST_NOTE), version=2)
    plan = article("d", event("BLR", "KAZ", TREATY, on="2025-11-01", status=Status.PLANNED), version=2)
    one, other, detour = Agents(), Agents(), Agents()
    for agents, told in (
        (one, (treaty, protest, plan)),
        (other, (plan, protest, treaty)),
        (detour, (treaty, protest, plan)),
    ):
        for each in told:
            agents.publish(each)
    # A direction that nothing else is in is touched and comes back to nothing, and so do scores beside a plan.
    passing = (event("BLR", "KAZ", TREATY), event("KAZ", "BLR", "190"), event("BLR", "KAZ", TREATY, on="2025-11-01"))
    detour.publish(article("c", *passing, version=3))
    detour.withdraw("c", 4)

    def table(agents: Agents) -> dict[bytes, bytes]:
        return {key: row for key, row in agents.scope.rows.items() if not key.startswith(keys.CONTRIBUTION)}

    assert table(one) == table(other) == table(detour)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_no_sum_is_ever_minus_zero(history: list[Revision]) -> None:
    agents = Agents()
    for revision in history:
        sent = agents.aggregate(agents.relate(*revision.parts))
        assert not any(b"-0.0" in (message.value or b"") for message in sent)
