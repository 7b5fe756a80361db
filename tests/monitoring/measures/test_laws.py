"""What must hold of the measures whatever the news."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Quad
from workers.monitoring.measures import (
    BUCKETS,
    NOTHING,
    WINDOWS,
    Direction,
    Sums,
    Told,
    bucket_edges,
    reciprocity,
    scores,
    temperature,
    total,
    trend,
    windows,
)
from workers.monitoring.measures.windows import towards

LAST = dt.date(2025, 10, 31)
TENTHS = st.integers(-100, 100)


@st.composite
def one(draw: st.DrawFn) -> Sums:
    """One event."""
    return Sums.of(draw(TENTHS), draw(TENTHS), draw(st.integers(1, 40)))


EVENTS = st.lists(one(), max_size=8)
TOLD = st.builds(
    Told, st.sampled_from(["2025-10-29", "2025-10-30", "2025-10-31"]), TENTHS, st.integers(1, 99), st.integers(1, 5)
)


@given(EVENTS)
def test_means_lie_within_the_scale_and_the_ratio_between_minus_one_and_one(events: list[Sums]) -> None:
    found = scores(total(events))
    for mean in (found.goldstein_mean, found.mention_weighted_mean, found.intensity_mean):
        assert (mean is None) == (not events)
        assert mean is None or -10 <= mean <= 10
    assert found.net_cooperation_normalised is None or -1 <= found.net_cooperation_normalised <= 1
    assert found.net_cooperation == pytest.approx(found.cooperation - found.conflict)


@given(EVENTS, st.integers(1, 50))
def test_weighting_by_mentions_changes_nothing_where_all_are_mentioned_alike(events: list[Sums], mentions: int) -> None:
    alike = [Sums.of(event.goldstein, event.intensity, mentions) for event in events]
    found = scores(total(alike))
    assert found.mention_weighted_mean == found.goldstein_mean


@given(st.permutations(range(5)), st.lists(one(), min_size=5, max_size=5))
def test_the_order_of_events_does_not_matter(order: list[int], events: list[Sums]) -> None:
    assert total(events[place] for place in order) == total(events)


@given(EVENTS, EVENTS)
def test_reciprocity_is_one_between_equals_and_turns_round_with_the_states(a: list[Sums], b: list[Sums]) -> None:
    one, other = total(a), total(b)
    there, back = reciprocity(one, other), reciprocity(other, one)
    assert (there.events, there.cooperation, there.conflict) == (back.events, back.cooperation, back.conflict)
    assert there.goldstein_gap == (None if back.goldstein_gap is None else pytest.approx(-back.goldstein_gap))
    for share in (there.events, there.cooperation, there.conflict):
        assert share is None or 0 <= share <= 1
    same = reciprocity(one, one)
    assert {same.events, same.cooperation, same.conflict} <= {None, 1.0}
    assert same.goldstein_gap in (None, 0.0)


@given(EVENTS, EVENTS)
def test_a_trend_there_and_back_comes_to_nothing(a: list[Sums], b: list[Sums]) -> None:
    there, back = trend(total(a), total(b)), trend(total(b), total(a))
    assert there.events + back.events == there.mentions + back.mentions == 0
    assert there.net_cooperation == -back.net_cooperation
    if there.goldstein_mean is not None and back.goldstein_mean is not None:
        assert there.goldstein_mean == -back.goldstein_mean


@given(st.lists(TOLD, max_size=12))
def test_the_index_lies_between_0_and_100_and_is_there_if_anything_happened(events: list[Told]) -> None:
    found = temperature(events)
    assert (found is None) == (not events)
    if found:
        assert 0 <= found.index <= 100
        assert found.days == len({event.day for event in events})


@given(st.lists(TOLD, min_size=1, max_size=12))
def test_the_index_is_mirrored_when_conflict_and_cooperation_change_places(events: list[Told]) -> None:
    mirrored = [Told(event.day, -event.goldstein, event.mentions, event.events) for event in events]
    found, other = temperature(events), temperature(mirrored)
    assert found is not None
    assert other is not None
    assert found.index + other.index == pytest.approx(100, abs=0.11)


@given(st.lists(TOLD, min_size=1, max_size=12))
def test_a_more_cooperative_event_never_lowers_the_index(events: list[Told]) -> None:
    first = events[0]
    better = [Told(first.day, min(100, first.goldstein + 30), first.mentions, first.events), *events[1:]]
    before, after = temperature(events), temperature(better)
    assert before is not None
    assert after is not None
    assert after.index >= before.index


HAPPENED = st.lists(
    st.tuples(st.integers(0, 800), st.sampled_from(Direction), st.sampled_from(Quad), one()), max_size=25
)
"""Days before the last one, who acts, quad class, the event."""


def bucketed(happened: Iterable[tuple[int, Direction, Quad, Sums]]) -> dict[tuple[int, Direction, Quad], Sums]:
    cells: dict[tuple[int, Direction, Quad], Sums] = {}
    for ago, direction, quad, event in happened:
        day = LAST - dt.timedelta(ago)
        bucket = next((place for place, edge in enumerate(bucket_edges(LAST)) if day >= edge), None)
        if bucket is not None:
            cells[bucket, direction, quad] = cells.get((bucket, direction, quad), NOTHING) + event
    return cells


@given(HAPPENED)
def test_each_window_has_the_events_of_its_days_and_so_has_the_one_before(
    happened: list[tuple[int, Direction, Quad, Sums]],
) -> None:
    found = windows(LAST, bucketed(happened))
    assert [window.days for window in found] == list(WINDOWS)
    for window in found:
        assert (window.last - window.first).days + 1 == window.days
        now = total(event for ago, _, _, event in happened if ago < window.days)
        before = total(event for ago, _, _, event in happened if window.days <= ago < 2 * window.days)
        assert total(window.now.values()) == now
        assert total(window.before.values()) == before


@given(HAPPENED)
def test_together_is_both_directions_less_what_is_counted_twice(
    happened: list[tuple[int, Direction, Quad, Sums]],
) -> None:
    for window in windows(LAST, bucketed(happened)):
        both = total(towards(window.now, Direction.BOTH).values())
        out = total(towards(window.now, Direction.BOTH, Direction.A_TO_B).values())
        back = total(towards(window.now, Direction.BOTH, Direction.B_TO_A).values())
        together = total(towards(window.now, *Direction).values())
        assert together + both == out + back


@given(HAPPENED)
def test_all_turns_round_with_the_states(happened: list[tuple[int, Direction, Quad, Sums]]) -> None:
    turned = [(ago, direction.other, quad, event) for ago, direction, quad, event in happened]
    for window, other in zip(windows(LAST, bucketed(happened)), windows(LAST, bucketed(turned)), strict=True):
        assert towards(window.now, Direction.A_TO_B) == towards(other.now, Direction.B_TO_A)
        assert towards(window.before, Direction.BOTH) == towards(other.before, Direction.BOTH)


def test_windows_reach_back_no_further_than_the_calendar() -> None:
    assert bucket_edges(dt.date(1, 1, 3))[-1] == dt.date(1, 1, 1)
    assert BUCKETS == (7, 14, 30, 60, 90, 180, 365, 730)
