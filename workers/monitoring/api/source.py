"""What the routes answer from."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from workers.monitoring.api.problems import NotReady
from workers.monitoring.readmodel.database import Database
from workers.monitoring.readmodel.follower import Follower
from workers.monitoring.readmodel.hub import Hub

T = TypeVar("T")
P = ParamSpec("P")


class Source:
    """The read model that is served now, and its listeners."""

    def __init__(self, follower: Follower, hub: Hub) -> None:
        self.follower = follower
        self.hub = hub

    @property
    def database(self) -> Database:
        """The database to ask. Raises `NotReady` before there is one that has everything."""
        if self.follower.served is None:
            raise NotReady(self.follower.trouble or "starting")
        return self.follower.served

    async def ask(self, query: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the query finds. Raises `NotReady`, `TooSlow`, `Closed`, and what the query raises."""
        return await self.database.read(query, *args, **kwargs)


def today() -> dt.date:
    """The day it is in UTC: later days are no news yet."""
    return dt.datetime.now(dt.UTC).date()
