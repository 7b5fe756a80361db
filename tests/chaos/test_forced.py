"""Every point of the write path, forced; and the same traps in workers broken on purpose, which must be seen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chaos.forced import Case, forced
from tests.chaos.mutants import MUTANTS
from tests.chaos.points import POINTS, Action

pytestmark = pytest.mark.chaos

SOUND = [Case(point, action) for point, (_, actions) in POINTS.items() for action in actions]
BROKEN = [Case(point, Action(action), mutant=mutant) for mutant, (_, point, action) in MUTANTS.items()]
AT_ONCE = 6
"""Cases that run side by side: most of their time is spent waiting for sessions to end."""

Outcomes = dict[str, list[str] | BaseException]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, broker_address: str, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What is wrong after each of the chosen cases, run side by side."""
    chosen = [item.callspec.params["case"] for item in request.session.items if item.module is request.module]
    return asyncio.run(_outcomes(chosen, broker_address, tmp_path_factory.mktemp("forced")))


async def _outcomes(cases: list[Case], broker: str, directory: Path) -> Outcomes:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> list[str]:
        async with room:
            folder = directory / case.name
            folder.mkdir()
            return await forced(broker, case, folder)

    found = await asyncio.gather(*map(one, cases), return_exceptions=True)
    return {case.name: outcome for case, outcome in zip(cases, found, strict=True)}


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_nothing_is_lost_or_doubled(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case.name]
    if isinstance(outcome, BaseException):
        raise outcome
    assert outcome == []


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_write_path_is_caught(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case.name]
    if isinstance(outcome, BaseException):
        raise outcome
    assert outcome != []
