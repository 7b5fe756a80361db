"""What a newer revision takes back of what an article told, and what it tells in its place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from models import Contribution, Correction, RelationEvent, Told, Why
from workers.aggregation.rows import ContributionRow


def corrections(
    known: ContributionRow,
    contribution: Contribution,
    left: Sequence[RelationEvent],
    joined: Sequence[RelationEvent],
    now: Callable[[RelationEvent], RelationEvent],
) -> Iterator[Correction]:
    """The corrections that a contribution comes to, in the order of `left`.

    `known` is what the article said before; `left` are the events that it told by its outlet of then and does not tell
    by that of now, `joined` those that it tells now and did not. `now` gives an event its counters of after.
    """
    instead = _instead(left, joined)
    why = _why(known, contribution)
    for event in left:
        after = instead.get(event.id)
        yield Correction(
            dyad=contribution.dyad,
            article=contribution.article,
            version=contribution.version,
            why=why,
            before=Told(version=known.version, event=now(event), outlet=known.outlet or None, coder=known.coder),
            after=_told_now(contribution, now(after)) if after else None,
        )


def _told_now(contribution: Contribution, event: RelationEvent) -> Told:
    outlet, coder = contribution.source or None, contribution.coder
    return Told(version=contribution.version, event=event, outlet=outlet, coder=coder)


def _why(known: ContributionRow, contribution: Contribution) -> Why:
    if contribution.withdrawn:
        return Why.WITHDRAWAL
    is_another = known.coder is not None and contribution.coder is not None and known.coder != contribution.coder
    return Why.RECODING if is_another else Why.REVISION


def _direction(event: RelationEvent) -> Hashable:
    return event.source, event.target, event.reciprocal


def _act(event: RelationEvent) -> Hashable:
    return event.type, event.cameo


_ALIKE: tuple[Callable[[RelationEvent], Hashable], ...] = (
    lambda event: event.id,
    lambda event: (_direction(event), _act(event), event.date),
    lambda event: (_direction(event), _act(event), event.status),
    lambda event: (_direction(event), event.date, event.status),
    lambda event: (_act(event), event.date, event.status),
)
"""What two events have in common of which one was told in place of the other, the closest first: all; all but the
status, but the date, but what was done, but the direction."""


def _instead(left: Sequence[RelationEvent], joined: Sequence[RelationEvent]) -> dict[str, RelationEvent]:
    """Which event was told in place of which, by the id of that: each of `joined` at most once."""
    instead: dict[str, RelationEvent] = {}
    free = list(joined)
    for alike in _ALIKE:
        for event in left:
            if event.id not in instead and (found := next((e for e in free if alike(e) == alike(event)), None)):
                instead[event.id] = found
                free.remove(found)
    return instead
