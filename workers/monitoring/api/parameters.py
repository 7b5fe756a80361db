"""What requests may ask, with the limits of every list."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar.params import Parameter
from msgspec import Meta

from models import EventType, Quad, Status
from models.articles import MAX_ID_CHARS

MOST = 1_000
"""Items in one part of a list."""
MOST_VALUES = 20
"""Values of one filter."""

_STATE = "^[A-Z]{3}$"
_DYAD = "^[A-Z]{3}-[A-Z]{3}$"

DyadPath = Annotated[str, Parameter(pattern=_DYAD, description="two states' codes, in any order: `BLR-KAZ`")]
StatePath = Annotated[str, Parameter(pattern=_STATE, description="a state's ISO 3166 alpha-3 code, `EUR` or `UNO`")]
EventPath = Annotated[str, Parameter(max_length=64, description="an event's id")]

DyadQuery = Annotated[str | None, Parameter(query="dyad", pattern=_DYAD, description="only of this dyad")]
StatesQuery = Annotated[
    list[Annotated[str, Meta(pattern=_STATE), Parameter(pattern=_STATE)]] | None,
    Parameter(query="state", max_items=2, description="only dyads with this state; two of them name a dyad"),
]
TypesQuery = Annotated[
    list[EventType] | None,
    Parameter(query="type", max_items=MOST_VALUES, description="only events of these PLOVER types"),
]
QuadsQuery = Annotated[
    list[Quad] | None,
    Parameter(
        query="quad",
        max_items=MOST_VALUES,
        description="only events of these quad classes: verbal and material cooperation (1, 2) and conflict (3, 4)",
    ),
]
StatusesQuery = Annotated[
    list[Status] | None, Parameter(query="status", max_items=MOST_VALUES, description="only events of these statuses")
]
FromQuery = Annotated[dt.date | None, Parameter(query="from", description="only this day and later")]
ToQuery = Annotated[dt.date | None, Parameter(query="to", description="only this day and earlier")]
UntilQuery = Annotated[
    dt.date | None,
    Parameter(query="until", description="day on which the windows end; else the last day, up to today, with an event"),
]
Limit = Annotated[
    int, Parameter(query="limit", ge=1, le=MOST, description="items in this part of the list at the most")
]
CursorQuery = Annotated[
    str | None, Parameter(query="cursor", max_length=2_000, description="`next` of the part before this one")
]
ArticleQuery = Annotated[
    str | None, Parameter(query="article", max_length=MAX_ID_CHARS, description="only what this article tells")
]
EventQuery = Annotated[str | None, Parameter(query="event", max_length=64, description="only tellings of this event")]
Least = Annotated[int, Parameter(ge=0, le=2**53)]


def dyad_of(text: str) -> str:
    """The dyad of two codes in any order, as keys have it."""
    return "-".join(sorted(text.split("-")))
