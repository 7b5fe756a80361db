"""A worker with a trap in it, or broken on purpose: python -m tests.chaos.process

    CHAOS_COUNTING  name of the counting agent to run instead of the pipeline
    CHAOS_TRAP      point:action:nth
    CHAOS_MUTANT    one of mutants.MUTANTS

Everything else is the settings of `dyads run`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from tests.chaos.counter import Counting
from tests.chaos.mutants import become
from tests.chaos.points import Action, arm
from workers.cli.run import agents_of
from workers.runtime.lane import Agent
from workers.runtime.settings import Settings
from workers.runtime.worker import run

COUNTING, TRAP, MUTANT = "CHAOS_COUNTING", "CHAOS_TRAP", "CHAOS_MUTANT"


def main() -> None:
    settings = Settings()
    if mutant := os.environ.get(MUTANT):
        become(mutant)
    if trap := os.environ.get(TRAP):
        point, action, nth = trap.split(":")
        arm(point, Action(action), int(nth))
    agents: Sequence[Agent] = [Counting(name)] if (name := os.environ.get(COUNTING)) else agents_of(settings)
    run(settings, agents)


if __name__ == "__main__":
    main()
