"""Looking for a run that breaks a design: a few in the tests, as many as one likes from the command line.

python -m tests.runtime.model.search --runs 100000 --seed 7 [--fault NO_FENCING ...]
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Set

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from tests.runtime.model.checks import Check, Violation
from tests.runtime.model.design import Design, Fault
from tests.runtime.model.schedule import Run, play, runs


def violation(run: Run, design: Design, judging: Set[Check]) -> Violation | None:
    """What goes wrong in a run, if anything does."""
    try:
        play(run, design, judging)
    except Violation as found:
        return found
    return None


def counterexample(
    design: Design, judging: Set[Check], *, tries: int, seed: int = 0, shortest: bool = False
) -> Run | None:
    """A run that breaks the design in one of these ways, or None. The same seed finds the same run; `shortest` takes
    away what is not needed for it, which takes a while."""
    phases = (Phase.generate, Phase.shrink) if shortest else (Phase.generate,)
    try:
        return find(
            runs(),
            lambda run: violation(run, design, judging) is not None,
            settings=settings(
                max_examples=tries,
                deadline=None,
                database=None,
                phases=phases,
                suppress_health_check=list(HealthCheck),
            ),
            random=random.Random(seed),
        )
    except NoSuchExample:
        return None


def main() -> None:
    """Search, and print the shortest run found, with every step of it."""
    parser = argparse.ArgumentParser(description="look for a run that breaks the design")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], choices=[fault.name for fault in Fault])
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    design, judging = frozenset(Fault[name] for name in asked.fault), frozenset(Check)
    found = counterexample(design, judging, tries=asked.runs, seed=asked.seed, shortest=True)
    if found is None:
        print(f"{asked.runs} runs with seed {asked.seed}: none breaks it")
        return
    broken = violation(found, design, judging)
    assert broken is not None
    print(found, *broken.__notes__, broken, sep="\n")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
