"""Maven's part: what it cannot fetch, and what is not what was pinned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.apache_kafka.artifacts import CACHE, PINNED, REPOSITORY, jars
from tests.apache_kafka.errors import Unobtainable, WrongArtifacts


def test_a_repository_without_the_artifacts_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "repository"
    empty.mkdir()
    environment = {**os.environ, CACHE: str(tmp_path / "cache"), REPOSITORY: empty.as_uri()}
    with pytest.raises(Unobtainable, match="maven-dependency-plugin"):
        jars(environment)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_jar_of_other_bytes_is_not_kept(tmp_path: Path) -> None:
    pinned = tmp_path / "artifacts.sha256"
    digest, name = PINNED.read_text().splitlines()[0].split()
    pinned.write_text(PINNED.read_text().replace(digest, "0" * 64))
    with pytest.raises(WrongArtifacts, match=f"{name}: sha256 {digest}, not {'0' * 64}"):
        jars({**os.environ, CACHE: str(tmp_path / "cache")}, pinned)
    assert list((tmp_path / "cache").iterdir()) == []
