"""Dead letters and their way back: what the headers of `articles.dead` say, and redriven messages.

A redriven letter is sent to the partition that it came from, under a key of its own (`PREFIX` and the key as received),
so that compaction never takes it for a revision: under the article's key it would be the last, and the broker would
forget a newer one for it. There its agent is given the message as it was first received, with the offset of then,
which is its version. When it is settled a tombstone takes the copy away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from topics.headers import ATTEMPT, CUT, KEY, MOVED, NULL, ORIGIN, REASON, STAGE, TIMESTAMP, VERSION
from topics.message import Message
from topics.place import Place

T = TypeVar("T")
Mark = tuple[int, bytes | int]

FOREIGN = b"\xff"
"""A byte that no UTF-8 has, so no article's id begins so."""
PREFIX = FOREIGN + b"redrive|"

MAX_NUMBER = 19
"""Digits of the largest number in a header, 2^63."""


class NotRedrivable(ValueError):
    """A dead letter that cannot be handled again; the message says why."""


class Redrive(Struct, frozen=True):
    """A message that has a dead letter handled again."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: dict[str, bytes | str | int]

    @property
    def received_key(self) -> bytes:
        """The key under which the message first came."""
        return self.key.removeprefix(PREFIX)


class Redriven(Struct, frozen=True):
    """A redriven letter as it arrives: the message as first received, and how many times handling it was tried."""

    message: Message
    attempt: int


def letter_key(agent: str, article: bytes, about: bytes = b"") -> bytes:
    """The key for letters of an agent that reads what other agents write; `about` is what of the article it handles.

    Letters about articles as they were published lie under their ids. These are kept apart by a first byte that no
    UTF-8 has.
    """
    return b"|".join((FOREIGN + agent.encode(), about, article))


def article_of(letter: Message) -> bytes:
    """The article that a letter is about, by its key."""
    return article_in(letter.key or b"", letter.headers.get(STAGE, b""))


def article_in(key: bytes, agent: bytes) -> bytes:
    """The article that a letter of the agent is about, by the letter's key."""
    if agent and key.startswith(FOREIGN + agent + b"|") and key.count(b"|") > 1:
        return key.split(b"|", 2)[2]
    return key


def is_letter(message: Message) -> bool:
    """Whether a message of `articles.dead` is a letter; a tombstone, which takes one away, is none."""
    return REASON in message.headers


def received_key(letter: Message) -> bytes | None:
    """The key of the message that died."""
    return None if b"key" in _null(letter) else letter.headers.get(KEY, letter.key)


def received_value(letter: Message) -> bytes | None:
    """The bytes of the message that died; None of a withdrawal."""
    return None if b"value" in _null(letter) else letter.value


def attempts(letter: Message) -> int:
    """How many times handling was tried; at least once."""
    return max(1, _number(letter.headers.get(ATTEMPT)) or 1)


def mark_of(message: Message) -> Mark:
    """What a letter and the message that takes it away have in common: partition and key."""
    return message.partition, message.offset if message.key is None else message.key


class Living(Generic[T]):
    """The letters that are in force, found by seeing all messages of `articles.dead`, each partition's in order.

    Of several under one key the last counts, as compaction will have it; keys of two partitions are two keys. `T` is
    what is kept of a letter.
    """

    def __init__(self, keep: Callable[[Message], T]) -> None:
        self._keep = keep
        self._letters: dict[Mark, T] = {}

    def see(self, message: Message) -> None:
        """Take in the next message."""
        mark = mark_of(message)
        self._letters.pop(mark, None)
        if is_letter(message):
            self._letters[mark] = self._keep(message)

    @property
    def letters(self) -> list[T]:
        """What was kept of the letters in force, in the order in which they were seen."""
        return list(self._letters.values())


def redrive(letter: Message) -> Redrive:
    """The message that has this letter handled again. Raises `NotRedrivable`."""
    origin = Place.parse(letter.headers.get(ORIGIN, b""))
    if not is_letter(letter) or origin is None:
        raise NotRedrivable("it does not say where it came from")
    if CUT in letter.headers:
        raise NotRedrivable("only the beginning of the message was kept")
    key = received_key(letter)
    if key is None:
        raise NotRedrivable("it came without a key")
    value = received_value(letter)
    headers: dict[str, bytes | str | int] = {
        ATTEMPT: attempts(letter),
        ORIGIN: str(origin),
        VERSION: letter.headers.get(VERSION, b"%d" % origin.offset),
        TIMESTAMP: letter.headers.get(TIMESTAMP, b"%d" % max(0, letter.timestamp)),
    }
    if value is None:
        headers[NULL] = "value"
    return Redrive(origin.topic, origin.partition, PREFIX + key, value or b"", headers)


def redriven(message: Message) -> Redriven | None:
    """What a message of an agent's source brings back; None of any other message, and of one that was tampered with."""
    if message.key is None or message.value is None or not message.key.startswith(PREFIX):
        return None
    origin = Place.parse(message.headers.get(ORIGIN, b""))
    attempt, timestamp = _number(message.headers.get(ATTEMPT)), _number(message.headers.get(TIMESTAMP))
    if origin is None or attempt is None or timestamp is None:
        return None
    if (origin.topic, origin.partition) != (message.topic, message.partition) or origin.offset >= message.offset:
        return None
    received = Message(
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        timestamp=timestamp,
        key=message.key.removeprefix(PREFIX),
        value=received_value(message),
        headers={VERSION: message.headers.get(VERSION, b"")},
    )
    return Redriven(received, attempt)


def is_cleared(message: Message) -> bool:
    """Whether a message only takes a redriven one away."""
    return message.key is not None and message.value is None and message.key.startswith(PREFIX)


def cleared(message: Message) -> dict[str, bytes | str | int]:
    """The headers of the tombstone that takes a redriven message away: to readers that do not know of redriven letters
    it withdraws nothing."""
    return {MOVED: message.partition, VERSION: message.headers.get(VERSION, b"0")}


def _null(message: Message) -> list[bytes]:
    return message.headers.get(NULL, b"").split(b",")


def _number(text: bytes | None) -> int | None:
    if text is None or not text.isdigit() or len(text) > MAX_NUMBER:
        return None
    return int(text)
