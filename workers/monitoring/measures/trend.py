"""A window against the window of the same length that ends the day before it begins."""

from __future__ import annotations

from msgspec import Struct

from workers.monitoring.measures.scores import DIGITS, scores
from workers.monitoring.measures.sums import Sums


class Trend(Struct, frozen=True):
    """Later minus earlier. A difference of means is None where either window has no event.

    `events_before` are the events of the window before.
    """

    events_before: int
    events: int
    mentions: int
    goldstein_mean: float | None
    net_cooperation: float
    intensity_mean: float | None


def trend(now: Sums, before: Sums) -> Trend:
    """What has changed from one window to the next."""
    later, earlier = scores(now), scores(before)
    return Trend(
        events_before=before.events,
        events=now.events - before.events,
        mentions=now.mentions - before.mentions,
        goldstein_mean=_difference(later.goldstein_mean, earlier.goldstein_mean),
        net_cooperation=(now.goldstein - before.goldstein) / 10,
        intensity_mean=_difference(later.intensity_mean, earlier.intensity_mean),
    )


def _difference(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else round(later - earlier, DIGITS)
