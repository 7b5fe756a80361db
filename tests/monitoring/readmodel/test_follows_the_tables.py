"""Whatever the history, the read model says what the tables say."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import DailyRelation, Quad
from tests.aggregation.stories import Revision, histories
from tests.monitoring.readmodel.feeding import EMPTY, Fed, row
from tests.monitoring.relations import week
from topics.codec import decode
from workers.aggregation.fold import Tables, fold
from workers.monitoring.readmodel.queries.dyad import dyad_days, dyad_in_full
from workers.monitoring.readmodel.queries.dyads import DyadFilter, DyadOrder, list_dyads
from workers.monitoring.readmodel.queries.events import EventFilter, EventOrder, list_events, list_mentions
from workers.monitoring.readmodel.queries.search import match_of, search
from workers.monitoring.readmodel.records import Days

TODAY = dt.date(2026, 1, 1)
LAST = dt.date(2025, 11, 20)
WINDOW = 90
"""Days; all that the stories tell happened within them, up to the last of their days."""


def steps(history: list[Revision]) -> list[Tables]:
    """The tables after each message of the history."""
    last: dict[str, Revision] = {}
    made = []
    for revision in history:
        last[revision.name] = revision
        made.append(fold([r.article for r in last.values() if r.article is not None]))
    return made


def connected(fed: Fed) -> sqlite3.Connection:
    return sqlite3.connect(fed.database.path)


def dump(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Everything that depends on the rows alone: no order of coming, no times."""
    return {
        table: db.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()
        for table, columns in {
            "days": "*",
            "events": "id, dyad, direction, type, quad, cameo, status, date, counted, goldstein, intensity, mentions",
            "mentions": "event, article, dyad, (SELECT name FROM outlets o WHERE o.id = outlet), confidence, text, row",
            "dyads": "*",
            "dyad_types": "*",
            "dirty": "dyad, dyad",
        }.items()
    }


def check(db: sqlite3.Connection, tables: Tables) -> None:
    """Every answer that can be told from the tables is the one that they tell."""
    events = list_events(db, EventFilter(), EventOrder.DATE, 1000, None).items
    assert {event.id: (event.mentions, event.outlets, event.source) for event in events} == {
        event.id: (event.mentions, event.outlets, event.source) for event in tables.events.values()
    }
    mentions = list_mentions(db, event=None, article=None, limit=1000, since=None).items
    assert len(mentions) == len(tables.mentions)
    by_dyad: dict[str, list[DailyRelation]] = {}
    for day in tables.daily.values():
        by_dyad.setdefault(day.dyad, []).append(day)
    found = {one.dyad: one for one in list_dyads(db, DyadFilter(), DyadOrder.EVENTS, 1000, None).items}
    assert found.keys() == {event.dyad for event in tables.events.values()}
    for dyad, known in found.items():
        days = by_dyad.get(dyad, [])
        together = [day.together for day in days]
        assert known.events == sum(tally.events for tally in together)
        assert known.mentions == sum(tally.mentions for tally in together)
        assert known.net_cooperation == pytest.approx(sum(tally.goldstein for tally in together))
        assert known.other == sum(tally.planned + tally.hypothetical + tally.denied for tally in together)
        quads = Counter({quad: sum(tally.by_quad.get(quad, 0) for tally in together) for quad in Quad})
        assert (known.quads.q1, known.quads.q2, known.quads.q3, known.quads.q4) == tuple(quads[quad] for quad in Quad)
        assert sorted(decode_days(dyad_days(db, dyad, None, None, 1000, None)), key=lambda day: day.day) == sorted(
            days, key=lambda day: day.day
        )
        full = dyad_in_full(db, dyad, LAST, TODAY)
        assert full is not None
        window = next(window for window in full.windows if window.days == WINDOW)
        for name in ("together", "a_to_b", "b_to_a"):
            tallies = [getattr(day, name) for day in days]
            measured = getattr(window, name)
            assert measured.events == sum(tally.events for tally in tallies)
            assert measured.mentions == sum(tally.mentions for tally in tallies)
            assert measured.scores.net_cooperation == pytest.approx(sum(tally.goldstein for tally in tallies))
            if len(days) == 1:  # outlets of two days may be the same
                assert measured.sources == tallies[0].sources


def decode_days(days: Days) -> list[DailyRelation]:
    """The days as records: they are kept as they were published."""
    return [decode(DailyRelation, bytes(msgspec.json.encode(row))) for row in days.items]


@settings(max_examples=40, deadline=None)
@given(histories(), st.booleans())
def test_after_every_message_it_says_what_the_tables_say(history: list[Revision], mixed: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        fed = Fed(Path(directory))
        fed.publish(EMPTY)
        for tables in steps(history):
            fed.publish(tables, mixed=mixed)
            with connected(fed) as db:
                check(db, tables)
        fed.database.close()


@settings(max_examples=25, deadline=None)
@given(histories())
def test_built_at_once_or_step_by_step_it_is_the_same(history: list[Revision]) -> None:
    states = steps(history)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        slowly, at_once = Fed(Path(one)), Fed(Path(other))
        slowly.publish(EMPTY)
        for tables in states:
            slowly.publish(tables)
        at_once.publish(states[-1] if states else EMPTY)
        with connected(slowly) as a, connected(at_once) as b:
            assert dump(a) == dump(b)
            assert not a.execute("SELECT * FROM dirty").fetchall()
        # The index of words holds what the sentences are, and nothing that is gone.
        with connected(slowly) as db:
            db.execute("INSERT INTO evidence (evidence, rank) VALUES ('integrity-check', 1)")
        slowly.database.close()
        at_once.database.close()


def test_what_is_taken_in_twice_changes_nothing_and_is_told_once(tmp_path: Path) -> None:
    fed, again = Fed(tmp_path / "a"), Fed(tmp_path / "a")
    fed.publish(EMPTY)
    tables = week()
    rows = len(tables.events) + len(tables.daily) + len(tables.mentions)
    assert len(fed.publish(tables).changes) == rows
    again.database.meta["complete"] = "1"
    assert again.publish(tables).changes == []
    with connected(fed) as db:
        check(db, tables)


def test_a_row_that_is_none_is_passed_over(tmp_path: Path) -> None:
    fed = Fed(tmp_path)
    fed.publish(week())
    broken = row("relations.daily", b"BLR-KAZ|2025-10-31", None, 90)
    taken = fed.send([msgspec.structs.replace(broken, value=b'{"dyad": "KAZ-BLR"}')])
    assert taken.unreadable == 1
    with connected(fed) as db:
        check(db, week())


def test_a_word_is_found_in_all_its_forms(tmp_path: Path) -> None:
    fed = Fed(tmp_path)
    fed.publish(week())
    with connected(fed) as db:

        def found(text: str) -> set[str]:
            match = match_of(text)
            assert match is not None
            hits = search(db, match, dyad=None, states=(), limit=10, since=None)
            return {hit.evidence.article for hit in hits.items}

        assert found("встретиться министру") == {"tass/1"}
        assert found("министр ОБОРОНЫ") == {"tass/1"}
        assert found('"встретился с белорусским"') == {"belta/1"}
        assert found("встреча") == set()  # another word
        assert found("встрет*") == {"tass/1", "belta/1"}
        assert found("осудить") == {"pap/1"}
        assert found("санкции") == set()


@pytest.mark.parametrize(
    "text", ['"', "NEAR(", "a OR", "-x", "^", "*", "evidence : x", "col:NOT", "'; DROP", "(((", '""']
)
def test_a_search_takes_whatever_people_type(tmp_path: Path, text: str) -> None:
    fed = Fed(tmp_path)
    fed.publish(week())
    match = match_of(text)
    with connected(fed) as db:
        if match is not None:
            search(db, match, dyad=None, states=(), limit=10, since=None)
