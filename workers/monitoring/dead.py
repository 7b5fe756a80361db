"""Dead letters: messages that could not be handled, with the reason and where they came from. Pure."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from topics import headers
from topics.letters import article_of, received_key, received_value
from topics.message import Message


class DeadLetter(Struct, frozen=True):
    """One message of `articles.dead`.

    `place` is where it lies there, `partition:offset`; `origin` the topic, partition and offset it was first read from;
    `at` when it was given up.
    """

    place: str
    reason: str
    stage: str
    error: str
    origin: str
    attempt: str
    version: str
    at: dt.datetime
    key: bytes | None
    value: bytes | None
    article: str
    """Whose letter it is: the article's id, or what came in its place."""


def moment(timestamp: int) -> dt.datetime:
    """A message's timestamp as a time, to the millisecond."""
    return dt.datetime.fromtimestamp(timestamp // 1000, dt.UTC).replace(microsecond=timestamp % 1000 * 1000)


def dead_letter(message: Message, *, value: bool = True) -> DeadLetter:
    """What a message of `articles.dead` says; a missing header reads as empty. Without `value`, all but that."""

    def header(name: str) -> str:
        return message.headers.get(name, b"").decode("utf-8", "backslashreplace")

    return DeadLetter(
        place=f"{message.partition}:{message.offset}",
        reason=header(headers.REASON),
        stage=header(headers.STAGE),
        error=header(headers.ERROR),
        origin=header(headers.ORIGIN),
        attempt=header(headers.ATTEMPT),
        version=header(headers.VERSION),
        at=moment(message.timestamp),
        key=received_key(message),
        value=received_value(message) if value else None,
        article=article_of(message).decode("utf-8", "backslashreplace"),
    )
