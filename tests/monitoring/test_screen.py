"""The live screen, driven as by a hand at the keyboard, over a real broker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from functools import partial

from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from models import Generation, Stage
from tests.aggregation.stories import TREATY, article
from tests.cli.published import fill, relations
from tests.monitoring.relations import VISIT, week
from tests.monitoring.relations import told as telling
from topics import admin
from topics.catalogue import GENERATIONS, catalogue
from topics.generations import write
from workers.aggregation.fold import fold
from workers.monitoring.board import Board
from workers.monitoring.feed import Feed
from workers.monitoring.pipeline import Pipeline
from workers.monitoring.screen import Watch

NEWS = "Казахстан и Узбекистан подписали договор."


def watching(address: str, only: str | None = None) -> Watch:
    return Watch(Feed(address, partial(Board, only)), Pipeline(address, "dyads", None))


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait until the screen shows it."""
    async with asyncio.timeout(30):
        while not holds():
            await pilot.pause(0.05)


def column(app: Watch, table: str, number: int) -> list[str]:
    """What a column of a table says, from above."""
    shown: DataTable[object] = app.query_one(f"#{table}", DataTable)
    return [str(shown.get_row_at(n)[number]) for n in range(shown.row_count)]


def state(app: Watch) -> str:
    return str(app.query_one("#state", Static).render())


async def test_dyads_and_events_as_they_come(fresh_broker: str) -> None:
    await asyncio.to_thread(fill, fresh_broker, relations(week()))
    app = watching(fresh_broker)
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: VISIT in column(app, "events", 6))
        assert column(app, "dyads", 0) == ["BLR-POL", "BLR-KAZ"]

        news = fold(
            [article("tass/9", telling("KAZ", "UZB", NEWS, "подписали", TREATY, on="2025-11-03"), outlet="ТАСС")]
        )
        await asyncio.to_thread(fill, fresh_broker, relations(news))
        await until(pilot, lambda: "KAZ-UZB" in column(app, "dyads", 0) and NEWS in column(app, "events", 6))
        assert column(app, "events", 2)[0] == "KAZ → UZB"
        await until(pilot, lambda: "lag: enrich 0, relate 0, aggregate 0" in state(app))
        assert "generation 1" in state(app)


async def test_enter_narrows_and_escape_widens(fresh_broker: str) -> None:
    await asyncio.to_thread(fill, fresh_broker, relations(week()))
    app = watching(fresh_broker)
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: len(column(app, "events", 0)) == 5)
        await pilot.press("down", "enter")
        assert set(column(app, "events", 2)) == {"BLR ↔ KAZ", "KAZ → BLR", "BLR → KAZ"}
        assert "events of BLR-KAZ" in state(app)
        await pilot.press("escape")
        assert len(column(app, "events", 0)) == 5
        await pilot.press("q")
    assert app.return_code == 0


async def test_it_goes_over_to_the_generation_that_is_current(fresh_broker: str) -> None:
    await asyncio.to_thread(fill, fresh_broker, relations(week()))
    await admin.create(fresh_broker, topics=[*catalogue(2), GENERATIONS], generations=(2,))
    app = watching(fresh_broker, "POL")
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: column(app, "dyads", 0) == ["BLR-POL"])
        await write(fresh_broker, Generation(number=2, stage=Stage.CURRENT, at=dt.datetime.now(dt.UTC), coder="new/1"))
        await until(pilot, lambda: "generation 2" in state(app) and column(app, "dyads", 0) == [])


async def test_a_broker_that_is_away_is_said(fresh_broker: str) -> None:
    app = watching("127.0.0.1:9")
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: "127.0.0.1:9" in state(app))
