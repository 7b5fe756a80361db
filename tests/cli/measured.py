"""A command as a process of its own, and what it cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msgspec import Struct

LOOKS_EVERY = 0.05
"""Seconds between two looks at the memory of a process."""


class Measured(Struct, frozen=True):
    """What a command printed, its exit status, its seconds by the clock and of processors, its peak memory in bytes."""

    out: str
    status: int
    seconds: float
    processor_seconds: float
    peak: int


def measured(address: str, *arguments: str) -> Measured:
    """Run `dyads` with these arguments, `address` being DYADS_BROKER.

    The peak is the kernel's own high-water mark of resident memory (VmHWM), as last seen before the process ended. That
    of `wait4` would not do: it begins with what the process that started it had.
    """
    command = [sys.executable, "-m", "workers.cli", *arguments]
    with tempfile.TemporaryFile() as printed:
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, "DYADS_BROKER": address}, stdout=printed)
        peak, pid = 0, 0
        while not pid:
            peak = max(peak, _high_water(process.pid))
            time.sleep(LOOKS_EVERY)
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        printed.seek(0)
        out = printed.read().decode()
    return Measured(out, process.returncode, seconds, usage.ru_utime + usage.ru_stime, peak)


def _high_water(pid: int) -> int:
    """The high-water mark in bytes; 0 of a process that has ended or is not yet the command."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
