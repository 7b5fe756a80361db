"""What changed, told in order; and what a listener missed that was away."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import workers.monitoring.readmodel.taking as taking
from tests.monitoring.readmodel.feeding import EMPTY, Fed
from tests.monitoring.relations import week
from topics.catalogue import DAILY, EVENTS, MENTIONS
from workers.monitoring.readmodel.changes import Change, Heard, mark, missed, parse_mark
from workers.monitoring.readmodel.hub import MOST_WAITING, Hub
from workers.monitoring.readmodel.taking import first_unheard, forgotten, kept_changes

TOPICS = [EVENTS.name, DAILY.name, MENTIONS.name]
POSITIONS = st.lists(st.integers(0, 2**62), min_size=1, max_size=8)


@given(st.integers(1, 99), POSITIONS, POSITIONS, POSITIONS)
def test_a_mark_can_be_read_again(number: int, events: list[int], days: list[int], mentions: list[int]) -> None:
    heard = {
        (topic, partition): offset
        for topic, offsets in zip(TOPICS, (events, days, mentions), strict=True)
        for partition, offset in enumerate(offsets)
    }
    if max(heard.values()) < 10**18:
        assert parse_mark(mark(number, heard)) == (number, heard)


@given(st.text(max_size=40))
def test_any_text_is_a_mark_or_none(text: str) -> None:
    parse_mark(text)


def test_whose_changes_are_forgotten_is_told_so() -> None:
    kept = {("relations.events", 0): 5, ("relations.events", 1): 0}
    assert not missed({("relations.events", 0): 5, ("relations.events", 1): 9}, kept)
    assert missed({("relations.events", 0): 4, ("relations.events", 1): 9}, kept)
    assert missed({("relations.events", 0): 9}, kept)  # the topics have more partitions now


def test_rows_are_new_changed_and_gone(tmp_path: Path) -> None:
    fed = Fed(tmp_path)
    assert fed.publish(EMPTY).changes == []
    new = fed.publish(week()).changes
    assert {orjson.loads(change.data)["change"] for change in new} == {"new"}
    assert {change.kind for change in new} == {"event", "day", "mention"}
    assert [change.seq for change in new] == sorted(change.seq for change in new)
    meeting = next(change for change in new if change.kind == "event" and change.dyad == "BLR-KAZ")
    assert orjson.loads(meeting.data)["event"]["source"] in ("BLR", "KAZ")
    gone = fed.publish(EMPTY).changes
    assert {orjson.loads(change.data)["change"] for change in gone} == {"gone"}
    assert len(gone) == len(new)


def test_a_mention_that_comes_before_its_event_has_no_type_yet(tmp_path: Path) -> None:
    fed = Fed(tmp_path)
    fed.publish(EMPTY)
    tables = week()
    early = fed.publish(replace(EMPTY, mentions=tables.mentions)).changes
    assert {change.type for change in early} == {None}


def test_who_comes_back_hears_what_was_missed(tmp_path: Path) -> None:
    fed = Fed(tmp_path)
    fed.publish(EMPTY)
    all_of_them = fed.publish(week()).changes
    with sqlite3.connect(fed.database.path) as db:
        for heard_of in range(len(all_of_them) + 1):
            heard: Heard = {(topic, 0): 0 for topic in TOPICS}
            for change in all_of_them[:heard_of]:
                heard[change.topic, change.partition] = change.offset + 1
            first = first_unheard(db, heard)
            left = [] if first is None else kept_changes(db, first, 1000)
            left = [change for change in left if change.offset >= heard[change.topic, change.partition]]
            assert left == all_of_them[heard_of:]


def test_what_is_forgotten_is_known(tmp_path: Path, monkeypatch: object) -> None:
    kept, taking.KEPT = taking.KEPT, 3
    try:
        fed = Fed(tmp_path)
        fed.publish(EMPTY)
        changes = fed.publish(week()).changes
    finally:
        taking.KEPT = kept
    with sqlite3.connect(fed.database.path) as db:
        assert kept_changes(db, 0, 1000) == changes[-3:]
        floors = forgotten(db)
        for topic in TOPICS:
            lost = [change.offset + 1 for change in changes[:-3] if change.topic == topic]
            assert floors[topic, 0] == max(lost, default=0)


def change(seq: int, offset: int) -> Change:
    return Change(seq, EVENTS.name, 0, offset, "event", "BLR-KAZ", "CONSULT", b"{}")


async def test_listeners_are_told_with_marks_and_the_slow_are_let_go() -> None:
    hub = Hub()
    hub.begin(1, {(topic, 0): 0 for topic in TOPICS})
    quick, slow = hub.listen(), hub.listen()
    hub.tell([change(1, 4), change(2, 6)], {(EVENTS.name, 0): 8})
    told = [framed for _, framed in await quick.news(1)]
    assert [framed.split(b"\n")[1] for framed in told] == [b"id: 1_e5_d0_m0", b"id: 1_e7_d0_m0"]
    assert hub.mark == "1_e8_d0_m0"
    assert await quick.news(0.01) == []
    for number in range(MOST_WAITING):
        hub.tell([change(3 + number, 8 + number)], {})
        assert len(await quick.news(1)) == 1
    assert slow.closed
    assert not quick.closed
    assert hub.listeners == 1
