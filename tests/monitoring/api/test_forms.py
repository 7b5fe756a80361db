"""CSV as a spreadsheet opens it, and which forms a client takes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.monitoring.api.forms import _matches, _takes_gzip, as_csv


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_inner_fields_are_dotted_and_missing_ones_empty() -> None:
    items = [{"a": 1, "b": {"c": None, "d": {"e": True}}}, {"a": 2.5, "f": ["x", "y"], "g": [{"h": 1}]}]
    assert read(as_csv(items)) == [
        {"a": "1", "b.c": "", "b.d.e": "true", "f": "", "g": ""},
        {"a": "2.5", "b.c": "", "b.d.e": "", "f": "x y", "g": '{"h":1}'},
    ]
    assert as_csv([]) == "\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+7 (495)", "-да", "@SUM(A1)", "\t=1", '=HYPERLINK("http://a.example")'])
def test_no_text_is_a_formula(text: str) -> None:
    (row,) = read(as_csv([{"text": text, "score": -2.5, "tags": [text]}]))
    assert row["text"] == row["tags"] == f"'{text}"
    assert row["score"] == "-2.5"


@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.integers() | st.none()}), min_size=1, max_size=4))
def test_csv_keeps_what_it_is_given(items: list[dict[str, object]]) -> None:
    rows = read(as_csv(items))
    kept = [str(item["a"]).replace("\r\n", "\n").replace("\r", "\n") for item in items]
    assert [row["a"].removeprefix("'").replace("\r\n", "\n").replace("\r", "\n") for row in rows] == [
        text.removeprefix("'") for text in kept
    ]


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("", False), ("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("gzip; q=0.0", False)],
)
def test_who_takes_gzip(accepted: str, takes: bool) -> None:
    assert _takes_gzip(accepted) is takes


def test_which_tags_match() -> None:
    assert _matches('W/"a", "b"', 'W/"b"')
    assert _matches("*", 'W/"b"')
    assert not _matches("", 'W/"b"')
    assert not _matches('"ab"', 'W/"b"')
