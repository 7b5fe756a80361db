"""Whether the two states give back what they get.

The reciprocity of a weighted link is what flows in both directions over all that flows: 2 min(x, y) / (x + y), 1 where
both give alike and 0 where only one gives (Squartini, Picciolo, Ruzzenenti and Garlaschelli 2013, Reciprocity of
weighted networks, Scientific Reports 3:2729, for a single pair). Reciprocal events count in both directions.
"""

from __future__ import annotations

from msgspec import Struct

from workers.monitoring.measures.scores import DIGITS, ratio
from workers.monitoring.measures.sums import Sums


class Reciprocity(Struct, frozen=True):
    """The two directions side by side; None where neither state did anything of the kind.

    events          of the numbers of events, 0..1
    cooperation     of the sums of Goldstein scores above zero, 0..1
    conflict        of the amounts of those below zero, 0..1
    goldstein_gap   Goldstein mean of A towards B minus that of B towards A, -20..20
    """

    events: float | None
    cooperation: float | None
    conflict: float | None
    goldstein_gap: float | None


def reciprocity(a_to_b: Sums, b_to_a: Sums) -> Reciprocity:
    """How the two directions answer each other."""
    return Reciprocity(
        events=_shared(a_to_b.events, b_to_a.events),
        cooperation=_shared(a_to_b.positive, b_to_a.positive),
        conflict=_shared(a_to_b.negative, b_to_a.negative),
        goldstein_gap=_gap(a_to_b, b_to_a),
    )


def _shared(one: int, other: int) -> float | None:
    return ratio(2 * min(one, other), one + other)


def _gap(one: Sums, other: Sums) -> float | None:
    if not one.events or not other.events:
        return None
    return round(one.goldstein / (10 * one.events) - other.goldstein / (10 * other.events), DIGITS)
