"""What the tables take back: each time an article no longer says what it said, one record tells what and why."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from models.articles import ArticleId
from models.relations import RelationEvent
from models.values import Dyad, Version


class Why(StrEnum):
    """What made an article say something else."""

    REVISION = "revision"
    """It was published again."""
    RECODING = "recoding"
    """It was published again, and another coder than before read it: the difference may be the coder's."""
    WITHDRAWAL = "withdrawal"
    """It was withdrawn."""


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as one revision of an article told it.

    `event` has the counters of `relations.events` from after the correction: 0 mentions where its row is gone.
    """

    version: Version
    event: RelationEvent
    outlet: str | None = None
    coder: str | None = None


class Correction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event that an article told of a dyad and no longer tells, or tells otherwise.

    `version` is of the revision or withdrawal that corrects, an offset in `articles.raw` as every version is.
    `before` is what was told. `after` is what the article tells in its place: the same event by another outlet, or one
    that differs in a single thing (`status`, `date`, what was done, or the direction). Without it, it is taken back.

    The same dyad, article, version and `before.event.id` are the same correction.
    """

    dyad: Dyad
    article: ArticleId
    version: Version
    why: Why
    before: Told
    after: Told | None = None
