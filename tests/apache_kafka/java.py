"""The machine's Java."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.apache_kafka.errors import NotInstalled

LEAST = 17
"""Apache Kafka 4's broker needs this version or later."""


def java() -> str:
    """Path of the `java` that JAVA_HOME names, else of the one on the PATH. Raises `NotInstalled`."""
    home = os.environ.get("JAVA_HOME")
    path = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if path is None or not os.access(path, os.X_OK):
        raise NotInstalled(_what_to_install(f"no java {f'in JAVA_HOME ({home})' if home else 'on the PATH'}"))
    version = _major_version(path)
    if version < LEAST:
        raise NotInstalled(_what_to_install(f"{path} is Java {version}"))
    return path


def _major_version(path: str) -> int:
    said = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)  # "17.0.15", and "1.8.0" of Java 8
    return int(found[1]) if found else 0


def _what_to_install(found: str) -> str:
    return (
        f"Apache Kafka needs Java {LEAST} or later: {found}.\n"
        "  Debian, Ubuntu:  sudo apt-get install default-jre-headless\n"
        "  Fedora:          sudo dnf install java-21-openjdk-headless"
    )
