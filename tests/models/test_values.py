"""Dyads, days and versions: made only from valid values, and on the wire what they are."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Day, Dyad, InvalidValue, Version
from models.states import states

CODES = st.sampled_from(sorted(states()))


@given(CODES, CODES)
def test_a_dyad_is_the_same_from_both_sides(one: str, other: str) -> None:
    if one == other:
        with pytest.raises(InvalidValue, match="needs two states"):
            Dyad.of(one, other)
        return
    dyad = Dyad.of(one, other)
    assert dyad == Dyad.of(other, one) == Dyad.parse(str(dyad))
    assert dyad.a < dyad.b
    assert {dyad.a, dyad.b} == {one, other}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a dyad such as BLR-KAZ"),
        ("BLRKAZ", "is not a dyad such as BLR-KAZ"),
        ("KAZ-BLR", "not in alphabetical order, write BLR-KAZ"),
        ("BLR-BLR", "needs two states, got BLR twice"),
        ("BLR-kaz", "'kaz' is not a state's three-letter code"),
        ("BLR-KAZ\n", "is not a state's three-letter code"),
        ("BLR-KAZ-RUS", "'KAZ-RUS' is not a state's three-letter code"),
        ("BY-KZ", "'BY' is not a state's three-letter code"),
    ],
)
def test_what_is_no_dyad(text: str, says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        Dyad.parse(text)


@given(st.dates())
def test_a_day_is_its_date(date: dt.date) -> None:
    day = Day.of(date)
    assert day == Day.parse(day) == date.isoformat()
    assert day.date == date


@given(st.dates(), st.dates())
def test_days_sort_as_dates(one: dt.date, other: dt.date) -> None:
    assert (Day.parse(one.isoformat()) < Day.parse(other.isoformat())) == (one < other)


@pytest.mark.parametrize(
    "text", ["", "2025-10", "2025-02-29", "20251031", "2025-W44-5", "31.10.2025", "2025-10-31 ", "2025-10-31T00:00"]
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a day such as 2025-10-31"):
        Day.parse(text)


@given(st.integers(0, 2**63 - 1))
def test_a_version_is_read_from_a_header_as_from_a_record(offset: int) -> None:
    assert Version.parse(offset) == Version.parse(str(offset)) == Version.parse(b"%d" % offset) == offset


@pytest.mark.parametrize("value", [-1, "-1", b"-1", "", b"", " 1", "1_000", "1.0", "one", "١"])
def test_what_is_no_version(value: int | str | bytes) -> None:
    with pytest.raises(InvalidValue, match="version"):
        Version.parse(value)
