"""A task's dead letters: written, taken away, tried again. All of it in the batch's transaction, like any other effect.

For each subject (an article, or one of a dyad's articles) a row names the message that lies in `articles.dead`, by its
offset and the attempts made. So it is known, without looking into the topic,

 - which letter a message that is handled makes useless: one about the same subject that came later overtakes it, and a
   tombstone takes it away. That also takes away the text of an article that is withdrawn;
 - whether a redriven letter is still wanted: only when the row names it, attempts included. It is not when it was
   handled meanwhile, overtaken, or sent twice. So it can neither undo something newer nor take effect twice.

Messages of one subject come in the order of their versions, so the row needs no version: whatever is handled is newer
than what the row names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Protocol

from topics.catalogue import DEAD, MAX_MESSAGE_BYTES, Topic
from topics.headers import ATTEMPT, CUT, ERROR, KEY, NULL, ORIGIN, REASON, STAGE, TIMESTAMP, VERSION
from topics.letters import article_in, cleared, redriven
from topics.message import Message
from topics.place import Place
from workers.runtime.handler import Reject, Subject
from workers.runtime.metrics import DEAD_LETTERS, REDRIVEN

ERROR_CHARS = 2000
MAX_SUBJECT_BYTES = 4096
"""Longer than any article's id with what agents add to it."""
MAX_VERSION_DIGITS = 19


class Changes(Protocol):
    """What letters need of a batch's overlay."""

    rows: dict[bytes, bytes | None]

    def post(
        self,
        topic: Topic | str,
        key: bytes | None,
        value: bytes | None,
        headers: Mapping[str, bytes | str | int],
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        """Publish whatever its size."""


def key_as_subject(message: Message) -> bytes:
    """The subject of a message whose key says what it is about; without a key it is alone in its place."""
    return message.key if message.key is not None else str(_place(message)).encode()


class Letters:
    """The letters of one task."""

    def __init__(self, agent: str, partition: int, subject: Subject) -> None:
        self.agent = agent
        self.partition = partition
        self.subject = subject

    def article(self, message: Message) -> str:
        """The article that a message is about, for people."""
        back = redriven(message)
        subject = self.subject(message if back is None else back.message)
        return article_in(subject, self.agent.encode()).decode("utf-8", "replace")

    def about(self, message: Message, get: Callable[[bytes], bytes | None]) -> Letter:
        """What there is to know of the letter about a message's subject, rows read by `get`."""
        return Letter(self, message, get)


class Letter:
    """One message and the letter about its subject, if there is one."""

    def __init__(self, letters: Letters, message: Message, get: Callable[[bytes], bytes | None]) -> None:
        self._agent, self._partition = letters.agent, letters.partition
        self._message = message
        self._back = redriven(message)
        self._received = message if self._back is None else self._back.message
        self._subject = letters.subject(self._received)
        if len(self._subject) > MAX_SUBJECT_BYTES:  # about no article: alone in its place
            self._subject = str(_place(self._received)).encode()
        # A digest, since a key of any length may come; and so that the row says nothing of a withdrawn article.
        self._row = b"@dead|" + hashlib.blake2b(self._subject, digest_size=16).digest()
        self._named = get(self._row)
        self._outcome = "overtaken"

    @property
    def is_overtaken(self) -> bool:
        """Whether the message is a redriven letter that nobody waits for any longer."""
        return self._back is not None and self._named != _name(self._received, self._back.attempt)

    def park(self, changes: Changes, reject: Reject) -> None:
        """Put the message into `articles.dead`, in the partition that has the number of its own.

        A compressed message may be far larger than the broker's limit, which is on what is sent. Of one that is larger
        than a letter may be the beginning is kept.
        """
        received = self._received
        key, value = (received.key or b"")[:MAX_SUBJECT_BYTES], (received.value or b"")[:MAX_MESSAGE_BYTES]
        version = received.headers.get(VERSION, b"")
        attempt = reject.attempt + (self._back.attempt if self._back else 0)
        headers: dict[str, bytes | str | int] = {
            REASON: reject.reason,
            ERROR: reject.error[:ERROR_CHARS],
            STAGE: self._agent,
            ATTEMPT: attempt,
            ORIGIN: str(_place(received)),
            VERSION: version if version.isdigit() and len(version) <= MAX_VERSION_DIGITS else received.offset,
            TIMESTAMP: max(0, received.timestamp),
        }
        if received.key is not None and received.key != self._subject:
            headers[KEY] = key
        size = len(received.key or b"") + len(received.value or b"")
        if size > len(key) + len(value):
            headers[CUT] = size
        null = [part for part, held in (("key", received.key), ("value", received.value)) if held is None]
        if null:
            headers[NULL] = ",".join(null)
        changes.post(DEAD, self._subject, value, headers, self._partition)
        changes.rows[self._row] = _name(received, attempt)
        self._outcome = "dead"
        DEAD_LETTERS.labels(self._agent, reject.reason).inc()

    def take_away(self, changes: Changes) -> None:
        """The message was handled: a letter about its subject, its own or an older one, is done with."""
        if self._named is not None:
            changes.post(DEAD, self._subject, None, {}, self._partition)
            changes.rows[self._row] = None
        self._outcome = "handled"

    def clear(self, changes: Changes) -> None:
        """Take a redriven message away from where it was sent, whatever became of it."""
        if self._back:
            sent = self._message
            changes.post(sent.topic, sent.key, None, cleared(sent), sent.partition, max(0, sent.timestamp))
            REDRIVEN.labels(self._agent, self._outcome).inc()


def _place(message: Message) -> Place:
    return Place(message.topic, message.partition, message.offset)


def _name(message: Message, attempt: int) -> bytes:
    return b"%d %d" % (message.offset, attempt)
