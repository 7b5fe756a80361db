"""Dyads: all of them, one in full, its days."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from workers.monitoring.api.parameters import (
    CursorQuery,
    DyadPath,
    FromQuery,
    Least,
    Limit,
    QuadsQuery,
    StatesQuery,
    ToQuery,
    TypesQuery,
    UntilQuery,
    dyad_of,
)
from workers.monitoring.api.source import Source, today
from workers.monitoring.readmodel.queries.dyad import dyad_days, dyad_in_full
from workers.monitoring.readmodel.queries.dyads import DyadFilter, DyadOrder, list_dyads
from workers.monitoring.readmodel.records import Days, DyadInFull, Dyads

A_YEAR = 366


@get("/dyads", summary="Dyads", operation_id="listDyads")
async def get_dyads(
    source: Source,
    states: StatesQuery = None,
    types: TypesQuery = None,
    quads: QuadsQuery = None,
    first: FromQuery = None,
    last: ToQuery = None,
    min_events: Least = 0,
    sort: Annotated[DyadOrder, QueryParameter(name="sort", description="a minus: greatest first")] = DyadOrder.EVENTS,
    limit: Limit = 100,
    cursor: CursorQuery = None,
) -> Dyads:
    """All dyads, or those with such events. Under `type`, `quad`, `from` or `to` only such events are counted."""
    wanted = DyadFilter(
        states=tuple(states or ()),
        types=tuple(types or ()),
        quads=tuple(quads or ()),
        first=first,
        last=last,
        min_events=min_events,
    )
    return await source.ask(list_dyads, wanted, sort, limit, cursor)


@get("/dyads/{dyad:str}", summary="One dyad", operation_id="getDyad")
async def get_dyad(source: Source, dyad: DyadPath, until: UntilQuery = None) -> DyadInFull:
    """One dyad: over all its time, and over windows of 7, 30, 90 and 365 days by direction and quad class."""
    found = await source.ask(dyad_in_full, dyad_of(dyad), until, today())
    if found is None:
        raise NotFoundException(f"nothing is known of {dyad}")
    return found


@get("/dyads/{dyad:str}/days", summary="A dyad's days", operation_id="listDays")
async def get_days(
    source: Source,
    dyad: DyadPath,
    first: FromQuery = None,
    last: ToQuery = None,
    limit: Limit = A_YEAR,
    cursor: CursorQuery = None,
) -> Days:
    """The daily series, earliest first: rows of `relations.daily` as they are. Days without an event have none."""
    return await source.ask(dyad_days, dyad_of(dyad), first, last, limit, cursor)
