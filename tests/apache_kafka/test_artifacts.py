"""Only the jars that are pinned are run, and what is missing is told. Needs neither Java nor Maven."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.apache_kafka.artifacts import CACHE, PINNED, POM, differences, jars, read_sums
from tests.apache_kafka.errors import NotInstalled
from tests.apache_kafka.java import java

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


def kafka_version() -> str:
    found = re.search(r"<kafka.version>(.+)</kafka.version>", POM.read_text())
    assert found
    return found[1]


def test_the_version_is_the_one_that_is_deployed() -> None:
    image = yaml.safe_load(COMPOSE.read_text())["services"]["kafka"]["image"]
    assert image == f"apache/kafka:{kafka_version()}"


def test_every_jar_is_pinned() -> None:
    pinned = read_sums(PINNED)
    assert f"kafka_2.13-{kafka_version()}.jar" in pinned
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in pinned.values())


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """A file that pins two small jars."""
    sums = tmp_path / "artifacts.sha256"
    sums.write_text("".join(f"{hashlib.sha256(name).hexdigest()}  {name.decode()}.jar\n" for name in (b"a", b"b")))
    return sums


def test_jars_that_are_cached_need_no_maven(pinned: Path, tmp_path: Path) -> None:
    cached = tmp_path / "cache" / f"apache-kafka-{hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]}"
    cached.mkdir(parents=True)
    for name in ("a", "b"):
        (cached / f"{name}.jar").write_bytes(name.encode())
    nothing_installed = {CACHE: str(tmp_path / "cache"), "PATH": ""}
    assert jars(nothing_installed, pinned) == cached
    (cached / "b.jar").write_bytes(b"B")
    with pytest.raises(NotInstalled, match="apt-get install maven"):
        jars(nothing_installed, pinned)


def test_what_is_wrong_with_jars_is_told(pinned: Path, tmp_path: Path) -> None:
    directory = tmp_path / "jars"
    directory.mkdir()
    (directory / "a.jar").write_bytes(b"A")
    (directory / "c.jar").write_bytes(b"c")
    altered, missing, unknown = differences(directory, read_sums(pinned))
    assert re.fullmatch(r"a.jar: sha256 \w{64}, not \w{64}", altered)
    assert (missing, unknown) == ("b.jar: missing", "c.jar: unknown")


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22"])
def test_java_that_is_too_old_is_told(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!{shutil.which('sh')}\necho 'openjdk version \"{version}\" 2024-01-16' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    number = "8" if version.startswith("1.8") else "11"
    with pytest.raises(NotInstalled, match=f"needs Java 17 or later: .*/bin/java is Java {number}\\."):
        java()


def test_java_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match="apt-get install default-jre-headless"):
        java()
