"""A file of rules is taken whole, or refused by rule and reason; and what each rule tells of, by hand."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from models import Alert, Day, Status
from tests.monitoring.alerts.test_laws import PAIR, START, agreement, row
from topics.codec import decode
from workers.monitoring.alerts.judge import alerts
from workers.monitoring.alerts.rules import (
    Agreement,
    BadRules,
    ConflictAboveNorm,
    ConflictShift,
    FirstMaterialConflict,
    SourceFlood,
    parse,
)

FILE = b"""
[[rule]]
name = "calm-no-longer"
kind = "conflict-above-norm"
score = 2.5
states = ["KAZ"]

[[rule]]
name = "signed"
kind = "agreement"
"""


def on(number: int) -> Day:
    return Day.of(START + dt.timedelta(number))


def test_a_file() -> None:
    first, second = parse(FILE)
    assert first == ConflictAboveNorm(name="calm-no-longer", score=2.5, states=frozenset({"KAZ"}))
    assert second == Agreement(name="signed", cameo=frozenset({"057"}))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "no [[rule]]"),
        (b"rule = 1", "no [[rule]]"),
        (b"[[rule]", "no TOML"),
        (b"\xff", "no TOML"),
        (b"[other]\n" + FILE, "found other"),
        (b'[[rule]]\nname = "a"', "kind"),
        (b'[[rule]]\nname = "a"\nkind = "weather"', "rule 1 (a): Invalid value 'weather'"),
        (b'[[rule]]\nname = "A b"\nkind = "agreement"', "name"),
        (b'[[rule]]\nname = "a"\nkind = "agreement"\nwindow = 9', "unknown field `window`"),
        (b'[[rule]]\nname = "a"\nkind = "agreement"\ncameo = ["999"]', "no CAMEO code 999"),
        (b'[[rule]]\nname = "a"\nkind = "agreement"\nstates = ["XXX"]', "no state has the code XXX"),
        (b'[[rule]]\nname = "a"\nkind = "agreement"\ndyads = ["KAZ-BLR"]', "is not in alphabetical order"),
        (b'[[rule]]\nname = "a"\nkind = "source-flood"\nwindow = 1', ">= 7"),
        (FILE + FILE, "rule 3 (calm-no-longer): another rule has this name"),
    ],
)
def test_what_is_refused(text: bytes, fault: str) -> None:
    with pytest.raises(BadRules) as refused:
        parse(text, "alerts.toml")
    assert fault in str(refused.value)
    assert str(refused.value).startswith("alerts.toml")


def test_conflict_above_its_norm() -> None:
    rule = ConflictAboveNorm(name="above", window=30)
    calm = [row(0, 0, 0, 1), row(10, 1, 0, 1)]
    (alert,) = alerts([rule], PAIR, [*calm, row(40, 3, 1, 1)], [])
    assert (alert.day, alert.value, alert.norm, alert.score) == (on(40), 4, 0.033, 3.97)  # 1 in 30 days; (4 - 1/30) / 1
    assert alerts([rule], PAIR, [*calm, row(40, 2, 0, 1)], []) == []
    assert alerts([rule], PAIR, [row(11, 0, 0, 1), row(40, 9, 0, 1)], []) == [], "known for 29 days: no norm yet"


def test_conflict_that_stays_above_its_norm() -> None:
    rule = ConflictShift(name="shift", window=30, threshold=5.0)
    calm = [row(number, number % 2, 0, 1) for number in range(30)]  # a mean of a half
    risen = [row(number, 3, 0, 1) for number in range(30, 40)]  # each day 3 - 1/2 - 1/2 deviations of 1 more
    assert [alert.day for alert in alerts([rule], PAIR, [*calm, *risen], [])] == [on(32)]
    assert alerts([rule], PAIR, [*calm, row(30, 3, 0, 1), row(60, 3, 0, 1)], []) == []


def test_the_first_material_conflict_in_a_long_time() -> None:
    rule = FirstMaterialConflict(name="first", days=50)
    rows = [row(0, 9, 0, 1), row(60, 0, 1, 1), row(61, 0, 2, 1), row(110, 0, 1, 1), row(161, 0, 1, 1)]
    assert [(alert.day, alert.value) for alert in alerts([rule], PAIR, rows, [])] == [(on(60), 1), (on(161), 1)]
    assert alerts([rule], PAIR, rows[1:2], []) == [], "nothing is known of the fifty days before"


def test_an_agreement_signed() -> None:
    rule = Agreement(name="signed")
    told = [agreement(3), agreement(5, Status.PLANNED)]
    (alert,) = alerts([rule], PAIR, [], told)
    assert (alert.day, alert.event) == (on(3), told[0].id)
    assert alerts([Agreement(name="signed", cameo=frozenset({"040"}))], PAIR, [], told) == []


def test_a_flood_of_sources() -> None:
    rule = SourceFlood(name="flood", window=30, least=10, score=4.0)
    rows = [row(number, 0, 0, 2) for number in range(30)]
    (alert,) = alerts([rule], PAIR, [*rows, row(30, 0, 0, 12)], [])
    assert (alert.day, alert.value, alert.norm, alert.score) == (on(30), 12, 2.0, 10.0)
    assert alerts([rule], PAIR, [*rows, row(30, 0, 0, 9)], []) == []


def test_the_file_of_the_docs_has_the_defaults() -> None:
    page = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (record,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert parse(text.encode()) == (
        ConflictAboveNorm(name="conflict-unusual"),
        ConflictShift(name="conflict-rising"),
        FirstMaterialConflict(name="first-clash"),
        Agreement(name="agreements", states=frozenset({"KAZ", "UZB"})),
        SourceFlood(name="flood", dyads=frozenset({PAIR})),
    )
    alert = decode(Alert, record)
    assert (alert.rule, alert.kind) == ("conflict-unusual", "conflict-above-norm")
