"""Courses of events: random ones, and every single place for one fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

from hypothesis import strategies as st

from tests.runtime.model.checks import Check, Violation
from tests.runtime.model.design import Design
from tests.runtime.model.holder import Holder
from tests.runtime.model.news import News, histories
from tests.runtime.model.world import WORKERS, World


class Event(Enum):
    """What may happen after a step."""

    NOTHING = auto()
    CRASH = auto()
    """The worker that has just moved dies, and starts again at once."""
    DEATH = auto()
    """It dies, and another worker takes over what it was at."""
    PAUSE = auto()
    """It is paused; another takes over what it was at, and it knows nothing of it when it goes on."""
    LEARN = auto()
    """It hears what it is to hold."""
    EXPIRE = auto()
    """The broker loses patience with its open transaction."""
    DROP = auto()
    """The stream loses the next message of the task that has just moved."""
    REWIND = auto()
    """The stream brings some messages again."""
    COMPACT = auto()
    WEEK = auto()
    MARK = auto()
    """The broker writes the next marker."""


class Turn(NamedTuple):
    """Some messages are published, one of the busy tasks makes some steps, then something happens."""

    publish: int
    who: int
    steps: int
    then: Event


class Run(NamedTuple):
    """A history and a course of events. The first messages are through before anything happens."""

    history: Sequence[News]
    settled: int
    turns: Sequence[Turn]


def runs() -> st.SearchStrategy[Run]:
    """Random runs."""
    turns = st.builds(
        Turn,
        publish=st.integers(0, 2),
        who=st.integers(0, 11),
        steps=st.integers(0, 16),
        then=st.sampled_from([*Event, Event.CRASH, Event.DEATH, Event.PAUSE, Event.PAUSE]),
    )
    return st.builds(
        Run, history=histories(), settled=st.integers(0, 3), turns=st.lists(turns, min_size=3, max_size=20)
    )


def play(run: Run, design: Design, judging: Set[Check]) -> World:
    """Let a run happen, to the end. Raises `Violation`."""
    with _told(World(design, judging)) as world:
        return _play(run, world)


def _play(run: Run, world: World) -> World:
    waiting = list(run.history)
    for _ in range(min(run.settled, len(waiting))):
        world.publish(waiting.pop(0))
    world.run_until_quiet()
    for turn in run.turns:
        for _ in range(min(turn.publish, len(waiting))):
            world.publish(waiting.pop(0))
        _take(world, turn)
    for news in waiting:
        world.publish(news)
    world.rest()
    return world


@contextmanager
def _told(world: World) -> Iterator[World]:
    """A violation tells every step that led to it."""
    try:
        yield world
    except Violation as violation:
        violation.add_note("\n".join(world.done))
        raise


def _take(world: World, turn: Turn) -> None:
    busy = world.busy()
    if not busy:
        world.broker.mark()
        return
    worker, holder = busy[turn.who % len(busy)]
    for _ in range(turn.steps):
        if not world.holds(worker, holder) or not holder.has_work():
            break
        world.step(worker, holder)
    happen(world, turn.then, worker, holder)


def happen(world: World, event: Event, worker: int, holder: Holder) -> None:
    """Something happens to a worker or its task that has just moved."""
    other = (worker + 1) % WORKERS
    match event:
        case Event.CRASH:
            world.crash(worker)
            world.learn(worker)
        case Event.DEATH:
            world.crash(worker)
            world.assign(holder.source, other)
        case Event.PAUSE:
            world.assign(holder.source, other)
        case Event.LEARN:
            world.learn(worker)
        case Event.EXPIRE:
            world.broker.expire(holder.source)
        case Event.DROP:
            holder.drop()
        case Event.REWIND:
            holder.rewind(3)
        case Event.COMPACT:
            world.compact()
        case Event.WEEK:
            world.week()
        case Event.MARK:
            world.broker.mark()
        case Event.NOTHING:
            pass


class Story(NamedTuple):
    """A short history in two halves, between which something happens."""

    before: Sequence[News]
    after: Sequence[News]


def play_with(story: Story, event: Event, step: int, design: Design, judging: Set[Check]) -> None:
    """The first half of a story is worked on, and after so many steps, or at its end, something happens. The others go
    on without whom it happened to, with the second half; then he wakes up. Raises `Violation`."""
    with _told(World(design, judging)) as world:
        _begin(world, story)
        for worker, holder in islice(_steps(world), step):
            last = worker, holder
        happen(world, event, *last)
        for news in story.after:
            world.publish(news)
        world.run_until_quiet()
        world.rest()


def places_where_it_breaks(story: Story, event: Event, design: Design, judging: Set[Check]) -> tuple[list[int], int]:
    """After which steps of the first half an event brings about a violation, and how many there are; all are tried."""
    world = World(design, frozenset())
    _begin(world, story)
    steps = sum(1 for _ in _steps(world))
    broken = []
    for step in range(1, steps + 1):
        try:
            play_with(story, event, step, design, judging)
        except Violation:
            broken.append(step)
    return broken, steps


def _begin(world: World, story: Story) -> None:
    for news in story.before:
        world.publish(news)


def _steps(world: World) -> Iterator[tuple[int, Holder]]:
    """Work on what there is, one task after the other."""
    while world.broker.mark() or world.busy():
        for worker, holder in world.busy()[:1]:
            world.step(worker, holder)
            yield worker, holder
