"""Frames are data: what is written there is read, and a broken frame is refused by file and line."""

from __future__ import annotations

import pytest

from models import BrokenData, EventType
from workers.enrichment.coding.frames import frames, load, slot

GOOD = """
[[frame]]
id = "greet"
cameo = "051"
verbs = "приветствовать"
source = "subj"
target = "obj"
"""


def test_all_sixteen_types_have_frames() -> None:
    assert {frame.type for frame in frames().all} == set(EventType)


def test_a_frame_takes_type_mode_and_contexts_from_file_and_code() -> None:
    [(frame, line)] = load("support.toml", GOOD, {})
    assert (frame.rule, frame.type, frame.mode, frame.contexts, line) == (
        "support.greet", EventType.SUPPORT, None, ("diplomatic",), 2,
    )  # fmt: skip


def test_rules_are_unique() -> None:
    rules = [frame.rule for frame in frames().all]
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(
    ("field", "wrong", "reason"),
    [
        ('cameo = "051"', 'cameo = "999"', "999 is no CAMEO code"),
        ('source = "subj"', 'source = "whoever"', "no such slot"),
        ('verbs = "приветствовать"', 'verbs = "@friends"', "no such class of words"),
        ('verbs = "приветствовать"', 'verbs = "Приветствовать"', "is no lemma"),
        ('verbs = "приветствовать"', "", "no verbs, nouns or adjectives"),
        ('id = "greet"', 'id = "greet"\nmode = "phone"', "has no mode phone"),
        ('id = "greet"', 'id = "greet"\ncontexts = "weather"', "no such context"),
        ('id = "greet"', 'id = "greet"\ncolour = "red"', "no such field"),
        ('id = "greet"', 'id = "greet"\ngen = "nobody"', "gen is 'nobody'"),
        ('id = "greet"', 'id = "greet"\nembeds = "yes"', "flags are true or false"),
    ],
)
def test_a_broken_frame_is_refused_by_file_and_line(field: str, wrong: str, reason: str) -> None:
    text = "# a comment\n" + GOOD.replace(field, wrong)
    with pytest.raises(BrokenData, match=r"support\.toml, line 3: ") as caught:
        list(load("support.toml", text, {}))
    assert reason in str(caught.value)


def test_a_file_that_is_no_toml_is_refused_by_line() -> None:
    with pytest.raises(BrokenData, match=r"support\.toml, line 3"):
        list(load("support.toml", "\n[[frame]]\nid = greet\n", {}))


@pytest.mark.parametrize(
    ("text", "name", "preposition", "case"),
    [("subj", "subj", "", ""), ("с:ins", "prep", "с", "Ins"), ("по_поводу", "prep", "по поводу", "")],
)
def test_slots(text: str, name: str, preposition: str, case: str) -> None:
    read = slot(text)
    assert (read.name, read.preposition, read.case) == (name, preposition, case)
