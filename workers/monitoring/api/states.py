"""States, and the neighbourhood of one."""

from __future__ import annotations

from litestar import get
from litestar.exceptions import NotFoundException

from workers.monitoring.api.parameters import CursorQuery, FromQuery, Limit, StatePath, ToQuery
from workers.monitoring.api.source import Source
from workers.monitoring.readmodel.queries.states import list_states, neighbourhood
from workers.monitoring.readmodel.records import Neighbourhood, States


@get("/states", summary="States", operation_id="listStates")
async def get_states(source: Source, limit: Limit = 250, cursor: CursorQuery = None) -> States:
    """States of which something is known, with their names in English and Russian."""
    return await source.ask(list_states, limit, cursor)


@get("/states/{code:str}", summary="One state", operation_id="getState")
async def get_state(source: Source, code: StatePath, first: FromQuery = None, last: ToQuery = None) -> Neighbourhood:
    """A state's whole neighbourhood: every dyad that it is in, directions apart, over all time or some days."""
    found = await source.ask(neighbourhood, code, first, last)
    if found is None:
        raise NotFoundException(f"nothing is known of {code}")
    return found
