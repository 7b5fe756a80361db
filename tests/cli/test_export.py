"""`dyads export`: files that pandas, DuckDB and readers of GDELT and POLECAT take."""

from __future__ import annotations

import asyncio
import csv
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from models import Dyad
from tests.aggregation.stories import article, event
from tests.cli.many import fill_with_days
from tests.cli.measured import measured
from tests.cli.published import fill, relations
from tests.cli.runner import dyads
from tests.monitoring.relations import VISIT, week
from topics.catalogue import EVENTS
from workers.aggregation.fold import fold

DOCS = Path(__file__).parents[2] / "docs"

DAYS = 75
"""Days of made-up news for the test of memory, some 27,000 rows."""
BOUND = 64 * 2**20
"""Bytes that they may cost at the most; held in memory as records they would take twice that."""


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_tables_as_csv(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, relations(week()))
    ran = dyads("export", str(tmp_path / "out"), broker=fresh_broker)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[1] == f"{tmp_path}/out/events.csv: 5 rows"

    days = table(tmp_path / "out" / "daily.csv")
    assert [(row["day"], row["dyad"]) for row in days] == sorted((row.day, row.dyad) for row in week().daily.values())
    met = next(row for row in days if row["day"] == "2025-10-31")
    assert (met["together_events"], met["together_mentions"], met["a_to_b_q1"], met["b_to_a_consult"]) == (
        "1",
        "2",
        "1",
        "1",
    )

    events = table(tmp_path / "out" / "events.csv")
    assert {row["id"] for row in events} == {row.id for row in week().events.values()}
    assert [row["date"] for row in events] == ["2025-10", "2025-10-30", "2025-10-31", "2025-11-02", "2025-11-20"]
    assert (events[0]["day"], events[2]["day"], events[2]["reciprocal"]) == ("", "2025-10-31", "true")

    mentions = table(tmp_path / "out" / "mentions.csv")
    assert len(mentions) == len(week().mentions)
    assert VISIT in [row["evidence"] for row in mentions]


def test_parquet_has_what_csv_has(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, relations(week()))
    ran = dyads("export", str(tmp_path), "--as", "csv", "--as", "parquet", broker=fresh_broker)
    assert ran.code == 0, ran.err
    for name in ("daily", "events", "mentions"):
        columns = [column[0] for column in duckdb.sql(f"DESCRIBE FROM '{tmp_path}/{name}.parquet'").fetchall()]
        rows = duckdb.sql(f"FROM '{tmp_path}/{name}.parquet'").fetchall()
        expected = table(tmp_path / f"{name}.csv")
        assert [list(row) for row in expected] == [columns] * len(expected)
        assert [[_said(value) for value in row] for row in rows] == [list(row.values()) for row in expected]
    kinds = dict(
        duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{tmp_path}/events.parquet')").fetchall()
    )
    assert (kinds["day"], kinds["reciprocal"], kinds["goldstein"]) == ("DATE", "BOOLEAN", "DOUBLE")


def _said(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_same_rows_make_the_same_bytes(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, relations(week()))
    layouts = [part for name in ("csv", "parquet", "gdelt", "polecat") for part in ("--as", name)]
    for directory in ("one", "two"):
        assert dyads("export", str(tmp_path / directory), *layouts, broker=fresh_broker).code == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 8
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_in_the_columns_of_gdelt_and_polecat(fresh_broker: str, tmp_path: Path) -> None:
    fill(fresh_broker, relations(week()))
    assert dyads("export", str(tmp_path), "--as", "gdelt", "--as", "polecat", broker=fresh_broker).code == 0
    lines = [line.split("\t") for line in (tmp_path / "events.export.CSV").read_text(encoding="utf-8").splitlines()]
    assert [(line[1], line[26], len(line)) for line in lines] == [
        ("20251030", "112", 61), ("20251031", "040", 61), ("20251102", "112", 61)
    ]  # fmt: skip
    head, *rows = [line.split("\t") for line in (tmp_path / "ngecEvents.txt").read_text(encoding="utf-8").splitlines()]
    assert (head[0], len(head), [len(row) for row in rows]) == ("Event ID", 40, [40, 40, 40])


@pytest.mark.parametrize(
    ("options", "dyads_written"),
    [
        (["--state", "pol"], {"BLR-POL"}),
        (["--state", "KAZ", "--state", "POL"], {"BLR-KAZ", "BLR-POL"}),
        (["--dyad", "kaz-blr"], {"BLR-KAZ"}),
        (["--from", "2025-11-01", "--to", "2025-11-10"], {"BLR-POL"}),
        (["--from", "2026-01-01"], set()),
    ],
)
def test_filters(fresh_broker: str, tmp_path: Path, options: list[str], dyads_written: set[str]) -> None:
    fill(fresh_broker, relations(week()))
    assert dyads("export", str(tmp_path), *options, broker=fresh_broker).code == 0
    for name in ("daily", "events", "mentions"):
        assert {row["dyad"] for row in table(tmp_path / f"{name}.csv")} == dyads_written


def test_rows_that_were_taken_back_are_not_there(fresh_broker: str, tmp_path: Path) -> None:
    gone, *_ = week().events
    fill(fresh_broker, [*relations(week()), (EVENTS.name, gone, None, {})])
    assert dyads("export", str(tmp_path), "--only", "events", "--only", "mentions", broker=fresh_broker).code == 0
    assert gone.decode() not in {row["id"] for row in table(tmp_path / "events.csv")}
    assert gone.decode() not in {row["event"] for row in table(tmp_path / "mentions.csv")}
    assert not (tmp_path / "daily.csv").exists()


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--state", "XXX"], "no state has the code XXX"),
        (["--dyad", "KAZ"], "is not a dyad"),
        (["--from", "yesterday"], "is not a day"),
        (["--generation", "7"], "there is no generation 7"),
    ],
)
def test_what_cannot_be_asked(fresh_broker: str, tmp_path: Path, options: list[str], fault: str) -> None:
    fill(fresh_broker, [])
    ran = dyads("export", str(tmp_path / "out"), *options, broker=fresh_broker)
    assert ran.code == 2
    assert fault in ran.err
    assert not (tmp_path / "out").exists()


def test_without_duckdb_it_says_what_to_install(tmp_path: Path) -> None:
    script = "import sys; sys.modules['duckdb'] = None; sys.argv[0] = 'dyads'; from workers.cli import main; main()"
    command = [sys.executable, "-c", script, "export", str(tmp_path / "out"), "--as", "parquet"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "pip install 'dyads[export]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_memory_is_bounded(fresh_broker: str, tmp_path: Path) -> None:
    """Of an export of many rows: that of one of few, the broker's answers on their way, and the buffers."""
    options = ["--as", "csv", "--as", "parquet", "--as", "gdelt"]
    asyncio.run(fill_with_days(fresh_broker, 1))
    few = measured(fresh_broker, "export", str(tmp_path / "few"), *options)
    news = asyncio.run(fill_with_days(fresh_broker, DAYS))
    many = measured(fresh_broker, "export", str(tmp_path / "many"), *options)
    assert (few.status, many.status) == (0, 0)
    assert sum(map(int, re.findall(r"(\d+) rows$", many.out, re.M)[:3])) == news.rows
    assert few.peak > 30 * 2**20, "what was measured is the command"
    assert many.peak - few.peak < BOUND


def test_the_notebook_of_the_docs(fresh_broker: str, tmp_path: Path) -> None:
    """The commands and programs of the page, as printed."""
    page = (DOCS / "exports.md").read_text(encoding="utf-8")
    days = [
        event("KAZ", "BLR", on=f"2025-{month:02}-0{day}") for month in range(1, 13) for day in range(1, 1 + month % 4)
    ]
    fill(fresh_broker, relations(fold([article("a", *days, outlet="o")])))
    command = re.findall(r"^    \.venv/bin/dyads (export .*BLR-KAZ)$", page, re.M)[0].split()
    assert command[1] == "out"
    command[1] = str(tmp_path / "out")
    assert dyads(*command, broker=fresh_broker).code == 0
    program, *_ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    drawn = [line for line in ran.stdout.splitlines() if "█" in line]
    assert len(drawn) == 9  # months 4, 8 and 12 have no day
    assert Dyad("BLR-KAZ") in page
