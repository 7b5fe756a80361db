"""`dyads produce`: publish articles from JSON lines."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

import typer

from workers.cli.common import Broker, InputFile, broker_address, input_file, notes, settings_with
from workers.cli.errors import for_people
from workers.cli.streams import file_size, lines_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from workers.producing.client import ArticleProducer, Published
    from workers.runtime.tracing import Tracing

IN_FLIGHT = 10_000
"""Messages sent and not yet acknowledged, at the most."""


@for_people
def produce(file: InputFile, broker: Broker = None) -> None:
    """Publish articles from JSON lines to articles.raw.

    A line is an article, `{"id": "agency/1", "text": "..."}` with, if known, `title`, `url`, `source`, `language` and
    `published_at`; an id that was published before is a revision. `{"id": "agency/1", "withdraw": true}` withdraws.
    A bad line is refused, by its number, field and reason, and the rest is sent; the exit code is then 1.

    Example: `dyads produce samples/articles.jsonl`
    """
    from workers.runtime.tracing import Tracing

    address, settings = broker_address(broker), settings_with()
    tracing = Tracing.to_collector("dyads-produce", settings.name) if settings.traces else None
    with input_file(file) as stream:
        sending = Sending(notes(), tracing)
        try:
            asyncio.run(sending.run(address, stream))
        finally:
            typer.echo(sending.summary())
            if tracing is not None:
                tracing.stop()
    raise typer.Exit(1 if sending.refused else 0)


class Sending:
    """One run of the command: what was sent, what was refused, and how it is shown."""

    def __init__(self, console: Console, tracing: Tracing | None = None) -> None:
        self._console = console
        self._tracing = tracing
        self._acknowledgements: deque[tuple[int, bool, asyncio.Future[Published]]] = deque()
        self.published = 0
        self.withdrawn = 0
        self.refused = 0

    def summary(self) -> str:
        """What was done, in a line."""
        return f"{self.published} published, {self.withdrawn} withdrawn, {self.refused} refused"

    async def run(self, address: str, stream: BinaryIO) -> None:
        """Send all lines and wait for every acknowledgement. Raises `BrokerError`."""
        from workers.producing.client import ArticleProducer

        async with ArticleProducer(address, tracing=self._tracing) as producer:
            with _progress(self._console) as progress:
                bar = progress.add_task("publishing", total=file_size(stream))
                number = 0
                try:
                    async for line in lines_of(stream):
                        number += 1
                        await self._send(producer, number, line)
                        await self._collect(IN_FLIGHT)
                        progress.update(bar, advance=len(line), description=self.summary())
                    await self._collect(0)
                    progress.update(bar, description=self.summary())
                finally:
                    for _, _, unanswered in self._acknowledgements:
                        unanswered.cancel()

    async def _send(self, producer: ArticleProducer, number: int, line: bytes) -> None:
        from workers.producing.client import InvalidArticle
        from workers.producing.lines import BOM, BadLine, Withdrawal, read_line

        text = line.removeprefix(BOM) if number == 1 else line
        if not text.strip():
            return
        item = read_line(text)
        if isinstance(item, BadLine):
            self._refuse(number, str(item))
            return
        try:
            future = await producer.enqueue(item)
        except InvalidArticle as error:
            self._refuse(number, str(error))
        else:
            self._acknowledgements.append((number, isinstance(item, Withdrawal), future))

    async def _collect(self, most: int) -> None:
        """Take in the acknowledgements that are there; wait for them until at most `most` are missing."""
        from topics.errors import Refused

        waiting = self._acknowledgements
        while waiting and (len(waiting) > most or waiting[0][2].done()):
            number, withdrawal, future = waiting.popleft()
            try:
                await future
            except Refused as error:
                self._refuse(number, str(error))
            else:
                self.withdrawn += withdrawal
                self.published += not withdrawal

    def _refuse(self, number: int, reason: str) -> None:
        from rich.text import Text

        from workers.monitoring.plain import plain

        self.refused += 1
        self._console.print(Text.assemble((f"line {number}: ", "bold"), plain(reason)), soft_wrap=True)


def _progress(console: Console) -> Progress:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
