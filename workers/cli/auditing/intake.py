"""From messages to what is spilled: of each key the last message, of each coded article its tellings.

Messages are taken in the order of their offsets. From the second cut on, a unit is noted before the first message that
changes it, with what it counted for: only noted units need be compared anew.
"""

from __future__ import annotations

from collections.abc import Callable

from models import CodedArticle, InvalidValue, RawArticle, Version
from topics.catalogue import CODED, DEAD, RAW, Topic
from topics.codec import Undecodable, decode
from topics.headers import MOVED, ORIGIN, VERSION
from topics.letters import is_letter, mark_of
from topics.message import Message
from topics.partition import home_partition
from workers.aggregation import keys
from workers.aggregation.fold import tellings
from workers.cli.auditing.days import Days
from workers.cli.auditing.layout import (
    LETTERS,
    ORIGINS,
    Coded,
    Kind,
    Letter,
    Part,
    Raw,
    Stray,
    article_unit,
    dump,
    load_coded,
    load_letter,
    row_key,
    row_unit,
    telling_keys,
    unit,
    unit_of,
)
from workers.cli.auditing.spill import Spill

MAX_DIGITS = 19
"""Digits of an offset at the most; a foreign header may have any number."""


class Intake:
    """Takes messages into the spill. `partitions` is how many articles.raw has.

    `touched` is called with each unit before it changes.
    """

    def __init__(self, spill: Spill, partitions: int, days: Days, touched: Callable[[bytes], None]) -> None:
        self._spill = spill
        self._partitions = partitions
        self._days = days
        self._touched = touched
        self.dead_letters = 0

    def take(self, topic: Topic, message: Message) -> None:
        """Take one message of `topic`."""
        if topic is RAW:
            self._raw(message)
        elif topic is CODED:
            self._coded(message)
        elif topic is DEAD:
            self._dead(message)
        elif message.key is not None:
            self._row(topic, message.key, message.value)

    def _raw(self, message: Message) -> None:
        """A revision at home, or one elsewhere, which must be dead or have been forwarded: then a mark follows it."""
        article = _article_of(message)
        home = None if article is None else home_partition(article, self._partitions)
        if article is not None and message.key is not None and message.partition == home:
            whose = article_unit(article)
            self._touched(whose)
            self._spill.put(whose + Part.RAW, dump(Raw(message.offset, message.value is None)))
            return
        forwarded = message.value is None and MOVED in message.headers
        # Of several under one key compaction leaves the last, so only that one can be asked about.
        key = b"%d" % message.offset if message.key is None and not forwarded else b"k" + (message.key or b"")
        stray = unit(Kind.MESSAGE, b"%d:" % message.partition + key)
        self._touched(stray)
        if forwarded:
            self._spill.delete(stray + Part.STRAY)
        else:
            self._spill.put(stray + Part.STRAY, dump(Stray(article, f"{message.partition}:{message.offset}")))

    def _dead(self, letter: Message) -> None:
        """A letter, or what takes away the one before it of the same partition and key."""
        partition, key = mark_of(letter)
        mark = LETTERS + b"%d:" % partition + (b"%d" % key if isinstance(key, int) else b"k" + key)
        self._forget(mark)
        if not is_letter(letter):
            return
        self.dead_letters += 1
        origin, version = letter.headers.get(ORIGIN, b""), letter.headers.get(VERSION, b"")
        if not origin.startswith(f"{RAW.name}:".encode()):
            self._spill.put(mark, dump(Letter()))
            return
        self._spill.put(ORIGINS + origin)
        dead = b""
        if letter.key is not None and version.isdigit() and len(version) <= MAX_DIGITS:
            dead = article_unit(letter.key.decode("utf-8", "replace")) + Part.DEAD + version
            self._touched(unit_of(dead))
            self._spill.put(dead)
        self._spill.put(mark, dump(Letter(origin, dead)))

    def _forget(self, mark: bytes) -> None:
        before = self._spill.get(mark)
        if before is None:
            return
        letter = load_letter(before)
        self.dead_letters -= 1
        self._spill.delete(mark)
        if letter.origin:
            self._spill.delete(ORIGINS + letter.origin)
        if letter.dead:
            self._touched(unit_of(letter.dead))
            self._spill.delete(letter.dead)

    def _coded(self, message: Message) -> None:
        """The tellings of the revision before are taken away, those of this one put."""
        if message.key is None:
            return
        whose = article_unit(message.key.decode("utf-8", "replace"))
        self._touched(whose)
        before = self._spill.get(whose + Part.CODED)
        for key in load_coded(before).told if before is not None else ():
            self._touched(unit_of(key))
            self._spill.delete(key)
        version = None
        told: list[bytes] = []
        broken = None
        try:
            version = str(Version.parse(message.headers.get(VERSION, b"")))
            if message.value is not None:
                told = self._tell(decode(CodedArticle, message.value), message.key)
        except (Undecodable, InvalidValue) as error:
            broken = str(error)
        self._spill.put(whose + Part.CODED, dump(Coded(version, message.value is None, broken, tuple(told))))

    def _tell(self, article: CodedArticle, key: bytes) -> list[bytes]:
        """Put the article's tellings; their keys. Raises `InvalidValue` before any is put."""
        told = []
        for telling in tellings(article):
            if not self._days.have(telling.event.day):
                event = unit(Kind.EVENT, keys.event(telling.event.id))
                self._touched(event)
                self._spill.put(event + Part.ELSEWHERE)
                continue
            for place, record in telling_keys(telling, key):
                self._touched(unit_of(place))
                self._spill.put(place, dump(record))
                told.append(place)
        return told

    def _row(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self._touched(row_unit(topic, key))
        if value is None:
            self._spill.delete(row_key(topic, key))
        else:
            self._spill.put(row_key(topic, key), value)


def _article_of(message: Message) -> str | None:
    """The article a raw message is about, as far as it can be told: by its key, else by its record."""
    try:
        if message.key is not None:
            return message.key.decode()
        return None if message.value is None else decode(RawArticle, message.value).id
    except (UnicodeDecodeError, Undecodable):
        return None
