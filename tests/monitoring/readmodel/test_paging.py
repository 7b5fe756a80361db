"""Lists in parts: together they are the whole, in order, each row once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.many import ManyDays
from tests.monitoring.readmodel.feeding import EMPTY, Fed
from workers.aggregation.fold import Tables
from workers.monitoring.readmodel.queries.dyads import DyadFilter, DyadOrder, list_dyads
from workers.monitoring.readmodel.queries.events import EventFilter, EventOrder, list_events, list_mentions
from workers.monitoring.readmodel.queries.outlets import list_outlets
from workers.monitoring.readmodel.queries.paging import BadCursor, after, cursor
from workers.monitoring.readmodel.queries.search import search
from workers.monitoring.readmodel.queries.states import list_states

Ask = Callable[[sqlite3.Connection, int, str | None], Any]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    fed = Fed(tmp_path_factory.mktemp("paging"))
    news, tables = ManyDays(), EMPTY
    for number in range(2):
        _, day = news.day(number)
        tables = Tables(
            daily=tables.daily | day.daily,
            events=tables.events | day.events,
            mentions=tables.mentions | day.mentions,
        )
    fed.publish(tables)
    return sqlite3.connect(fed.database.path)


LISTS: dict[str, Ask] = {
    **{f"dyads by {order}": lambda db, n, c, o=order: list_dyads(db, DyadFilter(), o, n, c) for order in DyadOrder},  # type: ignore[misc]
    "dyads of a class": lambda db, n, c: list_dyads(db, DyadFilter(quads=(1, 3)), DyadOrder.GOLDSTEIN_UP, n, c),
    **{f"events by {order}": lambda db, n, c, o=order: list_events(db, EventFilter(), o, n, c) for order in EventOrder},  # type: ignore[misc]
    "mentions": lambda db, n, c: list_mentions(db, event=None, article=None, limit=n, since=c),
    "outlets": lambda db, n, c: list_outlets(db, dyad=None, states=(), first=None, last=None, limit=n, since=c),
    "states": list_states,
    "search": lambda db, n, c: search(db, '"слово7" OR "слово8"', dyad=None, states=(), limit=n, since=c),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_parts_are_the_whole(db: sqlite3.Connection, name: str) -> None:
    ask = LISTS[name]
    whole = ask(db, 1000, None).items
    parts, since = [], None
    while True:
        part = ask(db, 7, since)
        assert len(part.items) <= 7
        parts += part.items
        if part.next is None:
            break
        since = part.next
    assert len(whole) > 7
    assert parts == whole


def test_a_cursor_of_another_list_is_refused(db: sqlite3.Connection) -> None:
    of_events = list_events(db, EventFilter(), EventOrder.DATE, 1, None).next
    with pytest.raises(BadCursor):
        list_events(db, EventFilter(), EventOrder.UPDATED, 1, of_events)


@pytest.mark.parametrize("text", ["", "?", "AAAA", cursor("x"), cursor(1, 2, 3), "é", "W10", "bnVsbA"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        after(text, int, str)


def test_a_cursor_keeps_its_values() -> None:
    assert after(cursor(-0.30000000000000004, "BLR-KAZ"), float, str) == [-0.30000000000000004, "BLR-KAZ"]
