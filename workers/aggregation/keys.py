"""Every key that aggregation makes: of the rows it publishes, and of the rows it keeps.

Published keys are those of the topic catalogue. Kept rows share one keyspace, so each kind has a letter of its own and
the free text (article id, outlet) comes last, where no character in it can be taken for a separator. Rows of the
runtime begin with `@`.
"""

from __future__ import annotations

from enum import StrEnum

from models import Day, Dyad

ARTICLE = b"a|"
CONTRIBUTION = b"c|"
EVENT = b"e|"
EVENT_OUTLET = b"eo|"
DAILY = b"d|"
DAILY_OUTLET = b"do|"


class Side(StrEnum):
    """One of the three tallies of a daily row; the value is the record's field."""

    TOGETHER = "together"
    A_TO_B = "a_to_b"
    B_TO_A = "b_to_a"


def daily(dyad: Dyad, day: Day) -> bytes:
    """Key of `relations.daily`: `BLR-KAZ|2025-10-31`."""
    return f"{dyad}|{day}".encode()


def event(event: str) -> bytes:
    """Key of `relations.events`: the event's id."""
    return event.encode()


def mention(event: str, article: str) -> bytes:
    """Key of `relations.mentions`: event id and article id."""
    return f"{event}|{article}".encode()


def article_row(article: str) -> bytes:
    """relate's row of an article: the version and dyads of its last revision."""
    return ARTICLE + article.encode()


def contribution_row(dyad: Dyad, article: str) -> bytes:
    """aggregate's row of what an article last said of a dyad."""
    return CONTRIBUTION + f"{dyad}|{article}".encode()


def event_outlet_row(event: str, outlet: str) -> bytes:
    """aggregate's count of the articles by which an outlet tells an event."""
    return EVENT_OUTLET + f"{event}|{outlet}".encode()


def daily_outlet_row(dyad: Dyad, day: Day, side: Side, outlet: str) -> bytes:
    """aggregate's count of the mentions that an outlet has in one tally of a daily row."""
    return DAILY_OUTLET + f"{dyad}|{day}|{side}|{outlet}".encode()
