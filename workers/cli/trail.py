"""What `dyads trace` reads: of every topic, what concerns one article, and no more.

Topics are read committed and streamed; kept is only what is about the article. Where its messages can lie decides what
is read:

- `articles.raw`: its home partition from the start. In the others only what enrich has not handled: everything before
  was sent home or is dead, and then `articles.dead` has it.
- `articles.coded` and relate's rows: the partition that the id hashes to.
- `articles.dead` and `relations.mentions`: all of them. A letter lies in the partition that its message came to, and a
  mention's key begins with the event's, of which an overtaken revision may have had others.
- `relations.corrections`: all of it, since what is taken back is in no row any longer that names its dyad.
- `relations.events` and `relations.daily`: the partitions of the keys that the mentions name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

import msgspec

from models import CodedArticle, Correction, DailyRelation, Day, InvalidValue, Mention, RelationEvent, Version
from topics import admin
from topics.catalogue import CODED, CORRECTIONS, DAILY, DEAD, EVENTS, MENTIONS, RAW, Topic, state_topic
from topics.codec import Undecodable, decode
from topics.headers import MOVED, VERSION
from topics.letters import PREFIX, Living, article_of
from topics.message import Message
from topics.partition import home_partition, partition_of
from topics.reader import Reader
from workers.aggregation import fold, keys
from workers.aggregation.rows import ArticleRow
from workers.monitoring.dead import dead_letter, moment
from workers.monitoring.trace import Coding, Counted, DeadRevision, Related, Revision, Trace, with_overtaken
from workers.runtime.task import APPLIED

R = TypeVar("R", bound=msgspec.Struct)


async def trail(reader: Reader, address: str, article: str) -> Trace:
    """Everything that the topics say of the article. Raises what `Reader` raises."""
    read = (
        RAW,
        CODED,
        DEAD,
        EVENTS,
        DAILY,
        MENTIONS,
        CORRECTIONS,
        *(state_topic(agent) for agent in ("enrich", "relate")),
    )
    names = {topic.name: topic.of(reader.generation).name for topic in read}
    counts = await admin.require(address, *names.values())
    return await Trail(reader, {name: counts[theirs] for name, theirs in names.items()}, article).follow()


class Trail:
    """One article's trail in the reader's generation; `counts`: how many partitions each topic has, by plain name."""

    def __init__(self, reader: Reader, counts: Mapping[str, int], article: str) -> None:
        self._reader = reader
        self._counts = counts
        self._article = article
        self._key = article.encode()
        self._home = home_partition(article, counts[RAW.name])

    async def follow(self) -> Trace:
        """Read the topics, each after those that it is made from, so that what is on its way is seen at least once."""
        handled = await self._handled()
        received, elsewhere = await self._received(handled)
        letters = await self._letters()
        coded, expected = await self._coded()
        related = await self._related()
        mentions = await self._mentions()
        rows = await self._rows(mentions)
        version = coded.version if coded else None
        current = {key for key, mention in mentions.items() if mention.version == version}
        return Trace(
            id=self._article,
            home=self._home,
            handled=handled[self._home],
            received=received,
            elsewhere=elsewhere,
            coded=coded,
            related=related,
            rows=rows,
            missing=_names(expected - current),
            left=_names(mentions.keys() - expected),
            dead=letters,
            corrections=await self._corrections(),
        )

    async def _handled(self) -> dict[int, int]:
        """The last offset of each partition of articles.raw that enrich has handled; -1 where none."""
        handled = dict.fromkeys(range(self._counts[RAW.name]), -1)
        async for message in self._reader.read(state_topic("enrich")):
            if message.key == APPLIED and message.value is not None:
                handled[message.partition] = int(message.value)
        return handled

    async def _received(self, handled: Mapping[int, int]) -> tuple[tuple[Revision, ...], tuple[Revision, ...]]:
        at_home: list[Revision] = []
        elsewhere: list[Revision] = []
        starts = {partition: 0 if partition == self._home else last + 1 for partition, last in handled.items()}
        async for message in self._reader.read(RAW, since=starts, only=starts):
            redriven = message.key == PREFIX + self._key
            if not redriven and message.key != self._key:
                continue
            revision = Revision(
                partition=message.partition,
                offset=message.offset,
                at=moment(message.timestamp),
                bytes=len(message.value or b""),
                withdraws=message.value is None,
                redriven=redriven,
            )
            if redriven and message.value is None:
                at_home = [kept for kept in at_home if not kept.redriven]
            elif message.partition == self._home:
                at_home.append(revision)
            elif message.value is None and MOVED in message.headers:
                elsewhere = [kept for kept in elsewhere if kept.partition != message.partition]
            else:
                elsewhere.append(revision)
        return with_overtaken(at_home), tuple(elsewhere)

    async def _coded(self) -> tuple[Coding | None, set[bytes]]:
        """What articles.coded last says, and the keys of the mentions that follow from it."""
        last = await self._last(CODED, {self._key})
        message = last.get(self._key)
        if message is None:
            return None, set()
        coding = Coding(
            partition=message.partition,
            offset=message.offset,
            version=_version(message),
            at=moment(message.timestamp),
            withdrawn=message.value is None,
        )
        if message.value is None:
            return coding, set()
        try:
            article = decode(CodedArticle, message.value)
            expected = set(fold.fold([article]).mentions)
        except (Undecodable, InvalidValue):
            return coding, set()
        counted = msgspec.structs.replace(
            coding,
            coder=article.coder,
            language=article.language,
            entities=len(article.entities),
            events=len(article.events),
            organization_events=len(article.organization_events),
        )
        return counted, expected

    async def _related(self) -> Related | None:
        row_key, partition = keys.article_row(self._article), partition_of(self._key, self._counts[CODED.name])
        row: bytes | None = None
        async for message in self._reader.read(state_topic("relate"), only={partition}):
            if message.key == row_key:
                row = message.value
        if row is None:
            return None
        known = decode(ArticleRow, row)
        return Related(version=known.version, dyads=known.dyads, withdrawn=known.withdrawn)

    async def _letters(self) -> tuple[DeadRevision, ...]:
        living = Living(_dead_revision)
        async for message in self._reader.read(DEAD):
            # A tombstone has no header that tells its agent, so its key alone must do.
            if message.key is not None and (message.value is None or article_of(message) == self._key):
                living.see(message)
        return tuple(living.letters)

    async def _mentions(self) -> dict[bytes, Mention]:
        found: dict[bytes, Mention] = {}
        ending = b"|" + self._key
        async for message in self._reader.read(MENTIONS):
            if message.key is None or not message.key.endswith(ending):
                continue
            mention = _record(Mention, message)
            if mention is not None and mention.article == self._article:
                found[message.key] = mention
            else:
                found.pop(message.key, None)
        return found

    async def _corrections(self) -> tuple[Correction, ...]:
        read = [_record(Correction, message) async for message in self._reader.read(CORRECTIONS)]
        ours = [correction for correction in read if correction is not None and correction.article == self._article]
        return tuple(sorted(ours, key=lambda correction: (correction.version, correction.dyad)))

    async def _rows(self, mentions: Mapping[bytes, Mention]) -> tuple[Counted, ...]:
        wanted = {keys.event(mention.event) for mention in mentions.values()}
        events = {key: _record(RelationEvent, m) for key, m in (await self._last(EVENTS, wanted)).items()}
        made: list[Counted] = []
        for key, mention in sorted(mentions.items()):
            event = events.get(keys.event(mention.event))
            row = Counted(
                event=mention.event, dyad=mention.dyad, version=mention.version, mention=key.decode("utf-8", "replace")
            )
            made.append(row if event is None else _with_event(row, event))
        days = {keys.daily(row.dyad, row.day) for row in made if row.day}
        daily = {key for key, m in (await self._last(DAILY, days)).items() if _record(DailyRelation, m)}
        return tuple(
            msgspec.structs.replace(row, daily=row.day is not None and keys.daily(row.dyad, row.day) in daily)
            for row in made
        )

    async def _last(self, topic: Topic, wanted: Collection[bytes]) -> dict[bytes, Message]:
        """The last message of each of these keys, from their partitions only."""
        found: dict[bytes, Message] = {}
        if not wanted:
            return found
        partitions = {partition_of(key, self._counts[topic.name]) for key in wanted}
        async for message in self._reader.read(topic, only=partitions):
            if message.key in wanted:
                assert message.key is not None
                found[message.key] = message
        return found


def _with_event(row: Counted, event: RelationEvent) -> Counted:
    return msgspec.structs.replace(
        row,
        day=Day.parse(event.date) if event.date and len(event.date) == len("2025-10-31") else None,
        source=event.source,
        target=event.target,
        type=event.type.value,
        cameo=event.cameo,
        status=event.status.value,
        mentions=event.mentions,
    )


def _dead_revision(message: Message) -> DeadRevision:
    letter = dead_letter(message, value=False)
    return DeadRevision(
        place=letter.place,
        version=letter.version,
        at=letter.at,
        stage=letter.stage,
        reason=letter.reason,
        error=letter.error,
        attempt=letter.attempt,
    )


def _record(kind: type[R], message: Message) -> R | None:
    """The row in a message; None of a tombstone, and of what is no record (`dyads audit` names those)."""
    try:
        return None if message.value is None else decode(kind, message.value)
    except Undecodable:
        return None


def _version(message: Message) -> Version:
    try:
        return Version.parse(message.headers.get(VERSION, b""))
    except InvalidValue:
        return Version(0)


def _names(found: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted(key.decode("utf-8", "replace") for key in found))
