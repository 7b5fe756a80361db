"""What requests may ask, with the limits of every list."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from models import EventType, Quad, Status
from models.articles import MAX_ID_CHARS

MOST = 1_000
"""Items in one part of a list."""
MOST_VALUES = 20
"""Values of one filter."""

_STATE = "^[A-Z]{3}$"
_DYAD = "^[A-Z]{3}-[A-Z]{3}$"

DyadPath = Annotated[str, PathParameter(pattern=_DYAD, description="two states' codes, in any order: `BLR-KAZ`")]
StatePath = Annotated[str, PathParameter(pattern=_STATE, description="a state's ISO 3166 alpha-3 code, `EUR` or `UNO`")]
EventPath = Annotated[str, PathParameter(max_length=64, description="an event's id")]

DyadQuery = Annotated[str | None, QueryParameter(name="dyad", pattern=_DYAD, description="only of this dyad")]
StatesQuery = Annotated[
    list[Annotated[str, Meta(pattern=_STATE), QueryParameter(pattern=_STATE)]] | None,
    QueryParameter(name="state", max_items=2, description="only dyads with this state; two of them name a dyad"),
]
TypesQuery = Annotated[
    list[EventType] | None,
    QueryParameter(name="type", max_items=MOST_VALUES, description="only events of these PLOVER types"),
]
QuadsQuery = Annotated[
    list[Quad] | None,
    QueryParameter(
        name="quad",
        max_items=MOST_VALUES,
        description="only events of these quad classes: verbal and material cooperation (1, 2) and conflict (3, 4)",
    ),
]
StatusesQuery = Annotated[
    list[Status] | None,
    QueryParameter(name="status", max_items=MOST_VALUES, description="only events of these statuses"),
]
FromQuery = Annotated[dt.date | None, QueryParameter(name="from", description="only this day and later")]
ToQuery = Annotated[dt.date | None, QueryParameter(name="to", description="only this day and earlier")]
UntilQuery = Annotated[
    dt.date | None,
    QueryParameter(
        name="until", description="day on which the windows end; else the last day, up to today, with an event"
    ),
]
Limit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=MOST, description="items in this part of the list at the most")
]
CursorQuery = Annotated[
    str | None, QueryParameter(name="cursor", max_length=2_000, description="`next` of the part before this one")
]
ArticleQuery = Annotated[
    str | None, QueryParameter(name="article", max_length=MAX_ID_CHARS, description="only what this article tells")
]
EventQuery = Annotated[
    str | None, QueryParameter(name="event", max_length=64, description="only tellings of this event")
]
Least = Annotated[int, QueryParameter(ge=0, le=2**53)]


def dyad_of(text: str) -> str:
    """The dyad of two codes in any order, as keys have it."""
    return "-".join(sorted(text.split("-")))
