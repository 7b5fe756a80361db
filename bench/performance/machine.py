"""The machine in words, as far as it bears on speed."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import numpy as np


def in_words() -> str:
    """Processor, cores, memory, system, Python, and which BLAS numpy multiplies with."""
    cpu = _field("/proc/cpuinfo", r"model name\s*: (.+)") or platform.processor() or platform.machine()
    memory = int(_field("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / 2**20
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cpu}, {cores} cores, {memory:.0f} GiB of memory; {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, numpy {np.__version__} with {blas['name']} {blas['version']}"
    )


def load() -> float:
    """How many processes wanted a core in the last minute, this bench among them: above 1.2 others disturb it."""
    return os.getloadavg()[0]


def _field(file: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(file).read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found[1] if found else ""


def memory(pid: int) -> tuple[float, float, float]:
    """MiB of a process: all that it has mapped in memory (RSS), its share of that (PSS), and what is only its own."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    sizes = {m[1]: int(m[2]) / 1024 for m in re.finditer(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    return sizes["Rss"], sizes["Pss"], sizes["Private_Clean"] + sizes["Private_Dirty"]
