"""Where one article is on its way from `articles.raw` to the tables. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from models import Correction, Day, Dyad, Version


class Fate(StrEnum):
    """What has become of an article, in a word."""

    UNKNOWN = "unknown"
    """No topic holds anything of it."""
    WAITING = "waiting"
    """Its last message is received and not handled yet."""
    DEAD = "dead"
    """No revision of it could be handled."""
    WITHDRAWN = "withdrawn"
    """It is taken back, and out of the tables."""
    IN_MOTION = "in motion"
    """It is coded or withdrawn, and the tables do not all say so yet."""
    IN_FORCE = "in force"
    """It is coded, and every event of it counts in the tables."""


class Revision(Struct, frozen=True, kw_only=True):
    """One message of `articles.raw` about the article. At home its offset is the article's version."""

    partition: int
    offset: int
    at: dt.datetime
    bytes: int
    withdraws: bool = False
    redriven: bool = False
    """A dead letter on its way back; its version is that of then."""
    overtaken_by: Version | None = None
    """The next version at home."""


class Coding(Struct, frozen=True, kw_only=True):
    """What `articles.coded` last says of the article."""

    partition: int
    offset: int
    version: Version
    at: dt.datetime
    withdrawn: bool = False
    coder: str | None = None
    language: str | None = None
    entities: int = 0
    events: int = 0
    """Between two states; these make the tables."""
    organization_events: int = 0


class Related(Struct, frozen=True, kw_only=True):
    """What relate keeps of the article: the version it took in last, and the dyads that one speaks of."""

    version: Version
    dyads: tuple[Dyad, ...] = ()
    withdrawn: bool = False


class Counted(Struct, frozen=True, kw_only=True):
    """One event of the article as the relation topics hold it."""

    event: str
    dyad: Dyad
    version: Version
    mention: str
    """Key in relations.mentions."""
    day: Day | None = None
    """The day under which it counts in relations.daily; None where its date is not known to the day."""
    source: str | None = None
    target: str | None = None
    type: str | None = None
    cameo: str | None = None
    status: str | None = None
    mentions: int | None = None
    """Articles that tell the event, by relations.events; None where it has no row there."""
    daily: bool = False
    """Whether relations.daily has the row of dyad and day."""


class DeadRevision(Struct, frozen=True, kw_only=True):
    """A dead letter about the article."""

    place: str
    version: str
    at: dt.datetime
    stage: str
    reason: str
    error: str
    attempt: str


class Trace(Struct, frozen=True, kw_only=True):
    """Everything that the topics say of one article.

    `received` are the messages at home that compaction has left, oldest first; `elsewhere` those in other partitions
    that are not sent home yet. `handled` is the offset at home up to which enrich has come. `missing` are keys that
    relations.mentions does not have yet by the coded article, `left` keys there that it should not have any longer.
    """

    id: str
    home: int
    handled: int
    received: tuple[Revision, ...] = ()
    elsewhere: tuple[Revision, ...] = ()
    coded: Coding | None = None
    related: Related | None = None
    rows: tuple[Counted, ...] = ()
    missing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    dead: tuple[DeadRevision, ...] = ()
    corrections: tuple[Correction, ...] = ()
    """What was taken back of what it told, in the order of versions, as far back as relations.corrections goes."""

    @property
    def fate(self) -> Fate:
        """What has become of the article, in a word."""
        if not (self.received or self.elsewhere or self.coded or self.related or self.rows or self.dead):
            return Fate.UNKNOWN
        if self.elsewhere or any(revision.offset > self.handled for revision in self.received):
            return Fate.WAITING
        if self.coded is None:
            # A tombstone of articles.coded is compacted away in the end; relate's row stays.
            if self.rows:
                return Fate.IN_MOTION
            return Fate.DEAD if self.dead else Fate.WITHDRAWN
        if self.missing or self.left or self.related is None or self.related.version < self.coded.version:
            return Fate.IN_MOTION
        return Fate.WITHDRAWN if self.coded.withdrawn else Fate.IN_FORCE


def with_overtaken(revisions: list[Revision]) -> tuple[Revision, ...]:
    """Messages at home, in order, each with the version that overtook it."""
    made: list[Revision] = []
    newer: Version | None = None
    for revision in reversed(revisions):
        if revision.redriven:
            made.append(revision)
            continue
        made.append(replace(revision, overtaken_by=newer))
        newer = Version(revision.offset)
    return tuple(reversed(made))
