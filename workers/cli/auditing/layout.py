"""What lies in the spill, and under which keys.

What must be compared together lies together: a *unit* is an article (its last raw message, the versions of it that are
dead, its last coded revision), a day of a dyad (its tellings, its live row), an event (its tellings, its live row, its
live mentions), or a message of articles.raw that lies away from its home. A key is unit, part, rest, so one walk over
the map sees unit after unit, and one unit can be looked at alone. Since an event's id says its dyad and day, no telling
of an event is in another unit.

Besides units there are the dead letters in force, the places that they come from, the units that changed since they
were compared, and the rows that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import groupby

from msgspec import Struct, msgpack

from models import CodedArticle, Event, Span, decode_hook, encode_hook
from topics.catalogue import DAILY, EVENTS, Topic
from workers.aggregation import keys
from workers.aggregation.fold import Telling

Item = tuple[bytes, bytes]
"""What is left of a key after its unit, and the value."""


class Kind(bytes, Enum):
    """What a unit is; units are walked in this order."""

    MESSAGE = b"1"
    ARTICLE = b"2"
    DAY = b"3"
    EVENT = b"4"


class Part(bytes, Enum):
    """What an item of a unit is; the rest of its key is in brackets."""

    RAW = b"r"
    """The last raw revision (nothing)."""
    DEAD = b"x"
    """A dead version (its number)."""
    CODED = b"c"
    """The last coded revision (nothing)."""
    TELLING = b"t"
    """A telling (of a day: event id and article, of an event: article)."""
    ROW = b"l"
    """The live row of relations.daily or relations.events (its key)."""
    MENTION = b"m"
    """A live row of relations.mentions (its key)."""
    ELSEWHERE = b"-"
    """An event outside the days that are audited, whose live rows are left alone (nothing). It comes first."""
    STRAY = b"s"
    """A message of articles.raw that is not at home (nothing)."""


LETTERS = b"L"
ORIGINS = b"O"
CHANGED = b"!"
DOUBTS = b"?"

_END = b"\0\1"


class Raw(Struct, frozen=True, array_like=True):
    """An article's last message of articles.raw."""

    version: int
    withdrawn: bool


class Stray(Struct, frozen=True, array_like=True):
    """A message of articles.raw that is not at home: the article it is about, if known, and partition:offset."""

    article: str | None
    place: str


class Coded(Struct, frozen=True, array_like=True):
    """An article's last message of articles.coded.

    `version` is None where its header is none; a foreign header may say a number of any size. `broken` says why it is
    no sound article. `told` are the keys under which its tellings lie.
    """

    version: str | None
    withdrawn: bool
    broken: str | None = None
    told: tuple[bytes, ...] = ()


class Letter(Struct, frozen=True, array_like=True):
    """A dead letter in force: where it came from, and where the version that is dead lies; empty if not of
    articles.raw."""

    origin: bytes = b""
    dead: bytes = b""


_encoder = msgpack.Encoder(enc_hook=encode_hook)
dump = _encoder.encode
"""A record as the bytes that are spilled."""
load_raw = msgpack.Decoder(Raw).decode
load_stray = msgpack.Decoder(Stray).decode
load_coded = msgpack.Decoder(Coded).decode
load_letter = msgpack.Decoder(Letter).decode
load_telling = msgpack.Decoder(Telling, dec_hook=decode_hook).decode


def unit(kind: Kind, name: bytes) -> bytes:
    """The key of a unit: no other unit's key begins with it, whatever bytes are in the name."""
    return kind + name.replace(b"\0", b"\0\xff") + _END


def unit_of(key: bytes) -> bytes:
    """The unit that a key of the map belongs to."""
    return key[: key.index(_END) + len(_END)]


def name_of(unit: bytes) -> bytes:
    """The name in a unit's key."""
    return unit[1 : -len(_END)].replace(b"\0\xff", b"\0")


def article_unit(article: str) -> bytes:
    """The unit of an article."""
    return unit(Kind.ARTICLE, article.encode("utf-8", "replace"))


def row_unit(topic: Topic, key: bytes) -> bytes:
    """The unit of a live row of relations.*, whatever its key."""
    return unit(Kind.DAY, key) if topic is DAILY else unit(Kind.EVENT, key.partition(b"|")[0])


def row_key(topic: Topic, key: bytes) -> bytes:
    """Where a live row of relations.* lies."""
    return row_unit(topic, key) + (Part.ROW if topic in (DAILY, EVENTS) else Part.MENTION) + key


def telling_keys(telling: Telling, article: bytes) -> Iterator[tuple[bytes, Telling]]:
    """Where a telling of the article with this key lies, and what of it: all of it with its event, counts with its day.

    What a day counts of a telling is who did what to whom and the outlet; texts are the most of its bytes.
    """
    event = telling.event
    yield unit(Kind.EVENT, keys.event(event.id)) + Part.TELLING + article, _light(telling)
    if event.day is not None:
        day = unit(Kind.DAY, keys.daily(telling.dyad, event.day))
        yield day + Part.TELLING + keys.event(event.id) + b"\0" + article, _countable(telling)


def units(items: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, Iterator[Item]]]:
    """Unit after unit, with its items, out of a walk over the map."""
    for key, group in groupby(items, key=lambda item: unit_of(item[0])):
        yield key, ((whole[len(key) :], value) for whole, value in group)


_NO_TEXT = Span("", 0, 0)


def _light(telling: Telling) -> Telling:
    """The telling without what of its article no row of relations.* has in it."""
    article = telling.article
    whose = CodedArticle(
        id=article.id,
        version=article.version,
        language="",
        coder=article.coder,
        depth=(),
        published_at=article.published_at,
        source=article.source,
        url=article.url,
    )
    return Telling(telling.dyad, whose, telling.event)


def _countable(telling: Telling) -> Telling:
    event, article = telling.event, telling.article
    bare = Event(
        id=event.id,
        source=event.source,
        target=event.target,
        type=event.type,
        cameo=event.cameo,
        quad=event.quad,
        goldstein=event.goldstein,
        intensity=event.intensity,
        status=event.status,
        reciprocal=event.reciprocal,
        date_precision=event.date_precision,
        evidence=_NO_TEXT,
        trigger=_NO_TEXT,
        confidence=event.confidence,
        rule="",
        date=event.date,
    )
    whose = CodedArticle(id=article.id, version=article.version, language="", coder="", depth=(), source=article.source)
    return Telling(telling.dyad, whose, bare)
