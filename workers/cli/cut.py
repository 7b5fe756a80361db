"""What `dyads audit` reads: everything the topics hold, reduced to what the comparison needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from models import CodedArticle, DailyRelation, InvalidValue, Mention, RawArticle, RelationEvent, Version
from topics.catalogue import CODED, DAILY, EVENTS, MENTIONS, RAW, Topic
from topics.codec import Undecodable, decode
from topics.headers import MOVED, ORIGIN, VERSION
from topics.message import Message
from topics.partition import home_partition
from topics.reader import Reader
from workers.aggregation import fold
from workers.aggregation.audit import Difference, Revision, compare, compare_articles
from workers.aggregation.identity import check_events
from workers.monitoring.read import living_letters

R = TypeVar("R", bound=msgspec.Struct)


class Unreadable(msgspec.Struct, frozen=True):
    """Stands for a published row that is no record of its topic."""

    unreadable: str


class Findings(msgspec.Struct, frozen=True):
    """The differences at one cut, and how much was compared."""

    differences: list[Difference]
    articles: int
    dead: int
    events: int
    mentions: int
    days: int

    @property
    def summary(self) -> str:
        """How much was compared, in a line."""
        return (
            f"compared {self.articles} articles in force, {self.dead} dead letters, {self.events} events, "
            f"{self.mentions} mentions, {self.days} dyad days"
        )


async def examine(reader: Reader, partitions: int) -> Findings:
    """Read the topics and compare; `partitions` is how many articles.raw has. Raises what `Reader` raises.

    The topics are not read at one instant, so under load there are differences that are gone at the next cut.
    """
    letters = await living_letters(reader, lambda letter: letter)
    raw, strays = await _raw(
        reader, partitions, {m.headers.get(ORIGIN, b"").decode("utf-8", "replace") for m in letters}
    )
    revisions, in_force, broken = await _coded(reader)
    tables = fold.fold(in_force)
    daily, events, mentions = (
        await _rows(reader, DAILY, DailyRelation),
        await _rows(reader, EVENTS, RelationEvent),
        await _rows(reader, MENTIONS, Mention),
    )
    return Findings(
        differences=[
            *strays,
            *compare_articles(raw, revisions, _dead_versions(letters)),
            *broken,
            *compare(DAILY, tables.daily, daily),
            *compare(EVENTS, tables.events, events),
            *compare(MENTIONS, tables.mentions, mentions),
        ],
        articles=len(in_force),
        dead=len(letters),
        events=len(events),
        mentions=len(mentions),
        days=len(daily),
    )


async def _raw(reader: Reader, partitions: int, dead: set[str]) -> tuple[dict[str, Revision], list[Difference]]:
    """The last revision of each article in its home partition, and the messages that never came there.

    A message elsewhere, or without a readable key, must be dead or have been forwarded: its article is then at home.
    """
    home: dict[str, Revision] = {}
    elsewhere: dict[tuple[int, bytes | int], tuple[str | None, str]] = {}
    async for message in reader.read(RAW):
        article = _article_id(message)
        if article is not None and message.key is not None and message.partition == home_partition(article, partitions):
            home[article] = Revision(version=Version(message.offset), withdrawn=message.value is None)
        elif message.value is None and MOVED in message.headers:
            elsewhere.pop((message.partition, message.key or b""), None)
        else:
            place = f"{message.partition}:{message.offset}"
            # Of several under one key compaction leaves the last, so only that one can be asked about.
            key = message.offset if message.key is None else message.key
            elsewhere[message.partition, key] = (article, place)
    return home, [
        Difference(
            topic=RAW.name,
            key=f"message {place}",
            field="",
            expected="a revision at home or a dead letter",
            actual=None,
        )
        for article, place in elsewhere.values()
        if f"{RAW.name}:{place}" not in dead and article not in home
    ]


def _article_id(message: Message) -> str | None:
    """The article a raw message is about, as far as it can be told: by its key, else by its record."""
    try:
        if message.key is not None:
            return message.key.decode()
        return None if message.value is None else decode(RawArticle, message.value).id
    except (UnicodeDecodeError, Undecodable):
        return None


def _dead_versions(letters: list[Message]) -> dict[str, set[int]]:
    versions: dict[str, set[int]] = {}
    for letter in letters:
        version = letter.headers.get(VERSION, b"")
        if (
            letter.key is not None
            and letter.headers.get(ORIGIN, b"").startswith(b"articles.raw:")
            and version.isdigit()
        ):
            versions.setdefault(letter.key.decode("utf-8", "replace"), set()).add(int(version))
    return versions


async def _coded(reader: Reader) -> tuple[dict[str, Revision], list[CodedArticle], list[Difference]]:
    """The last coded revisions with their graves, the articles in force, and those that do not hold together."""
    revisions: dict[str, Revision] = {}
    in_force: list[CodedArticle] = []
    broken: list[Difference] = []
    for key, message in (await reader.latest(CODED, tombstones=True)).items():
        name = key.decode("utf-8", "replace")
        try:
            revisions[name] = Revision(
                version=Version.parse(message.headers.get(VERSION, b"")), withdrawn=message.value is None
            )
            if message.value is not None:
                article = decode(CodedArticle, message.value)
                check_events(article.events)
                in_force.append(article)
        except (Undecodable, InvalidValue) as error:
            broken.append(
                Difference(topic=CODED.name, key=name, field="record", expected="a sound article", actual=str(error))
            )
    return revisions, in_force, broken


async def _rows(reader: Reader, topic: Topic, kind: type[R]) -> dict[bytes, msgspec.Struct]:
    def rows(messages: dict[bytes, Message]) -> Iterator[tuple[bytes, msgspec.Struct]]:
        for key, message in messages.items():
            try:
                yield key, decode(kind, message.value or b"")
            except Undecodable as error:
                yield key, Unreadable(str(error))

    return dict(rows(await reader.latest(topic)))
