"""What holds of alerts whatever the rows are."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models import DailyRelation, Day, Dyad, EventType, Quad, RelationEvent, Status, Tally
from workers.monitoring.alerts.judge import LEAST_DEVIATION, alerts, norm
from workers.monitoring.alerts.rules import (
    Agreement,
    ConflictAboveNorm,
    ConflictShift,
    FirstMaterialConflict,
    SourceFlood,
)

PAIR = Dyad("BLR-POL")
RULES = (
    ConflictAboveNorm(name="above", window=14),
    ConflictShift(name="shift", window=14, threshold=3.0),
    FirstMaterialConflict(name="first", days=10),
    Agreement(name="agreed"),
    SourceFlood(name="flood", window=14, least=3, score=2.0),
)
START = dt.date(2025, 1, 1)


def row(number: int, verbal: int, material: int, sources: int) -> DailyRelation:
    quads = {Quad.VERBAL_CONFLICT: verbal, Quad.MATERIAL_CONFLICT: material}
    tally = Tally(events=verbal + material, sources=sources, by_quad=quads)
    return DailyRelation(dyad=PAIR, day=Day.of(START + dt.timedelta(number)), together=tally)


def agreement(number: int, status: Status = Status.HAPPENED) -> RelationEvent:
    return RelationEvent(
        id=f"{number:016x}", dyad=PAIR, source="BLR", target="POL", reciprocal=True, type=EventType.SUPPORT,
        cameo="057", quad=Quad.VERBAL_COOPERATION, goldstein=8.0, intensity=3.0, status=status,
        date=(START + dt.timedelta(number)).isoformat(), mentions=1, outlets=1,
    )  # fmt: skip


few = st.integers(0, 9)
days = st.dictionaries(st.integers(0, 70), st.tuples(few, few, few), max_size=50).map(
    lambda found: [row(number, *counts) for number, counts in found.items()]
)
events = st.sets(st.integers(0, 70), max_size=5).map(lambda found: [agreement(number) for number in found])


@given(days, events, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: list[DailyRelation], told: list[RelationEvent], random: st.DataObject
) -> None:
    shuffled, others = list(rows), list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(others)  # type: ignore[attr-defined]
    assert alerts(RULES, PAIR, shuffled, others) == alerts(RULES, PAIR, rows, told)


@given(days, events, st.integers(0, 70))
def test_what_comes_later_changes_nothing_of_a_day(
    rows: list[DailyRelation], told: list[RelationEvent], number: int
) -> None:
    """So an alert that was told stays true, unless a row of its past is corrected."""
    until = Day.of(START + dt.timedelta(number))
    whole = [alert for alert in alerts(RULES, PAIR, rows, told) if alert.day <= until]
    past = [each for each in rows if each.day <= until]
    assert alerts(RULES, PAIR, past, [event for event in told if (event.date or "") <= until]) == whole


@given(days, events, st.integers(-400, 400))
def test_only_the_distance_of_days_counts(rows: list[DailyRelation], told: list[RelationEvent], by: int) -> None:
    def moved(day: str) -> Day:
        return Day.of(dt.date.fromisoformat(day) + dt.timedelta(by))

    later = alerts(
        RULES,
        PAIR,
        [replace(each, day=moved(each.day)) for each in rows],
        [replace(event, date=moved(event.date or "")) for event in told],
    )
    before = alerts(RULES, PAIR, rows, told)
    assert [(a.rule, a.day, a.value, a.norm, a.score) for a in later] == [
        (a.rule, moved(a.day), a.value, a.norm, a.score) for a in before
    ]


@given(days, events)
def test_ids_differ_and_are_the_same_each_time(rows: list[DailyRelation], told: list[RelationEvent]) -> None:
    found = alerts(RULES, PAIR, rows, told)
    assert len({alert.id for alert in found}) == len(found)
    assert alerts(RULES, PAIR, rows, told) == found


@given(days, st.integers(14, 70), st.integers(1, 50))
def test_more_conflict_on_a_day_never_silences_it(rows: list[DailyRelation], number: int, more: int) -> None:
    day = Day.of(START + dt.timedelta(number))
    raised = [each for each in rows if each.day != day]
    old = next((each for each in rows if each.day == day), row(number, 0, 0, 0))
    quads = {quad: count + more for quad, count in {Quad.VERBAL_CONFLICT: 0, **old.together.by_quad}.items()}
    raised.append(replace(old, together=replace(old.together, by_quad=quads)))

    def told(rows: list[DailyRelation]) -> bool:
        return any(a.rule == "above" and a.day == day for a in alerts(RULES, PAIR, rows, ()))

    assert not told(rows) or told(raised)


@given(days, events)
def test_a_rule_for_others_tells_nothing(rows: list[DailyRelation], told: list[RelationEvent]) -> None:
    others = [replace(rule, states=frozenset({"KAZ"})) for rule in RULES]
    both = [replace(rule, states=frozenset({"POL"}), dyads=frozenset({Dyad("BLR-KAZ")})) for rule in RULES]
    assert alerts(others, PAIR, rows, told) == []
    assert alerts(both, PAIR, rows, told) == alerts(RULES, PAIR, rows, told)


@given(days)
def test_the_shift_is_the_cusum_of_every_day(rows: list[DailyRelation]) -> None:
    """Against the definition, one day after the other: days without events are not skipped here."""
    rule = ConflictShift(name="shift", window=14, threshold=3.0)
    counts = {each.day.date.toordinal(): sum(each.together.by_quad.values()) for each in rows}
    expected = []
    if counts:
        day, last = min(counts) + rule.window, max(counts)
        mean, deviation = norm(counts, day - rule.window, day)
        above = 0.0
        while day <= last:
            above = max(0.0, above + (counts.get(day, 0) - mean) / deviation - rule.drift)
            if above >= rule.threshold and counts.get(day, 0):
                expected.append(Day.of(dt.date.fromordinal(day)))
                mean, deviation = norm(counts, day + 1, day + 1 + rule.window)
                above, day = 0.0, day + rule.window
            day += 1
    assert [alert.day for alert in alerts([rule], PAIR, rows, ())] == expected


@given(st.dictionaries(st.integers(0, 30), few))
def test_the_norm_is_that_of_the_textbook(counts: dict[int, int]) -> None:
    import statistics

    series = [counts.get(day, 0) for day in range(5, 25)]
    mean, deviation = norm(counts, 5, 25)
    assert abs(mean - statistics.fmean(series)) < 1e-9
    assert abs(deviation - max(LEAST_DEVIATION, statistics.pstdev(series))) < 1e-9
