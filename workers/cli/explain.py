"""`dyads explain`: why an article was coded as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.code import Received, received_day
from workers.cli.common import input_file, output
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import RawArticle


@for_people
def explain(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE|-", help="A file of JSON lines; - is standard input.", show_default=False),
    ] = None,
    text: Annotated[str | None, typer.Option("--text", "-t", help="The text itself.", show_default=False)] = None,
    title: Annotated[str | None, typer.Option(help="With --text: its headline.", show_default=False)] = None,
    id: Annotated[str | None, typer.Option("--id", help="Only the article with this id.", show_default=False)] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Print each sentence's tokens and dependency tree.")] = False,
    received: Received = None,
) -> None:
    """Show what the coder saw in each sentence: mentions and what they resolved to, frames tried and what came of them.

    Reads JSON lines as `dyads code` does, or a text given with --text. Sentences in which nothing was found are only
    printed.

    Example: `dyads explain --text "Россия и Китай подписали соглашение."`
    """
    import datetime as dt

    from models import RawArticle, Version
    from workers.cli import explain_view
    from workers.enrichment.coder import Coder
    from workers.enrichment.explain import explain as explained

    if (file is None) == (text is None):
        fail("give either a file of JSON lines or --text")
    day = dt.date.fromisoformat(received_day(received))
    if text is not None and not text.strip():
        fail("--text is empty")
    articles = _articles(file, id) if file is not None else iter([RawArticle(id="text", text=text or "", title=title)])
    coder, console = Coder(), output()
    for article in articles:
        trace = coder.code_with_trace(article, version=Version(0), received=day)
        explain_view.show(console, trace.coded, explained(trace), tree=tree)


def _articles(file: str, id: str | None) -> Iterator[RawArticle]:
    from models import RawArticle
    from workers.producing.lines import BadLine, read_lines, split_lines

    found = False
    with input_file(file) as stream:
        for number, item in read_lines(split_lines(stream)):
            if isinstance(item, BadLine):
                typer.echo(f"line {number}: {item}", err=True)
            elif isinstance(item, RawArticle) and id in (None, item.id):
                found = True
                yield item
    if not found:
        fail(f"there is no article{'' if id is None else f' {id}'} in {file}")
