"""What to do with a message of articles.raw, before anything is read in it. Pure."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from models import RawArticle, Version
from models.articles import MAX_ID_CHARS
from topics.codec import Undecodable, decode
from topics.headers import MOVED
from topics.partition import home_partition
from workers.runtime.handler import Message, Reject


class Forward(Struct, frozen=True):
    """It came to a partition that is not the article's home, or without a key: send it home, as it is."""

    key: bytes
    partition: int


class Ignore(Struct, frozen=True):
    """It only clears the place of a message that was sent home."""


class Withdraw(Struct, frozen=True):
    """The article is withdrawn."""

    key: bytes
    version: Version


class Code(Struct, frozen=True):
    """An article to read. `received` is the day of the message's timestamp, for articles that give no date."""

    key: bytes
    version: Version
    received: dt.date


def receive(message: Message, partitions: int) -> Forward | Ignore | Withdraw | Code:
    """Judge a message; `partitions` is how many articles.raw has. Raises `Reject`.

    An article's version is its offset in its home partition, so whatever arrives elsewhere is forwarded there first:
    two messages about one article are then ordered by one partition, whichever client sent them.
    """
    article_id = _key(message.key)
    if message.value is None:
        if article_id is None:
            raise Reject("invalid", "a null message withdraws the article named by its key, and this one has no key")
    else:
        try:
            article = decode(RawArticle, message.value)
        except Undecodable as error:
            raise Reject("undecodable", str(error)) from None
        if article_id is not None and article_id != article.id:
            raise Reject("invalid", f"the key is {article_id[:80]!r} but the article's id is {article.id[:80]!r}")
        article_id, received = article.id, _day(message.timestamp)
    home = home_partition(article_id, partitions)
    key = article_id.encode()
    if message.partition != home and message.value is None and MOVED in message.headers:
        return Ignore()
    if message.key is None or message.partition != home:
        return Forward(key, home)
    version = Version(message.offset)
    if message.value is None:
        return Withdraw(key, version)
    return Code(key, version, received)


def _day(timestamp: int) -> dt.date:
    """The day of a message's timestamp, which any client may set to anything."""
    try:
        if timestamp < 0:  # -1 is Kafka's word for none
            raise ValueError
        return dt.datetime.fromtimestamp(timestamp / 1000, dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        raise Reject("invalid", f"the message's timestamp, {timestamp} ms, is in no year from 1970 to 9999") from None


def _key(key: bytes | None) -> str | None:
    if key is None:
        return None
    try:
        text = key.decode()
    except UnicodeDecodeError:
        raise Reject("invalid", f"the key is not UTF-8: {key[:40]!r}") from None
    if not 0 < len(text) <= MAX_ID_CHARS:
        raise Reject("invalid", f"the key has {len(text)} characters, an article's id has 1 to {MAX_ID_CHARS}")
    return text
