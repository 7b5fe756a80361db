"""Every topic of the project: what travels on it, how it is keyed, how long it is kept, and who writes it.

The catalogue is the only place that knows a topic's name. `dyads topics create` makes a broker match it and
`dyads topics check` says where one does not.

The topics here are those of generation 1. A later generation (docs/adr/0019-replay.md) has the same ones under names
of its own, `Topic.of`, and shares none but `articles.raw`. Handlers name the topics here; whoever meets the broker
knows its generation.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from models import (
    Alert,
    CodedArticle,
    Contribution,
    Correction,
    DailyRelation,
    Generation,
    Mention,
    RawArticle,
    RelationEvent,
)
from topics.headers import ATTEMPT, CUT, ERROR, KEY, MOVED, NULL, ORIGIN, REASON, STAGE, TIMESTAMP, VERSION

DAY_MS = 24 * 60 * 60 * 1000
WEEK_MS = 7 * DAY_MS

FORGET_MS = DAY_MS
"""Within this time a segment ends and what is superseded or withdrawn in it is compacted away. docs/operators.md adds
up what follows from it for a withdrawn article."""

DEFAULT_PARTITIONS = 4
"""Partitions of every topic unless set otherwise; the most workers that can share the work."""

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""A coded article carries evidence and entities, so it can be several times as long as its text."""

HEADROOM_BYTES = 64 * 1024
"""Bytes of a message beside its value: key, headers, framing. A dead letter has the value of any message, and more."""


FIRST_GENERATION = 1
"""Current wherever nobody has ever replayed; its topics have the plain names."""


class Cleanup(StrEnum):
    """What the broker forgets."""

    COMPACT = "compact"
    """All but the last value of each key."""
    DELETE = "delete"
    """What is older than the retention."""
    BOTH = "compact,delete"
    """Either."""

    @property
    def compacts(self) -> bool:
        """Whether a later value of a key, or null, makes the broker forget the earlier ones."""
        return self is not Cleanup.DELETE

    @property
    def expires(self) -> bool:
        """Whether the broker forgets by age."""
        return self is not Cleanup.COMPACT


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic. `retention_ms` is for `delete` (-1: for ever); `key` and `purpose` are for people.

    `keeps_time`: messages keep the timestamps that they are sent with; else the broker's clock stamps them.
    `shared` is one that all generations have in common. `headers` are those that its messages may have beside `schema`
    and `traceparent`, as the workers write them. `table`: each message is a row as it now is; of several that one
    transaction gives a key, only the last is published.
    """

    name: str
    key: str
    record: type[msgspec.Struct] | None
    cleanup: Cleanup
    writer: str
    purpose: str
    retention_ms: int = -1
    max_message_bytes: int = MAX_MESSAGE_BYTES
    keeps_time: bool = False
    shared: bool = False
    headers: tuple[str, ...] = ()
    table: bool = False

    def of(self, generation: int) -> Topic:
        """The same topic of a generation, given that of generation 1."""
        if self.shared or generation == FIRST_GENERATION:
            return self
        return replace(self, name=f"{self.name}.g{generation}")

    def config(self) -> dict[str, str]:
        """The topic's settings at the broker."""
        settings = {
            "cleanup.policy": self.cleanup.value,
            "max.message.bytes": str(self.max_message_bytes),
            # Else a worker whose clock is wrong has what it writes expire at once or never, or be refused.
            "message.timestamp.type": "CreateTime" if self.keeps_time else "LogAppendTime",
            # Apache Kafka neither compacts nor expires the segment that it writes to, and would write to it for a week.
            "segment.ms": str(FORGET_MS),
        }
        if self.cleanup.compacts:
            # Else nothing is compacted before half of the partition is dirty: for a big one, not for years.
            settings["max.compaction.lag.ms"] = str(FORGET_MS)
            # A reader away for longer than this may miss a tombstone: it rebuilds instead of resuming.
            settings["delete.retention.ms"] = str(WEEK_MS)
        if self.cleanup.expires:
            settings["retention.ms"] = str(self.retention_ms)
        return settings


_LETTERS = (ATTEMPT, NULL, ORIGIN, TIMESTAMP, VERSION)
"""Headers of dead letters, and of those on their way back into a topic that an agent reads."""
_SOURCE = (*_LETTERS, MOVED)

RAW = Topic(
    name="articles.raw",
    key="article id",
    record=RawArticle,
    cleanup=Cleanup.COMPACT,
    writer="producers",
    keeps_time=True,
    purpose="articles as published; null withdraws; kept, since re-coding needs the texts",
    shared=True,
    headers=_SOURCE,
)
CODED = Topic(
    name="articles.coded",
    key="article id",
    record=CodedArticle,
    cleanup=Cleanup.COMPACT,
    writer="enrich",
    purpose="entities and events of each article's last revision; null when withdrawn, its version in a header",
    headers=_SOURCE,
)
DEAD = Topic(
    name="articles.dead",
    key="as received by enrich; else agent and subject",
    record=None,
    cleanup=Cleanup.BOTH,
    retention_ms=365 * DAY_MS,
    max_message_bytes=MAX_MESSAGE_BYTES + HEADROOM_BYTES,
    writer="every agent",
    purpose="messages that could not be handled, the bytes as received; headers say why and where they came from; "
    "null when one is handled after all, or overtaken",
    headers=(*_LETTERS, CUT, ERROR, KEY, REASON, STAGE),
)
CONTRIBUTIONS = Topic(
    name="relations.contributions",
    key="dyad",
    record=Contribution,
    cleanup=Cleanup.DELETE,
    retention_ms=WEEK_MS,
    writer="relate",
    purpose="what one revision of one article says of one dyad; no events takes back what was said",
    headers=_SOURCE,
)
DAILY = Topic(
    name="relations.daily",
    key="dyad|day",
    record=DailyRelation,
    cleanup=Cleanup.COMPACT,
    writer="aggregate",
    purpose="the relations table: the full row after each change; null when empty",
    table=True,
)
EVENTS = Topic(
    name="relations.events",
    key="event id",
    record=RelationEvent,
    cleanup=Cleanup.COMPACT,
    writer="aggregate",
    purpose="events joined over outlets, with counters; null when no article supports one any longer",
    table=True,
)
MENTIONS = Topic(
    name="relations.mentions",
    key="event id|article id",
    record=Mention,
    cleanup=Cleanup.COMPACT,
    writer="aggregate",
    purpose="who tells an event, with the evidence sentence and its trigger; null when gone",
    table=True,
)
CORRECTIONS = Topic(
    name="relations.corrections",
    key="dyad",
    record=Correction,
    cleanup=Cleanup.DELETE,
    retention_ms=365 * DAY_MS,
    writer="aggregate",
    purpose="what a revision or a withdrawal took back or changed of what an article had told, as it happened",
    headers=(ORIGIN,),
)

ALERTS = Topic(
    name="relations.alerts",
    key="alert id",
    record=Alert,
    cleanup=Cleanup.COMPACT,
    writer="dyads alerts",
    purpose="what the rules make of the tables, while `dyads alerts` runs; null when the rows say so no longer",
)


TEXTS = (RAW, CODED, DEAD, CONTRIBUTIONS, MENTIONS)
"""Topics that hold what articles say, in full or as evidence; no other does. docs/operators.md, Withdrawal."""


def state_topic(agent: str) -> Topic:
    """An agent's own rows: one partition for each of its source, so that they change hands together."""
    return Topic(
        name=f"{agent}.state",
        key="row key",
        record=None,
        cleanup=Cleanup.COMPACT,
        writer=agent,
        purpose=f"the rows of {agent}, and how far it has come (@applied)",
    )


SOURCES = {"enrich": RAW, "relate": CODED, "aggregate": CONTRIBUTIONS}
"""What each agent reads; its state topic has one partition for each of its source."""
AGENTS = tuple(SOURCES)
CATALOGUE: tuple[Topic, ...] = (
    RAW,
    CODED,
    DEAD,
    CONTRIBUTIONS,
    DAILY,
    EVENTS,
    MENTIONS,
    CORRECTIONS,
    ALERTS,
    *(state_topic(agent) for agent in AGENTS),
)

GENERATIONS = Topic(
    name="generations",
    key="number",
    record=Generation,
    cleanup=Cleanup.COMPACT,
    writer="dyads replay",
    purpose="which generations there are, and which is current; one partition; missing where nobody has replayed",
    shared=True,
)


PUBLIC = tuple(topic for topic in (*CATALOGUE, GENERATIONS) if not topic.name.endswith(".state"))
"""Topics that others than the workers write or read: what docs/contract speaks of."""


def catalogue(*generations: int) -> tuple[Topic, ...]:
    """The topics of these generations, the shared ones once."""
    return tuple(dict.fromkeys(topic.of(generation) for generation in generations for topic in CATALOGUE))
