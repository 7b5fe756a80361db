"""Rows into files: CSV, tab separated lines, Parquet. One row after the other; a file is there whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

import orjson

from workers.monitoring.exporting.tables import Column

R = TypeVar("R")

PARQUET_MEMORY = "256MB"
"""What DuckDB may hold while it writes a file."""
ROW_GROUP = 50_000


class NoParquet(Exception):
    """The library that writes Parquet is not installed."""


def check_parquet() -> None:
    """Raises `NoParquet` where Parquet cannot be written."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        reason = "Parquet is written by DuckDB, which is not installed: pip install 'dyads[export]', or take --as csv"
        raise NoParquet(reason) from None


def write_csv(path: Path, columns: Sequence[Column[R]], records: Iterable[R]) -> int:
    """Write records as RFC 4180 CSV in UTF-8 with a header; an unknown value is an empty field. How many rows."""
    with _whole(path) as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        count = 0
        for record in records:
            values = (column.of(record) for column in columns)
            writer.writerow([str(value).lower() if isinstance(value, bool) else value for value in values])
            count += 1
    return count


def write_tabs(path: Path, rows: Iterable[Sequence[str]]) -> int:
    """Write rows as lines of values between tabs, which no value may have; how many lines."""
    count = 0
    with _whole(path) as file:
        for row in rows:
            file.write("\t".join(row) + "\n")
            count += 1
    return count


def write_parquet(path: Path, columns: Sequence[Column[R]], records: Iterable[R]) -> int:
    """Write records as Parquet (zstd); how many rows. They lie beside the file as JSON lines first, which DuckDB reads
    back in order and in bounded memory. Raises `NoParquet`."""
    check_parquet()
    import duckdb

    count = 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".export-", suffix=".jsonl") as lines:
        for record in records:
            lines.write(
                orjson.dumps({column.name: column.of(record) for column in columns}, option=orjson.OPT_APPEND_NEWLINE)
            )
            count += 1
        lines.flush()
        fields = ", ".join(f"'{column.name}': '{column.kind}'" for column in columns)
        with _named(path) as unfinished, duckdb.connect(config={"threads": 1, "memory_limit": PARQUET_MEMORY}) as db:
            db.execute(
                f"COPY (SELECT * FROM read_json({_quoted(lines.name)}, format = 'newline_delimited',"
                f" columns = {{{fields}}}, maximum_object_size = 33554432))"
                f" TO {_quoted(str(unfinished))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
            )
    return count


@contextmanager
def _named(path: Path) -> Iterator[Path]:
    """A name to write under, which becomes that of the file at the end."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    with _named(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
