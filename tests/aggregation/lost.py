"""What should have been corrected, from the contributions alone; and what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from models import Contribution, Correction, Dyad, Version
from topics.codec import decode
from topics.message import Message

Lost = tuple[Dyad, str, Version, str, str]
"""Dyad, article, the version that corrects, and the event and outlet that were told until then."""


def lost(contributions: Iterable[Message]) -> Counter[Lost]:
    """What an article told of a dyad and, by its next contribution, did not tell any longer. The messages of each dyad
    in their order."""
    said: dict[tuple[Dyad, str], tuple[Version, set[tuple[str, str]]]] = {}
    found: Counter[Lost] = Counter()
    for message in contributions:
        now = decode(Contribution, message.value or b"")
        version, before = said.get((now.dyad, now.article), (Version(-1), set()))
        if now.version > version:
            after = {(event.id, now.source or "") for event in now.events}
            said[now.dyad, now.article] = now.version, after
            found.update((now.dyad, now.article, now.version, *telling) for telling in before - after)
    return found


def corrected(corrections: Iterable[Message]) -> Counter[Lost]:
    """What messages of `relations.corrections` take back."""
    told = (decode(Correction, message.value or b"") for message in corrections)
    return Counter((c.dyad, c.article, c.version, c.before.event.id, c.before.outlet or "") for c in told)
