"""When a read model is gone on with, and when it is built anew."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from topics.catalogue import DAY_MS
from workers.monitoring.readmodel import database as module
from workers.monitoring.readmodel.database import Closed, Database, TooSlow, opened, reason_to_rebuild, schema_version

NOW = 1_764_000_000_000
META = {"schema": schema_version(), "generation": "1", "cluster": "c", "written": str(NOW - DAY_MS)}


def reason(**changed: str) -> str | None:
    return reason_to_rebuild({**META, **changed}, cluster="c", generation=1, now_ms=NOW)


def test_one_that_was_away_for_a_day_is_gone_on_with() -> None:
    assert reason() is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"schema": "0"}, "another version"),
        ({"generation": "2"}, "generation 2"),
        ({"cluster": "d"}, "another cluster"),
        ({"written": str(NOW - 6 * DAY_MS - 1)}, "6.0 days ago"),
        ({"written": str(NOW + DAY_MS + 1)}, "in the future"),
    ],
)
def test_others_are_built_anew(changed: dict[str, str], why: str) -> None:
    assert why in (reason(**changed) or "")


def test_what_is_rolled_back_never_was(tmp_path: Path) -> None:
    database = Database(tmp_path / "m.sqlite3")
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as db:
        db.executemany("INSERT INTO dirty VALUES (?)", [("BLR-KAZ",), ("BLR-POL",), ("BLR-KAZ",)])
    with database.transaction() as db:
        assert db.execute("SELECT * FROM dirty").fetchall() == []
    database.close()


async def test_readers_see_one_moment_and_cannot_write(tmp_path: Path) -> None:
    database = Database(tmp_path / "m.sqlite3")

    def twice(db: sqlite3.Connection) -> list[int]:
        (first,) = db.execute("SELECT count(*) FROM dirty").fetchone()
        with database.transaction() as writer:
            writer.execute("INSERT INTO dirty VALUES ('BLR-KAZ')")
        (second,) = db.execute("SELECT count(*) FROM dirty").fetchone()
        return [first, second]

    assert await database.read(twice) == [0, 0]
    assert await database.read(lambda db: db.execute("SELECT count(*) FROM dirty").fetchone()[0]) == 1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(lambda db: db.execute("DELETE FROM dirty"))
    database.close()


ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


async def test_a_query_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUERY_SECONDS", 0.05)
    database = Database(tmp_path / "m.sqlite3")
    with pytest.raises(TooSlow):
        await database.read(lambda db: db.execute(ENDLESS).fetchone())
    assert await database.read(lambda db: db.execute("SELECT 1").fetchone()) == (1,)
    database.close()


async def test_closing_ends_queries_and_those_that_come_later(tmp_path: Path) -> None:
    database = Database(tmp_path / "m.sqlite3")
    running = asyncio.create_task(database.read(lambda db: db.execute(ENDLESS).fetchone()))
    await asyncio.sleep(0.1)
    database.close()
    with pytest.raises(Closed):
        await running
    with pytest.raises(Closed):
        await database.read(lambda db: db.execute("SELECT 1").fetchone())


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite3"
    path.write_bytes(b"this is no database" * 400)
    database = opened(path)
    assert database.positions() == {}
    database.close()
