"""`dyads run` with a clock that is wrong by so many days:

SHIFT_DAYS=-14600 python -m tests.integration.shifted
"""

from __future__ import annotations

import os
import time

_nanoseconds = int(os.environ["SHIFT_DAYS"]) * 86_400 * 1_000_000_000
_now_ns = time.time_ns
os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"  # they ask the system for the time

time.time_ns = lambda: _now_ns() + _nanoseconds
time.time = lambda: time.time_ns() / 1e9

if __name__ == "__main__":
    from workers.cli.run import agents_of
    from workers.runtime.settings import Settings
    from workers.runtime.worker import run

    settings = Settings()
    run(settings, agents_of(settings))
