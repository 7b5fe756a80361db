"""A scope over a dict, and the two agents joined by it: what the handlers do without a broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from prometheus_client import Counter

from models import CodedArticle, Correction, DailyRelation, Mention, RelationEvent
from topics import headers
from topics.catalogue import CODED, CONTRIBUTIONS, CORRECTIONS, DAILY, EVENTS, MENTIONS, Topic
from topics.codec import decode, encode
from workers.aggregation.aggregate import aggregate
from workers.aggregation.fold import Tables
from workers.aggregation.relate import relate
from workers.runtime.handler import Message


class Published(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes | None


class MemoryScope:
    """The rows of one partition in a dict, and every message published, in order."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.published: list[Published] = []

    def get(self, key: bytes) -> bytes | None:
        return self.rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value

    def publish(
        self,
        topic: Topic,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int] | None = None,
        *,
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        self.published.append(Published(topic.name, key, value))

    def count(self, counter: Counter) -> None: ...

    def last(self, topic: Topic) -> dict[bytes, bytes]:
        """What a compacted topic holds: the last value of each key, without tombstones."""
        found: dict[bytes, bytes] = {}
        for name, key, value in self.published:
            if name == topic.name and key is not None:
                found.pop(key, None)
                if value is not None:
                    found[key] = value
        return found


def corrections_in(sent: Iterable[Published]) -> list[Correction]:
    """The corrections among what was published, in order."""
    return [decode(Correction, value) for topic, _, value in sent if topic == CORRECTIONS.name and value is not None]


def coded_message(article_id: str, version: int, article: CodedArticle | None) -> Message:
    """A message of articles.coded as enrich publishes it."""
    return Message(
        topic=CODED.name,
        partition=0,
        offset=0,
        timestamp=0,
        key=article_id.encode(),
        value=encode(article) if article else None,
        headers={headers.VERSION: str(version).encode()},
    )


def contribution_message(key: bytes | None, value: bytes | None) -> Message:
    """A message of relations.contributions as relate publishes it."""
    return Message(topic=CONTRIBUTIONS.name, partition=0, offset=0, timestamp=0, key=key, value=value, headers={})


class Agents:
    """relate and aggregate one behind the other, each with rows of its own."""

    def __init__(self) -> None:
        self.relate_scope = MemoryScope()
        self.scope = MemoryScope()

    def relate(self, article_id: str, version: int, article: CodedArticle | None) -> list[Message]:
        """The contributions that one revision gives rise to."""
        before = len(self.relate_scope.published)
        relate(coded_message(article_id, version, article), self.relate_scope)
        return [contribution_message(sent.key, sent.value) for sent in self.relate_scope.published[before:]]

    def aggregate(self, contributions: Iterable[Message]) -> list[Published]:
        """What these contributions make aggregate publish."""
        before = len(self.scope.published)
        for contribution in contributions:
            aggregate(contribution, self.scope)
        return self.scope.published[before:]

    def publish(self, article: CodedArticle) -> list[Published]:
        """One revision all the way through."""
        return self.aggregate(self.relate(article.id, article.version, article))

    def withdraw(self, article_id: str, version: int) -> list[Published]:
        """One withdrawal all the way through."""
        return self.aggregate(self.relate(article_id, version, None))

    @property
    def tables(self) -> Tables:
        """The published tables as a reader of the compacted topics has them."""
        return Tables(
            daily={key: decode(DailyRelation, value) for key, value in self.scope.last(DAILY).items()},
            events={key: decode(RelationEvent, value) for key, value in self.scope.last(EVENTS).items()},
            mentions={key: decode(Mention, value) for key, value in self.scope.last(MENTIONS).items()},
        )
