"""Prometheus itself and its own tool, which checks what Prometheus would read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def needed(program: str) -> str:
    """The program's path. Where it is not installed, the test is not run, and says so; in CI it fails."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"{program} is not installed (Debian: apt-get install prometheus)"
        )
    return str(path)


def promtool(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the tool."""
    command = [needed("promtool"), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)
