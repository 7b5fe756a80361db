"""What is added up of events, in whole numbers, so that no rounding piles up whatever the order."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct


class Direction(IntEnum):
    """Who acted, of a dyad A-B."""

    BOTH = 0
    """A reciprocal event, as a meeting or a treaty: it counts in both directions and once together."""
    A_TO_B = 1
    B_TO_A = 2

    @property
    def other(self) -> Direction:
        """The direction that it is when A and B change places."""
        return (Direction.BOTH, Direction.B_TO_A, Direction.A_TO_B)[self]


class Sums(Struct, frozen=True):
    """Sums over joined events that happened. Scores are in tenths, as the tables add them up.

    `positive` is the sum of Goldstein scores above zero, `negative` of the amounts of those below; `weighted` is the
    sum of Goldstein score times mentions.
    """

    events: int = 0
    mentions: int = 0
    positive: int = 0
    negative: int = 0
    intensity: int = 0
    weighted: int = 0

    @property
    def goldstein(self) -> int:
        """The sum of Goldstein scores, in tenths."""
        return self.positive - self.negative

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.events + other.events,
            self.mentions + other.mentions,
            self.positive + other.positive,
            self.negative + other.negative,
            self.intensity + other.intensity,
            self.weighted + other.weighted,
        )

    @classmethod
    def of(cls, goldstein: int, intensity: int, mentions: int) -> Sums:
        """The sums of one event, its scores given in tenths."""
        return cls(1, mentions, max(0, goldstein), max(0, -goldstein), intensity, goldstein * mentions)


NOTHING = Sums()


def total(parts: Iterable[Sums]) -> Sums:
    """All of them added up."""
    return sum(parts, NOTHING)
