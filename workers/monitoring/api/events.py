"""Events, who tells them, outlets, and the search in evidence."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from workers.monitoring.api.parameters import (
    ArticleQuery,
    CursorQuery,
    DyadQuery,
    EventPath,
    EventQuery,
    FromQuery,
    Least,
    Limit,
    QuadsQuery,
    StatesQuery,
    StatusesQuery,
    ToQuery,
    TypesQuery,
    dyad_of,
)
from workers.monitoring.api.source import Source
from workers.monitoring.readmodel.queries.events import (
    EventFilter,
    EventOrder,
    event_in_full,
    list_events,
    list_mentions,
)
from workers.monitoring.readmodel.queries.outlets import list_outlets
from workers.monitoring.readmodel.queries.search import match_of, search
from workers.monitoring.readmodel.records import EventInFull, Events, Hits, Mentions, Outlets


@get("/events", summary="Events", operation_id="listEvents")
async def get_events(
    source: Source,
    dyad: DyadQuery = None,
    states: StatesQuery = None,
    types: TypesQuery = None,
    quads: QuadsQuery = None,
    statuses: StatusesQuery = None,
    first: FromQuery = None,
    last: ToQuery = None,
    min_mentions: Least = 0,
    sort: Annotated[
        EventOrder, QueryParameter(name="sort", description="by day, or by when it last changed")
    ] = EventOrder.DATE,
    limit: Limit = 100,
    cursor: CursorQuery = None,
) -> Events:
    """Joined events of any status, latest first, each with the most confident of the sentences that tell it."""
    wanted = EventFilter(
        dyad=dyad and dyad_of(dyad),
        states=tuple(states or ()),
        types=tuple(types or ()),
        quads=tuple(quads or ()),
        statuses=tuple(statuses or ()),
        first=first,
        last=last,
        min_mentions=min_mentions,
    )
    return await source.ask(list_events, wanted, sort, limit, cursor)


@get("/events/{id:str}", summary="One event", operation_id="getEvent")
async def get_event(source: Source, id: EventPath) -> EventInFull:
    """One event with the articles and outlets that tell it."""
    found = await source.ask(event_in_full, id)
    if found is None:
        raise NotFoundException("there is no event of this id, or not any longer")
    return found


@get("/mentions", summary="Mentions", operation_id="listMentions")
async def get_mentions(
    source: Source,
    event: EventQuery = None,
    article: ArticleQuery = None,
    limit: Limit = 100,
    cursor: CursorQuery = None,
) -> Mentions:
    """Who tells an event, or what an article tells, with the evidence: rows of `relations.mentions` as they are."""
    return await source.ask(list_mentions, event=event, article=article, limit=limit, since=cursor)


@get("/outlets", summary="Outlets", operation_id="listOutlets")
async def get_outlets(
    source: Source,
    dyad: DyadQuery = None,
    states: StatesQuery = None,
    first: FromQuery = None,
    last: ToQuery = None,
    limit: Limit = 100,
    cursor: CursorQuery = None,
) -> Outlets:
    """The sources of what is known, by mentions."""
    return await source.ask(
        list_outlets,
        dyad=dyad and dyad_of(dyad),
        states=tuple(states or ()),
        first=first,
        last=last,
        limit=limit,
        since=cursor,
    )


@get("/search", summary="Search in the evidence", operation_id="search")
async def get_search(
    source: Source,
    q: Annotated[
        str,
        QueryParameter(
            min_length=1,
            max_length=200,
            description='all words, in any of their forms; `word*`: what begins so; `"two words"`: as they are',
        ),
    ],
    dyad: DyadQuery = None,
    states: StatesQuery = None,
    limit: Limit = 50,
    cursor: CursorQuery = None,
) -> Hits:
    """Evidence sentences with these words, the latest event first, of the 5,000 tellings with them that came last."""
    match = match_of(q)
    if match is None:
        return Hits(next=None, items=[], considered=0)
    return await source.ask(
        search, match, dyad=dyad and dyad_of(dyad), states=tuple(states or ()), limit=limit, since=cursor
    )
