"""States, and all that is known of one and its neighbours."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter, defaultdict

from models.states import states
from workers.monitoring.measures import Direction
from workers.monitoring.readmodel.queries.dyads import DyadFilter, DyadOrder, list_dyads
from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import Neighbour, Neighbourhood, Quads, State, States

MOST = 1_000
"""Neighbours of a state at the most; there are not so many states."""

_STATES = (
    "SELECT code, count(*), sum(events) n, sum(mentions), max(last) FROM ("
    "SELECT a code, events, mentions, last FROM dyads UNION ALL SELECT b, events, mentions, last FROM dyads"
    ") GROUP BY code"
)


def list_states(db: sqlite3.Connection, limit: int, since: str | None) -> States:
    """States by events, most first. Raises `BadCursor`."""
    where = Where()
    if since is not None:
        events, code = after(since, int, str)
        where.add("(-n, code) > (?, ?)", -int(events), code)
    found = db.execute(
        f"SELECT * FROM ({_STATES}){where} ORDER BY -n, code LIMIT ?", (*where.values, limit + 1)
    ).fetchall()
    rows, end = split(found, limit)
    return States(next=end and cursor(end[2], end[0]), items=[_state(*row) for row in rows])


def neighbourhood(
    db: sqlite3.Connection, code: str, first: dt.date | None, last: dt.date | None
) -> Neighbourhood | None:
    """A state and its dyads over some days; None where nothing is known of it."""
    row = db.execute(f"SELECT * FROM ({_STATES}) WHERE code = ?", (code,)).fetchone()
    if row is None:
        return None
    dyads = list_dyads(db, DyadFilter(states=(code,), first=first, last=last), DyadOrder.EVENTS, MOST, None)
    quads = _quads(db, code, first, last)
    return Neighbourhood(
        state=_state(*row),
        first=first,
        last=last,
        neighbours=[
            Neighbour(
                state=(other := relation.b if relation.a == code else relation.a),
                name=_names(other)[0],
                name_ru=_names(other)[1],
                relation=relation,
                quads_out=_counts(quads[relation.dyad, relation.a == code]),
                quads_in=_counts(quads[relation.dyad, relation.a != code]),
            )
            for relation in dyads.items
        ],
    )


def _quads(
    db: sqlite3.Connection, code: str, first: dt.date | None, last: dt.date | None
) -> defaultdict[tuple[str, bool], Counter[int]]:
    """Events by quad class, by dyad and whether its first state acts."""
    where = Where()
    where.add("counted IS NOT NULL")
    where.states("dyad", (code,))
    where.between("counted", first, last)
    found = db.execute(
        f"SELECT dyad, direction, quad, count(*) FROM events{where} GROUP BY 1, 2, 3", where.values
    ).fetchall()
    quads: defaultdict[tuple[str, bool], Counter[int]] = defaultdict(Counter)
    for dyad, direction, quad, events in found:
        if direction != Direction.B_TO_A:
            quads[dyad, True][quad] += events
        if direction != Direction.A_TO_B:
            quads[dyad, False][quad] += events
    return quads


def _counts(quads: Counter[int]) -> Quads:
    return Quads(*(quads[quad] for quad in (1, 2, 3, 4)))


def _state(code: str, dyads: int, events: int, mentions: int, last: str | None) -> State:
    name, name_ru = _names(code)
    day = None if last is None else dt.date.fromisoformat(last)
    return State(code=code, name=name, name_ru=name_ru, dyads=dyads, events=events, mentions=mentions, last=day)


def _names(code: str) -> tuple[str, str]:
    known = states().get(code)
    return (known.name, known.name_ru) if known else (code, code)
