"""Prometheus' own tool, which checks what Prometheus would read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HOW_TO_GET_IT = "promtool is not installed (Debian: apt-get install prometheus)"


def promtool(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run it. Where it is not installed, the test is not run, and says so; in CI it fails."""
    if shutil.which("promtool") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HOW_TO_GET_IT)
    return subprocess.run(
        ["promtool", *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False, timeout=120
    )
