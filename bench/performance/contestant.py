"""The inside of a process that is measured: it gets texts and answers with the seconds that it needed for them.

Speaks JSON lines on standard input and output, and needs the standard library only, as peers run in environments of
their own. The processor time of the process is what counts for one core: neighbours on the machine disturb it less.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Article = dict[str, Any]
Work = Callable[[Article], object]


def serve(work: Work) -> None:
    """Answer until the input ends. `{"load": file}` reads JSON lines; `{"run": name}` works through those of a name."""
    held: dict[str, list[Article]] = {}
    _say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        if "load" in asked:
            with open(asked["load"], encoding="utf-8") as lines:
                held[asked["name"]] = [json.loads(line) for line in lines if line.strip()]
            _say({"articles": len(held[asked["name"]])})
        else:
            wall, cpu = time.perf_counter(), time.process_time()
            for article in held[asked["run"]]:
                work(article)
            _say({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)
