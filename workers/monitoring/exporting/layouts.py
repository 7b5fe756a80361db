"""What can be asked of an export. Light to import: the command's help names it."""

from __future__ import annotations

from enum import StrEnum


class Layout(StrEnum):
    """What the files are written as."""

    CSV = "csv"
    PARQUET = "parquet"
    GDELT = "gdelt"
    POLECAT = "polecat"


class Table(StrEnum):
    """What is written as CSV or Parquet."""

    DAILY = "daily"
    EVENTS = "events"
    MENTIONS = "mentions"
