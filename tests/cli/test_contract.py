"""`dyads contract` writes what the code says, and tells what somebody has changed by hand."""

from __future__ import annotations

from pathlib import Path

from tests.cli.runner import dyads
from topics.contract import files


def test_it_writes_and_checks(tmp_path: Path) -> None:
    where = tmp_path / "contract"
    ran = dyads("contract", str(where), "--check")
    assert (ran.code, ran.out.count("not what the code says")) == (1, len(files()))
    assert not where.exists()

    assert dyads("contract", str(where)).code == 0
    assert {path.name: path.read_text() for path in where.iterdir()} == files()
    assert dyads("contract", str(where), "--check").code == 0

    (where / "asyncapi.json").write_text("{}")
    ran = dyads("contract", str(where), "--check")
    assert (ran.code, ran.out.split(":")[0]) == (1, str(where / "asyncapi.json"))


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = dyads("contract", str(tmp_path / "file" / "inside"))
    assert ran.code == 2
    assert "Not a directory" in ran.err
