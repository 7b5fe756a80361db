"""The design holds in every course of events that the model knows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.model.checks import Check
from tests.runtime.model.design import AS_IT_IS
from tests.runtime.model.news import STORY, News, histories
from tests.runtime.model.schedule import Event, Run, Story, Turn, places_where_it_breaks, play, play_with, runs
from tests.runtime.model.world import World
from topics.catalogue import CODED, EVENTS
from topics.headers import VERSION

EVERYTHING = frozenset(Check)
FAULTS = (Event.CRASH, Event.DEATH, Event.PAUSE, Event.EXPIRE)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(runs())
def test_random_histories_under_random_faults(run: Run) -> None:
    play(run, AS_IT_IS, EVERYTHING)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.builds(Story, histories(), histories()), st.sampled_from(Event), st.integers(1, 120))
def test_random_histories_with_one_fault_anywhere(story: Story, fault: Event, step: int) -> None:
    play_with(story, fault, step, AS_IT_IS, EVERYTHING)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_history_with_a_fault_after_every_single_step(fault: Event) -> None:
    broken, tried = places_where_it_breaks(Story(*STORY), fault, AS_IT_IS, EVERYTHING)
    assert broken == []
    assert tried > 100


def test_what_compaction_takes_before_it_is_read_was_never_said() -> None:
    """A limit of the design, not of the model: a revision that no agent has read yet is compacted away once a later
    message of its article is there, though that one is unreadable and dies. What is left in force is the one before."""
    history = [News("a", ("meeting",)), News("a", ("treaty",)), News("a", None, readable=False)]
    world = play(Run(history, 1, [Turn(2, 0, 0, Event.COMPACT)]), AS_IT_IS, EVERYTHING)
    (coded,) = world.committed(CODED)
    assert coded.headers[VERSION] == b"0"


def test_a_paused_worker_that_goes_on_is_fenced_and_starts_again() -> None:
    """The runs above are of worth only if they get where they should: here one is told step by step."""
    world = World(AS_IT_IS, EVERYTHING)
    world.publish(News("a", ("meeting",)))
    world.run_until_quiet()
    world.publish(News("a", None))
    worker, zombie = world.busy()[0]
    while world.step(worker, zombie) != "send":
        pass
    world.assign(zombie.source, 1 - worker)
    world.run_until_quiet()
    assert world.step(worker, zombie) == "lost"
    world.rest()
    assert [row.value for row in world.committed(EVENTS)][-1] is None
