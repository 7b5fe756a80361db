"""An export from start to end: topics to scratch, scratch to files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from topics import catalogue
from topics.reader import Reader
from workers.monitoring.exporting import gdelt, polecat
from workers.monitoring.exporting.layouts import Layout, Table
from workers.monitoring.exporting.scratch import Scratch
from workers.monitoring.exporting.tables import DAYS, EVENTS, MENTIONS
from workers.monitoring.exporting.writing import check_parquet, write_csv, write_parquet, write_tabs


async def export(
    address: str,
    generation: int,
    scratch: Scratch,
    directory: Path,
    layouts: Collection[Layout],
    tables: Collection[Table] = tuple(Table),
) -> dict[Path, int]:
    """Write the rows of the scratch's selection into files; how many rows each has, in the order written.

    The same rows make the same bytes. Raises what `Reader` raises, `BadRow`, `NoParquet`, `OSError`, `sqlite3.Error`.
    """
    if Layout.PARQUET in layouts:
        check_parquet()
    flat = bool({Layout.CSV, Layout.PARQUET} & set(layouts))
    days = [catalogue.DAILY] if flat and Table.DAILY in tables else []
    async with Reader(address, generation) as reader:
        # Mentions last: one of an event that is not read yet is left out, one that is missing only lacks the evidence.
        await scratch.fill(reader, *days, catalogue.EVENTS, catalogue.MENTIONS)
    directory.mkdir(parents=True, exist_ok=True)
    written: dict[Path, int] = {}
    for layout in Layout:
        if layout not in layouts:
            continue
        if layout is Layout.GDELT:
            path = directory / "events.export.CSV"
            written[path] = write_tabs(path, gdelt.table(scratch.events()))
        elif layout is Layout.POLECAT:
            path = directory / "ngecEvents.txt"
            written[path] = write_tabs(path, polecat.table(scratch.events())) - 1
        else:
            for table in Table:
                if table in tables:
                    path = directory / f"{table}.{layout}"
                    written[path] = _write(path, table, scratch, parquet=layout is Layout.PARQUET)
    return written


def _write(path: Path, table: Table, scratch: Scratch, *, parquet: bool) -> int:
    write = write_parquet if parquet else write_csv
    if table is Table.DAILY:
        return write(path, DAYS, scratch.days())
    if table is Table.EVENTS:
        return write(path, EVENTS, scratch.events())
    return write(path, MENTIONS, scratch.mentions())
