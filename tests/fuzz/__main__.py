"""`make fuzz`: every target in full, then the sockets. Exit status 1 if anything broke."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from functools import partial

from tests.fuzz.engine import Failed, Ran, run
from tests.fuzz.sockets import abuse
from tests.fuzz.targets import SHAPES, TARGETS, growth

CONNECTIONS = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="to repeat a run")
    parser.add_argument("--scale", type=float, default=1.0, help="of the usual number of inputs")
    names = [target.name for target in TARGETS]
    parser.add_argument(
        "targets", nargs="*", metavar="target", help=f"{', '.join(names)}, growth, sockets; default all"
    )
    asked = parser.parse_args()
    wanted = asked.targets or [*names, "growth", "sockets"]
    print(f"seed {asked.seed}", flush=True)
    broken = False
    for target in TARGETS:
        if target.name in wanted:
            try:
                ran = run(target, asked.seed, max(1, int(target.long * asked.scale)), tell=partial(_tell, target.name))
            except Failed as failed:
                print(f"{target.name}: BROKEN, {failed}", flush=True)
                broken = True
            else:
                rate = ran.inputs / ran.seconds
                print(f"{target.name}: {ran.inputs:,} inputs, none broke it; {rate:,.0f} a second", flush=True)
    if "growth" in wanted:
        for shape in SHAPES:
            small, large = growth(shape, 1_000, 8)
            print(f"growth: {shape}: 1,000 characters {small:.2f} s, 8,000 characters {large:.2f} s", flush=True)
    if "sockets" in wanted:
        print(asyncio.run(abuse(asked.seed, max(1, int(CONNECTIONS * asked.scale)))), flush=True)
    return int(broken)


def _tell(name: str, ran: Ran) -> None:
    print(f"{name}: {ran.inputs:,} inputs after {ran.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
