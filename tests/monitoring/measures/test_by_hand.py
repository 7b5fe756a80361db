"""The measures of a few events, worked out by hand."""

from __future__ import annotations

import math

from workers.monitoring.measures import NOTHING, Sums, Told, reciprocity, scores, temperature, trend

TREATY = Sums.of(80, 50, mentions=3)
NOTE = Sums.of(-20, -30, mentions=1)


def test_a_treaty_told_three_times_and_a_note_of_protest() -> None:
    found = scores(TREATY + NOTE)
    assert found.goldstein_mean == 3.0  # (8 - 2) / 2
    assert found.mention_weighted_mean == 5.5  # (3 * 8 - 2) / 4
    assert (found.cooperation, found.conflict, found.net_cooperation) == (8.0, 2.0, 6.0)
    assert found.net_cooperation_normalised == 0.6  # (8 - 2) / (8 + 2)
    assert found.intensity_mean == 1.0  # (5 - 3) / 2


def test_nothing_happened() -> None:
    found = scores(NOTHING)
    assert found.goldstein_mean is found.net_cooperation_normalised is found.intensity_mean is None
    assert found.net_cooperation == 0.0
    assert temperature([]) is None


def test_one_state_signs_and_protests_the_other_signs_only() -> None:
    found = reciprocity(TREATY + NOTE, TREATY)
    assert found.events == 0.6667  # 2 * 1 / 3
    assert found.cooperation == 1.0
    assert found.conflict == 0.0
    assert found.goldstein_gap == -5.0  # 3 - 8


def test_a_week_with_a_treaty_after_one_with_a_note() -> None:
    found = trend(TREATY, NOTE)
    assert (found.events_before, found.events, found.mentions) == (1, 0, 2)
    assert (found.goldstein_mean, found.net_cooperation, found.intensity_mean) == (10.0, 10.0, 8.0)
    assert trend(TREATY, NOTHING).goldstein_mean is None


def test_the_index_of_two_days() -> None:
    told = [Told("2025-10-30", 80, 3), Told("2025-10-30", -20, 1), Told("2025-10-31", 10, 1)]
    loud, quiet = math.log(4), math.log(2)
    first = (8 * loud - 2 * quiet) / (loud + quiet)
    found = temperature(told)
    assert found is not None
    assert found.index == round(50 + 12 * (first + 1) / 2, 1)
    assert found.days == 2


def test_the_index_ends_at_0_and_100() -> None:
    hot, cold = temperature([Told("2025-10-31", 100, 1)]), temperature([Told("2025-10-31", -100, 9)])
    assert hot is not None
    assert cold is not None
    assert (hot.index, cold.index) == (100.0, 0.0)
