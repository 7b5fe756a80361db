"""Apache Kafka's jars: fetched once, kept in a cache, the same everywhere.

`pom.xml` names what is wanted, Maven resolves and fetches it, and `artifacts.sha256` (as sha256sum writes it) says
which files those must be. A jar too many, too few or of other bytes is an error, never run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from tests.apache_kafka.errors import NotInstalled, Unobtainable, WrongArtifacts

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
PINNED = HERE / "artifacts.sha256"

CACHE = "DYADS_KAFKA_CACHE"
"""Directory for the jars; by default dyads/ in the user's cache (XDG_CACHE_HOME, else ~/.cache)."""
REPOSITORY = "DYADS_MAVEN_REPOSITORY"
"""URL of a Maven repository to fetch from; by default what the machine's Maven is set up with, else Maven Central."""

FETCH_SECONDS = 300.0
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"
"""Of the plugin in the version that `pom.xml` pins."""

NO_MAVEN = """\
Apache Kafka's artifacts are not cached yet, and Maven, which fetches them, is not installed.
  Debian, Ubuntu:  sudo apt-get install maven
  Fedora:          sudo dnf install maven"""

MIRROR = """\
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">
  <mirrors><mirror><id>given</id><mirrorOf>*</mirrorOf><url>{url}</url></mirror></mirrors>
</settings>
"""


def jars(environment: Mapping[str, str] = os.environ, pinned: Path = PINNED) -> Path:
    """The directory of the jars, fetched if need be. Raises `NotInstalled`, `Unobtainable`, `WrongArtifacts`."""
    wanted = read_sums(pinned)
    # Named for its content, so that another version, or another checkout, has a directory of its own.
    directory = _cache(environment) / f"apache-kafka-{hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]}"
    if directory.is_dir() and not differences(directory, wanted):
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as fetched:
        fetch(Path(fetched), environment)
        if wrong := differences(Path(fetched), wanted):
            raise WrongArtifacts(f"Maven fetched other files than {pinned.name} says:\n  " + "\n  ".join(wrong))
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(fetched, directory)
    return directory


def fetch(into: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Have Maven put what `pom.xml` names into a directory. Raises `NotInstalled`, `Unobtainable`."""
    maven = shutil.which("mvn", path=environment.get("PATH"))
    if maven is None:
        raise NotInstalled(NO_MAVEN)
    command = [maven, "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", str(POM), f"-DoutputDirectory={into}"]
    with tempfile.TemporaryDirectory() as scratch:
        if url := environment.get(REPOSITORY):
            settings = Path(scratch) / "settings.xml"
            settings.write_text(MIRROR.format(url=escape(url)))
            # A local repository of its own: the usual one holds, and would come to hold, what another one said.
            command += ["--settings", str(settings), f"-Dmaven.repo.local={scratch}/repository"]
        try:
            ran = subprocess.run(
                [*command, GOAL],
                env=dict(environment), capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unobtainable(f"Maven did not fetch Apache Kafka's artifacts within {FETCH_SECONDS:.0f} s") from None
    if ran.returncode != 0:
        said = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[:10])
        raise Unobtainable(f"Maven could not fetch Apache Kafka's artifacts:\n{said}")


def read_sums(file: Path) -> dict[str, str]:
    """File name -> sha256 in hexadecimal, of a file as sha256sum writes it."""
    return {name: digest for digest, name in (line.split() for line in file.read_text().splitlines())}


def sums(directory: Path) -> dict[str, str]:
    """File name -> sha256 in hexadecimal, of every file of a directory, in order of their names."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(directory.iterdir())}


def differences(directory: Path, wanted: Mapping[str, str]) -> list[str]:
    """How the files of a directory differ from what they should be, a line for each."""
    found = sums(directory)
    return sorted(
        [f"{name}: missing" for name in wanted.keys() - found.keys()]
        + [f"{name}: unknown" for name in found.keys() - wanted.keys()]
        + [
            f"{name}: sha256 {found[name]}, not {wanted[name]}"
            for name in wanted.keys() & found.keys()
            if found[name] != wanted[name]
        ]
    )


def _cache(environment: Mapping[str, str]) -> Path:
    if named := environment.get(CACHE):
        return Path(named)
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dyads"
