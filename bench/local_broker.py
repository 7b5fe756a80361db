"""A broker for a bench, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def broker() -> Iterator[str]:
    """The address of an embedded broker in memory, which ends with the block."""
    command = [sys.executable, "-u", "-m", "workers.cli", "broker", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2].rstrip(",")
        finally:
            process.terminate()
