"""SQLite or DuckDB for the read model: the same rows, writes and questions, side by side in one run.

    .venv/bin/python -m pip install duckdb
    .venv/bin/python bench/readmodel.py [--rows 1000000] [DIRECTORY]

Both keep a row for each dyad and day, with its counts and its JSON, and an offset for each partition. Asked is what
`dyads serve` does all day: small transactions of rows that change, with their offset; a year of a dyad; the sums of a
month over all dyads; and opening the file. What is printed is the median of the rounds, taken in turns.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from many_rows import LAST, dyads, made

from topics.codec import encode

ROUNDS = 5
YEARS = 200
"""Dyads of which a year is read in a round."""
BATCHES = 40
BATCH = 20
"""Rows that change in one commit: an article or a few."""

TABLES = (
    "CREATE TABLE days (dyad TEXT, day TEXT, events INTEGER, mentions INTEGER, goldstein INTEGER, row BLOB,"
    " PRIMARY KEY (dyad, day))",
    "CREATE TABLE positions (topic TEXT, part INTEGER, after_it BIGINT, PRIMARY KEY (topic, part))",
)
Row = tuple[str, str, int, int, int, bytes]


class Store:
    """One of the two, behind the calls that both have."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.db: Any = None

    def open(self) -> None:
        """Open the file, and make sure that it can be read."""
        if self.name == "SQLite":
            self.db = sqlite3.connect(self.path, isolation_level=None)
            self.db.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA mmap_size = 1073741824;"
            )
        else:
            self.db = duckdb.connect(str(self.path), config={"threads": 1})
        self.db.execute("SELECT count(*) FROM (SELECT 1 FROM sqlite_master LIMIT 1)").fetchone()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def fill(self, rows: list[Row]) -> None:
        """Make the tables and put the rows in, in large transactions."""
        for table in TABLES:
            self.db.execute(table + (" WITHOUT ROWID" if self.name == "SQLite" else ""))
        if self.name == "SQLite":  # DuckDB's own order of columns is better at this than any index
            self.db.execute("CREATE INDEX days_by_day ON days (day, dyad, events, mentions, goldstein)")
        if self.name == "SQLite":
            self.db.execute("BEGIN")
            self.db.executemany("INSERT INTO days VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.db.execute("COMMIT")
        else:
            import numpy as np

            columns = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
            given = dict(zip(("dyad", "day", "events", "mentions", "goldstein", "row"), columns, strict=True))
            self.db.register("given", given)
            self.db.execute("INSERT INTO days SELECT dyad, day, events, mentions, goldstein, row FROM given")

    def change(self, rows: list[Row], offset: int) -> None:
        """Write rows over others, and the offset, in one transaction."""
        self.db.execute("BEGIN TRANSACTION")
        for row in rows:
            self.db.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?)", row)
        self.db.execute("INSERT OR REPLACE INTO positions VALUES ('relations.daily', 0, ?)", (offset,))
        self.db.execute("COMMIT")

    def year(self, dyad: str) -> int:
        """The rows of a dyad as they were published; how many."""
        found = self.db.execute("SELECT row FROM days WHERE dyad = ? AND day >= '2000-01-01' ORDER BY day", (dyad,))
        return len(found.fetchall())

    def month(self) -> int:
        """The sums of the last month by dyad, most events first; how many dyads."""
        first = LAST.replace(day=1).isoformat()
        found = self.db.execute(
            "SELECT dyad, sum(events) n, sum(mentions), sum(goldstein) FROM days WHERE day >= ?"
            " GROUP BY dyad ORDER BY n DESC, dyad LIMIT 100",
            (first,),
        )
        return len(found.fetchall())


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Fill both, ask both in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of days (default: %(default)s)")
    parser.add_argument("directory", nargs="?", help="where the files are made (default: the temporary one)")
    arguments = parser.parse_args()
    rows = [
        (one.day.dyad, one.day.day, 1, one.articles, round(10 * one.event.goldstein), encode(one.day))
        for one in made(arguments.rows)
    ]
    rng = random.Random(7)
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        stores = [Store("SQLite", Path(directory) / "s.db"), Store("DuckDB", Path(directory) / "d.db")]
        took: dict[str, dict[str, list[float]]] = {store.name: {} for store in stores}
        for store in stores:
            store.open()
            took[store.name]["fill, s"] = [timed(lambda store=store: store.fill(rows))]  # type: ignore[misc]
            store.close()
        for round_ in range(ROUNDS):
            names = [str(dyad) for dyad in rng.choices(dyads(len(rows) // 365), k=YEARS)]
            batches = [rng.sample(rows, BATCH) for _ in range(BATCHES)]
            for store in stores:
                seen = took[store.name]
                seen.setdefault("open, ms", []).append(1000 * timed(store.open))
                for number, batch in enumerate(batches):
                    spent = timed(lambda s=store, b=batch, n=number + round_: s.change(b, n))  # type: ignore[misc]
                    seen.setdefault(f"commit {BATCH} rows, ms", []).append(1000 * spent)
                for name in names:
                    seen.setdefault("a dyad's year, ms", []).append(1000 * timed(lambda s=store, n=name: s.year(n)))  # type: ignore[misc]
                seen.setdefault("a month of all dyads, ms", []).append(1000 * timed(store.month))
                store.close()
        sizes = {store.name: store.path.stat().st_size / 2**20 for store in stores}
    print(f"{len(rows):,} rows; SQLite {sqlite3.sqlite_version}, DuckDB {duckdb.__version__}")
    print(f"{'':28}{'SQLite':>10}{'DuckDB':>10}  DuckDB / SQLite")
    for what, times in took["SQLite"].items():
        one, other = statistics.median(times), statistics.median(took["DuckDB"][what])
        print(f"{what:28}{one:10.2f}{other:10.2f}{other / one:12.1f}")
    print(f"{'file, MiB':28}{sizes['SQLite']:10.0f}{sizes['DuckDB']:10.0f}{sizes['DuckDB'] / sizes['SQLite']:12.1f}")


if __name__ == "__main__":
    main()
