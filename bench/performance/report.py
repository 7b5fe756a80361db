"""What a bench comes to: tables, charts and ratios, kept as JSON so that page and check need no new run."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).parents[2] / "docs" / "performance"
"""Where reports and charts are kept, under version control."""


class Table(Struct, frozen=True):
    """Rows under a header, as they are to be read; `note` stands below."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


class Series(Struct, frozen=True):
    """Points of one colour: x, y, and the lowest and highest y measured."""

    name: str
    points: tuple[tuple[float, float, float, float], ...]


class Chart(Struct, frozen=True):
    """A picture: bars over `labels`, or lines over x where there are no labels."""

    name: str
    title: str
    unit: str
    series: tuple[Series, ...]
    labels: tuple[str, ...] = ()
    x_unit: str = ""


class Ratio(Struct, frozen=True):
    """A figure that another machine should come near to, with the least (or most) that is asked of it.

    `bench-check` complains where it is worse than the last committed one by more than `slack` of it.
    """

    name: str
    value: float
    target: float
    higher_is_better: bool = True
    slack: float = 0.15

    def met(self) -> bool:
        """Whether the target is reached."""
        return self.value >= self.target if self.higher_is_better else self.value <= self.target

    def worse_than(self, committed: Ratio) -> bool:
        """Whether it fell behind the committed one by more than the slack."""
        change = self.value / committed.value - 1
        return (-change if self.higher_is_better else change) > self.slack


class Report(Struct, frozen=True):
    """Of one bench: what was run on what, and what came out."""

    name: str
    title: str
    machine: str
    day: str
    command: str
    load: float
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    remarks: tuple[str, ...] = ()


def write(report: Report, folder: Path = FOLDER) -> None:
    """Keep a report."""
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(report), indent=1)
    (folder / f"{report.name}.json").write_bytes(text + b"\n")


def read(name: str, folder: Path = FOLDER) -> Report | None:
    """The report kept last, None where there is none."""
    file = folder / f"{name}.json"
    return msgspec.json.decode(file.read_bytes(), type=Report) if file.is_file() else None
