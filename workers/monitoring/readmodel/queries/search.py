"""Search in the evidence sentences: every form of the words, or the words as they are in quotation marks."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from typing import Any

from workers.monitoring.readmodel.queries.filters import Where
from workers.monitoring.readmodel.queries.paging import after, cursor, split
from workers.monitoring.readmodel.records import EVENT_COLUMNS, Found, Hits, event_of, evidence_of

CONSIDERED = 5_000
"""Matches looked at: those that came last. So a word that is everywhere costs no more than others."""

SHORTEST_STEM = 3
"""Letters; a shorter stem begins too many other words, so such a word is looked for as it is."""

OPEN, CLOSE = "\x02", "\x03"
"""Around what was found in a snippet: characters that no text of ours has and no markup means."""

_TOKENS = re.compile(r'"([^"]*)"|(\w+)(\*?)')
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def match_of(text: str) -> str | None:
    """What people type, as a query of the index: all words must be there. None where there is no word in it.

    A word is cut down to its stem, so that it finds its other forms; `word*` finds what begins so; `"two words"` finds
    them as they are, one after the other.
    """
    parts = []
    for phrase, word, star in _TOKENS.findall(text):
        if phrase:
            if words := re.findall(r"\w+", phrase):
                parts.append('"' + " ".join(words) + '"')
        elif word:
            start = word if star else _stem(word.lower())
            parts.append(f'"{start}"*' if star or len(start) >= SHORTEST_STEM else f'"{word}"')
    return " ".join(parts) or None


def search(
    db: sqlite3.Connection,
    match: str,
    *,
    dyad: str | None,
    states: Collection[str],
    limit: int,
    since: str | None,
) -> Hits:
    """Tellings whose evidence matches, the latest event first. Raises `BadCursor`."""
    where = Where()
    where.one_of("m.dyad", [dyad] if dyad else None)
    where.states("m.dyad", states)
    if since is not None:
        where.add("(date, m.id) < (?, ?)", *after(since, str, int))
    columns = ", ".join(f"e.{name.strip()}" for name in EVENT_COLUMNS.split(","))
    found = db.execute(
        f"SELECT m.id, m.row, coalesce(e.date, '') date, {columns} FROM"
        " (SELECT rowid FROM evidence WHERE evidence MATCH ? ORDER BY rowid DESC LIMIT ?) f"
        f" JOIN mentions m ON m.id = f.rowid LEFT JOIN events e ON e.id = m.event{where}"
        " ORDER BY date DESC, m.id DESC LIMIT ?",
        (match, CONSIDERED, *where.values, limit + 1),
    ).fetchall()
    rows, end = split(found, limit)
    snippets = _snippets(db, match, [row[0] for row in rows])
    return Hits(
        next=end and cursor(end[2], end[0]),
        items=[_found(row, snippets[row[0]]) for row in rows],
        considered=CONSIDERED,
    )


def _snippets(db: sqlite3.Connection, match: str, ids: list[int]) -> dict[int, str]:
    """The sentences with what was found in them marked. In one pass: each MATCH gathers all that matches anew."""
    if not ids:
        return {}
    found = db.execute(
        "SELECT rowid, highlight(evidence, 0, ?, ?) FROM evidence WHERE evidence MATCH ? AND rowid BETWEEN ? AND ?"
        f" AND +rowid IN ({', '.join('?' * len(ids))})",
        (OPEN, CLOSE, match, min(ids), max(ids), *ids),
    )
    return dict(found)


def _found(row: tuple[Any, ...], snippet: str) -> Found:
    _, published, _, *event = row
    known = event_of(tuple(event)) if event[0] is not None else None
    return Found(event=known, evidence=evidence_of(published), snippet=snippet)


def _stem(word: str) -> str:
    import snowballstemmer  # of thirty languages: half a second, for the first who searches rather than at every start

    language = "russian" if _CYRILLIC.search(word) else "english"
    return str(snowballstemmer.stemmer(language).stemWord(word))  # a new one: they are not for several threads
