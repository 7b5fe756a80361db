"""What `dyads watch` shows, from messages in any order that topics may have."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from tests.aggregation.stories import TREATY, article
from tests.cli.published import relations
from tests.monitoring.relations import VISIT, told, week
from topics.catalogue import DAILY, EVENTS
from topics.message import Message
from workers.aggregation.fold import Tables, fold
from workers.monitoring import board
from workers.monitoring.board import Board


def messages(tables: Tables, since: int = 0) -> list[Message]:
    """The rows of the tables as messages, one a millisecond."""
    return [
        Message(topic=topic, partition=0, offset=n, timestamp=since + n, key=key, value=value, headers={})
        for n, (topic, key, value, _) in enumerate(relations(tables))
    ]


def board_of(messages: Iterable[Message], only: str | None = None) -> Board:
    made = Board(only)
    for message in messages:
        made.take(message)
    return made


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_topics_does_not_matter(seed: int) -> None:
    rows = messages(week())
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert board_of(shuffled).dyads() == board_of(rows).dyads()
    assert board_of(shuffled).events() == board_of(rows).events()


def test_dyads_and_events() -> None:
    seen = board_of(messages(week()))
    (poland, chart), (kazakhstan, _) = seen.dyads()
    assert (poland.dyad, poland.events, kazakhstan.dyad) == ("BLR-POL", 2, "BLR-KAZ")
    assert chart == "············█"
    assert len(seen.events()) == 5
    assert {mention.evidence.text for _, _, mention in seen.events("BLR-KAZ") if mention} >= {VISIT}


def test_of_one_state() -> None:
    seen = board_of(messages(week()), "KAZ")
    assert [row.dyad for row, _ in seen.dyads()] == ["BLR-KAZ"]
    assert {event.dyad for _, event, _ in seen.events()} == {"BLR-KAZ"}


def test_what_is_taken_back_goes_and_what_comes_is_first() -> None:
    rows = messages(week())
    news = messages(fold([article("a", told("KAZ", "UZB", "Они подписали договор.", "подписали", TREATY))]), 1_000)
    graves = [
        Message(topic=m.topic, partition=0, offset=100, timestamp=500, key=m.key, value=None, headers={})
        for m in rows
        if m.topic in (DAILY.name, EVENTS.name)
    ]
    seen = board_of([*rows, *graves, *news])
    assert [(at >= 1_000, event.dyad) for at, event, _ in seen.events()] == [(True, "KAZ-UZB")]
    assert [row.dyad for row, _ in seen.dyads()] == ["KAZ-UZB"]


def test_only_the_last_events_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "EVENTS_KEPT", 2)
    rows = messages(week())
    last = [m.key for m in rows if m.topic == EVENTS.name][-2:]
    assert [event.id.encode() for _, event, _ in board_of(rows).events()] == last[::-1]


def test_rows_that_are_none_are_counted() -> None:
    row = Message(topic=EVENTS.name, partition=0, offset=0, timestamp=0, key=b"x", value=b"{", headers={})
    assert board_of([row]).unreadable == 1
