"""The screen of `dyads watch`: dyads, events as they come, and how far the workers are."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer, Header, Static

from models import Mention, RelationEvent
from models.states import states
from workers.monitoring.feed import Feed
from workers.monitoring.pipeline import Pipeline
from workers.monitoring.render import CONFLICT as CONFLICT_COLOUR
from workers.monitoring.render import COOPERATION, evidence
from workers.monitoring.tables import DyadRow

DRAW_SECONDS = 0.2
"""The screen is drawn anew at most so often."""


class Watch(App[None]):
    """Shows a feed and a pipeline, which it runs as long as it is open."""

    TITLE = "Dyads"
    CSS = """
    #dyads { height: 2fr; }
    #events { height: 3fr; border-top: solid $primary; }
    #state { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("enter", "narrow", "Events of the dyad"),
        ("escape", "widen", "All events"),
        ("tab", "app.focus_next", "Other table"),
    ]

    def __init__(self, feed: Feed, pipeline: Pipeline) -> None:
        super().__init__()
        self._feed = feed
        self._pipeline = pipeline
        self.fault: BaseException | None = None
        """What ended it, if not its user."""
        self._narrowed: str | None = None
        self._following: list[asyncio.Task[None]] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Two tables and a line."""
        yield Header()
        yield DataTable(id="dyads", cursor_type="row", zebra_stripes=True)
        yield DataTable(id="events", cursor_type="row")
        yield Static(id="state")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to follow."""
        self._dyads.add_columns("Dyad", "States", "Events", "Q1", "Q2", "Q3", "Q4", "Goldstein", "Weeks", "Last event")
        self._events.add_columns("Published", "Date", "Direction", "Type", "Goldstein", "Told by", "Evidence")
        self._dyads.focus()
        for work in (self._feed.run(), self._pipeline.run(), self._draw_for_ever()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._ended)
            self._following.append(task)
        self.set_interval(1.0, self._draw_state)

    async def on_unmount(self) -> None:
        """Leave the broker."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.fault = fault
            self.exit(return_code=1)

    def on_data_table_row_selected(self, selected: DataTable.RowSelected) -> None:
        """Enter on a dyad: only its events."""
        if selected.data_table is self._dyads:
            self._narrowed = selected.row_key.value
            self._draw()

    def action_widen(self) -> None:
        """Events of all dyads again."""
        self._narrowed = None
        self._draw()

    @property
    def _dyads(self) -> DataTable[Text]:
        return self.query_one("#dyads", DataTable)

    @property
    def _events(self) -> DataTable[Text]:
        return self.query_one("#events", DataTable)

    async def _draw_for_ever(self) -> None:
        while True:
            await self._feed.changed.wait()
            self._feed.changed.clear()
            self._draw()
            await asyncio.sleep(DRAW_SECONDS)

    def _draw(self) -> None:
        board = self._feed.board
        _fill(self._dyads, {row.dyad: _dyad(row, chart) for row, chart in board.dyads()})
        _fill(self._events, {event.id: _event(*told) for told in board.events(self._narrowed) if (event := told[1])})
        self._draw_state()

    def _draw_state(self) -> None:
        feed, pipeline = self._feed, self._pipeline
        parts = [feed.trouble] if feed.trouble else [f"generation {feed.generation}"]
        if self._narrowed:
            parts.append(f"events of {self._narrowed}")
        if pipeline.trouble:
            parts.append(f"lag unknown: {pipeline.trouble}")
        else:
            parts.append("lag: " + ", ".join(f"{agent.agent} {agent.lag}" for agent in pipeline.agents))
        if feed.board.unreadable:
            parts.append(f"{feed.board.unreadable} rows could not be read")
        self.query_one("#state", Static).update(Text("   ".join(parts)))


def _fill(table: DataTable[Text], rows: dict[str, list[Text]]) -> None:
    """Show these rows; the cursor stays on its row, wherever that is now."""
    key = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value if table.row_count else None
    scrolled = table.scroll_y
    table.clear()
    for name, row in rows.items():
        table.add_row(*row, key=name)
    if key in rows:
        table.move_cursor(row=table.get_row_index(key), scroll=False)
    table.scroll_y = min(scrolled, table.max_scroll_y)


def _dyad(row: DyadRow, chart: str) -> list[Text]:
    known = states()
    names = " – ".join(known[code].name if code in known else code for code in (row.dyad.a, row.dyad.b))
    quads = [
        Text(str(count or "·"), COOPERATION if n < 2 else CONFLICT_COLOUR, justify="right")
        for n, count in enumerate(row.quads)
    ]
    score = "·" if row.goldstein is None else f"{row.goldstein:+.1f}"
    return [
        Text(row.dyad, "bold"), Text(names), Text(str(row.events), justify="right"), *quads,
        Text(score, justify="right"), Text(chart), Text(row.last or ""),
    ]  # fmt: skip


def _event(at: int, event: RelationEvent, told: Mention | None) -> list[Text]:
    published = dt.datetime.fromtimestamp(at // 1000, dt.UTC).astimezone()
    arrow = "↔" if event.reciprocal else "→"
    who = f"{event.source} {arrow} {event.target}"
    status = "" if event.status.value == "happened" else f" ({event.status.value})"
    return [
        Text(published.strftime("%H:%M:%S")), Text(event.date or ""), Text(who, "bold"),
        Text(event.type.value + status, COOPERATION if event.quad <= 2 else CONFLICT_COLOUR),
        Text(f"{event.goldstein:+.1f}", justify="right"), Text(str(event.mentions), justify="right"),
        evidence(told.evidence, told.trigger) if told else Text(""),
    ]  # fmt: skip
