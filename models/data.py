"""Reading the project's data files: small CSV tables whose rows are checked as they are read.

A table that is wrong is refused whole, by file and line, so a mistake in data is found at start and not in a count.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files


class BrokenData(ValueError):
    """A row of a data file is wrong: the message gives file, line and reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")


def rows(package: str, name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of a CSV file of a package with its line number; `#` starts a comment line.

    Raises `BrokenData` where the header is not `columns`, a row has another number of fields or is no CSV.
    """
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    numbered = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not numbered:
        raise BrokenData(name, 1, "the file is empty")
    for number, line in numbered:
        try:
            fields = next(csv.reader([line], strict=True))
        except csv.Error as error:
            raise BrokenData(name, number, str(error)) from None
        if number == numbered[0][0]:
            if tuple(fields) != columns:
                raise BrokenData(name, number, f"columns are {','.join(fields)}, expected {','.join(columns)}")
        elif len(fields) != len(columns):
            raise BrokenData(name, number, f"{len(fields)} fields, expected {len(columns)}")
        else:
            yield number, dict(zip(columns, (f.strip() for f in fields), strict=True))
