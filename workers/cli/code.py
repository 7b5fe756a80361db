"""`dyads code`: coded articles from JSON lines, without a broker."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, BinaryIO

import typer

from workers.cli.common import InputFile, input_file
from workers.cli.errors import fail, for_people

Received = Annotated[
    str | None,
    typer.Option(
        "--received",
        metavar="YYYY-MM-DD",
        help="Day for articles without published_at. Default: today.",
        show_default=False,
    ),
]
"""The day of an article's message, which its offline form does not have."""

Result = Callable[[], bytes]
"""Waits for a coded line."""


@for_people
def code(
    file: InputFile,
    received: Received = None,
    processes: Annotated[int, typer.Option(min=1, help="Coding processes.")] = 1,
) -> None:
    """Code articles (JSON lines, as for `dyads produce`) and print coded articles, one a line, in the same order.

    The version of an article is the number of its line, from 0, as its offset would be on the topic. A bad line is
    refused, by its number, field and reason, and the rest is coded; the exit code is then 1.

    Example: `dyads code samples/articles.jsonl > coded.jsonl`
    """
    coding = Coding(received_day(received), processes)
    write = typer.get_binary_stream("stdout").write
    with input_file(file) as stream:
        for line in coding.run(stream):
            write(line + b"\n")
    raise typer.Exit(1 if coding.refused else 0)


def received_day(text: str | None) -> str:
    """The day as ISO 8601, today (UTC) unless given."""
    from models import Day, InvalidValue

    if text is None:
        return Day.of(dt.datetime.now(dt.UTC).date())
    try:
        return Day.parse(text)
    except InvalidValue as error:
        fail(f"--received: {error}")


class Coding:
    """One run of the command: the same work as in a worker's coding process, here or in `processes` processes."""

    def __init__(self, received: str, processes: int) -> None:
        self._received = received
        self._processes = processes
        self.refused = 0

    def run(self, stream: BinaryIO) -> Iterator[bytes]:
        """The coded lines, in the order of the articles; at most four articles a process are read ahead."""
        from models import Version
        from topics.codec import encode
        from workers.cli.coded import CodedWithdrawal
        from workers.producing.lines import BadLine, Withdrawal, read_lines, split_lines

        waiting: deque[tuple[int, Result]] = deque()
        with ExitStack() as stack:
            start = self._start(stack)
            for number, item in read_lines(split_lines(stream)):
                if isinstance(item, BadLine):
                    self._refuse(number, str(item))
                    continue
                if isinstance(item, Withdrawal):
                    line = encode(CodedWithdrawal(item.id, Version(number - 1)))
                    waiting.append((number, partial(bytes, line)))
                else:
                    waiting.append((number, start(encode(item), number - 1)))
                while len(waiting) >= 4 * self._processes:
                    yield from self._finish(*waiting.popleft())
            while waiting:
                yield from self._finish(*waiting.popleft())

    def _start(self, stack: ExitStack) -> Callable[[bytes, int], Result]:
        from workers.enrichment.process import prepare, thorough_coder, work

        ready = partial(prepare, thorough_coder)
        if self._processes == 1:
            ready()
            return lambda article, version: lambda: work(article, version, self._received)

        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"), ready)
        stack.callback(pool.shutdown, cancel_futures=True)
        return lambda article, version: pool.submit(work, article, version, self._received).result

    def _finish(self, number: int, result: Result) -> Iterator[bytes]:
        try:
            yield result()
        except Exception as error:  # one article must not take the rest with it
            self._refuse(number, f"could not be coded: {type(error).__name__}: {error}")

    def _refuse(self, number: int, reason: str) -> None:
        from workers.monitoring.plain import plain

        self.refused += 1
        typer.echo(f"line {number}: {plain(reason)}", err=True)
