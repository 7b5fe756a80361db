"""Small charts of a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models import DailyRelation, Day, Dyad, Quad, Tally
from workers.monitoring.sparks import BARS, NOTHING, conflictual, cooperative, spark, weekly


def test_by_hand() -> None:
    assert spark([0, 1, 2, 4, 8]) == "·▁▂▄█"
    assert spark([0, 0]) == "··"
    assert spark([]) == ""
    assert spark([1, 2], most=16) == "▁▁"


@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_a_higher_count_is_never_lower_and_zero_alone_is_a_dot(counts: list[int]) -> None:
    heights = NOTHING + BARS
    drawn = [heights.index(bar) for bar in spark(counts)]
    assert len(drawn) == len(counts)
    assert [height == 0 for height in drawn] == [count == 0 for count in counts]
    assert all(drawn[i] <= drawn[j] for i, a in enumerate(counts) for j, b in enumerate(counts) if a <= b)
    assert not any(counts) or max(drawn) == len(BARS)


def day(on: str, cooperation: int, conflict: int) -> DailyRelation:
    quads = {Quad.MATERIAL_COOPERATION: cooperation, Quad.MATERIAL_CONFLICT: conflict}
    return DailyRelation(
        dyad=Dyad("BLR-KAZ"), day=Day(on), together=Tally(events=cooperation + conflict, by_quad=quads)
    )


def test_weeks_end_on_the_day_that_is_asked_for() -> None:
    days = [day("2025-10-31", 2, 1), day("2025-10-25", 1, 0), day("2025-10-24", 0, 5), day("2025-11-01", 9, 9)]
    assert weekly(days, Day("2025-10-31"), 3) == [0, 5, 4]
    assert weekly(days, Day("2025-10-31"), 1, cooperative) == [3]
    assert weekly(days, Day("2025-10-31"), 2, conflictual) == [5, 1]
