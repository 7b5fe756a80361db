"""The design broken on purpose, and the model notices: each fault tells in `design.py` how it goes wrong."""

from __future__ import annotations

import pytest

from tests.runtime.model.checks import Check
from tests.runtime.model.design import AS_IT_IS, Design, Fault
from tests.runtime.model.news import STORY
from tests.runtime.model.schedule import Event, Story, places_where_it_breaks, play_with
from tests.runtime.model.search import counterexample, violation

EVERYTHING = frozenset(Check)
TRIES = 2_000
"""Runs within which each is found; docs/guarantees.md has how many it took."""

MUTANTS = [
    pytest.param({Fault.NO_FENCING}, Check.AUDIT, id="no fencing"),
    pytest.param({Fault.ACK_BEFORE_COMMIT}, Check.ACKED, id="ack before commit"),
    pytest.param({Fault.ACK_BEFORE_COMMIT, Fault.TRUST_ACKS}, Check.AUDIT, id="ack before commit, and acks trusted"),
    pytest.param({Fault.TRUST_ACKS}, Check.AUDIT, id="acks trusted, though the stream gives some by itself"),
    pytest.param({Fault.STORE_BEFORE_COMMIT}, Check.AUDIT, id="store before commit"),
    pytest.param({Fault.APPLIED_FIRST}, Check.AUDIT, id="@applied outside the transaction, before it"),
    pytest.param({Fault.APPLIED_LAST}, Check.AUDIT, id="@applied outside the transaction, after it"),
    pytest.param({Fault.UNCOMMITTED}, Check.AUDIT, id="readers uncommitted"),
    pytest.param({Fault.GUARD_PER_ROW}, Check.AUDIT, id="a guard per row instead of a transaction"),
]


@pytest.mark.parametrize(("design", "check"), MUTANTS)
def test_a_mutant_is_caught(design: Design, check: Check) -> None:
    """A run is found in which the promise does not hold, and in the very same run the design as it is holds."""
    run = counterexample(design, {check}, tries=TRIES)
    assert run is not None
    assert violation(run, AS_IT_IS, EVERYTHING) is None


@pytest.mark.parametrize("design", [pytest.param(mutant.values[0], id=mutant.id) for mutant in MUTANTS])
def test_without_faults_a_mutant_does_as_well_as_the_design(design: Design) -> None:
    """So what is caught above is what a fault does to it, and not a model that is wrong in itself."""
    play_with(Story(*STORY), Event.NOTHING, 1, design, {Check.AUDIT})


@pytest.mark.parametrize(
    ("design", "fault"),
    [
        ({Fault.NO_FENCING}, Event.PAUSE),
        ({Fault.STORE_BEFORE_COMMIT}, Event.CRASH),
        ({Fault.APPLIED_FIRST}, Event.CRASH),
        ({Fault.APPLIED_LAST}, Event.DEATH),
        ({Fault.UNCOMMITTED}, Event.DEATH),
        ({Fault.GUARD_PER_ROW}, Event.CRASH),
    ],
)
def test_one_fault_at_the_right_place_is_enough(design: Design, fault: Event) -> None:
    broken, tried = places_where_it_breaks(Story(*STORY), fault, design, {Check.AUDIT})
    assert 0 < len(broken) < tried


def test_acks_before_the_commit_cost_no_row_as_long_as_nobody_trusts_them() -> None:
    """`@applied` decides where to read on (docs/adr/0003-positions.md): the second line holds without the first."""
    assert counterexample({Fault.ACK_BEFORE_COMMIT}, {Check.AUDIT}, tries=300) is None
