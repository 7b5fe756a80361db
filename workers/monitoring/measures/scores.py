"""Means, net cooperation and intensity of a set of events."""

from __future__ import annotations

from msgspec import Struct

from workers.monitoring.measures.sums import Sums

DIGITS = 4
"""Decimals of a mean or a ratio."""


class Scores(Struct, frozen=True):
    """What sums of events come to. A mean or ratio without anything to divide by is None.

    goldstein_mean     sum of Goldstein scores / events, -10..10
    mention_weighted_mean  the same with each event counted as often as articles mention it
    cooperation        C, the sum of Goldstein scores above zero
    conflict           F, the sum of the amounts of those below
    net_cooperation    C - F
    net_cooperation_normalised  (C - F) / (C + F), -1..1; None where all scores are 0
    intensity_mean     sum of PLOVER scores / events, -10..10
    """

    goldstein_mean: float | None
    mention_weighted_mean: float | None
    cooperation: float
    conflict: float
    net_cooperation: float
    net_cooperation_normalised: float | None
    intensity_mean: float | None


def scores(sums: Sums) -> Scores:
    """The scores of these sums."""
    return Scores(
        goldstein_mean=ratio(sums.goldstein, 10 * sums.events),
        mention_weighted_mean=ratio(sums.weighted, 10 * sums.mentions),
        cooperation=sums.positive / 10,
        conflict=sums.negative / 10,
        net_cooperation=sums.goldstein / 10,
        net_cooperation_normalised=ratio(sums.goldstein, sums.positive + sums.negative),
        intensity_mean=ratio(sums.intensity, 10 * sums.events),
    )


def ratio(part: float, whole: float) -> float | None:
    """One number by another, to so many digits; None by nothing."""
    return round(part / whole, DIGITS) if whole else None
