"""`dyads fold`: the tables of relations from coded articles, without a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.common import InputFile, input_file, output
from workers.cli.errors import fail, for_people

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models import CodedArticle, Version


@for_people
def fold(
    file: InputFile,
    table: Annotated[bool, typer.Option("--table", help="Print the table that `dyads show` prints.")] = False,
) -> None:
    """Fold coded articles (the output of `dyads code`) into rows, as the workers would.

    Of an article's revisions the highest version counts. Prints JSON lines, one a row: topic, key and value as they
    would be published. `dyads audit` compares the live tables with this.

    Example: `dyads code articles.jsonl | dyads fold - --table`
    """
    import orjson

    from topics.catalogue import DAILY, EVENTS, MENTIONS
    from topics.codec import encode
    from workers.aggregation import fold as oracle
    from workers.monitoring.render import show_dyads
    from workers.monitoring.tables import dyad_rows

    with input_file(file) as stream:
        tables = oracle.fold(oracle.last_revisions(_revisions(stream)).values())
    if table:
        show_dyads(output(), dyad_rows(tables.daily.values()))
        return
    write = typer.get_binary_stream("stdout").write
    for topic, rows in ((DAILY, tables.daily), (EVENTS, tables.events), (MENTIONS, tables.mentions)):
        for key, row in sorted(rows.items()):
            value = orjson.Fragment(encode(row))
            write(orjson.dumps({"topic": topic.name, "key": key.decode(), "value": value}) + b"\n")


def _revisions(lines: Iterable[bytes]) -> Iterable[tuple[str, Version, CodedArticle | None]]:
    from topics.codec import Undecodable
    from workers.cli.coded import CodedWithdrawal, read_coded

    try:
        for item in read_coded(lines):
            yield item.id, item.version, None if isinstance(item, CodedWithdrawal) else item
    except Undecodable as error:
        fail(str(error))
