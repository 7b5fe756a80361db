"""What is fuzzed, and what must hold of every input."""

from __future__ import annotations

import asyncio
import resource
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import msgspec

from models import RawArticle, Version, encode_hook
from tests.fuzz.articles import Sent, any_sent
from tests.fuzz.frames import Step, conversation, production
from tests.fuzz.room import Room
from tests.fuzz.texts import SHAPES, Published, any_published
from topics.codec import decode, encode
from topics.headers import ERROR, REASON, pack
from topics.message import Message
from workers.enrichment.coder import Coder
from workers.enrichment.explain import explain
from workers.enrichment.intake import Code, receive
from workers.runtime.handler import Reject

MOST_ERROR_CHARS = 2000
"""Of a dead letter's header that says what was wrong."""
SLOWEST_START, SLOWEST_CHAR = 5.0, 0.003
"""Seconds of processor time that coding a text may take, and for each of its characters: ten times what news needs."""
PARTITIONS = 4
QUICK = 0.02
"""Seconds in which no hundred megabytes are written."""
MOST_BYTES = 160 * 1024 * 1024
"""What a conversation may cost in memory beside a multiple of its length: records unpacked, 10,000 partitions."""
MOST_BYTES_A_BYTE = 200
"""What one byte received may cost: an empty string in a list is two bytes on the wire and some fifty in Python."""
MOST_SECONDS = 5.0
"""Of processor time, for a conversation."""


class _Unasked(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Asks the system for what happened on sockets only when there is nothing else to do: there are no sockets here,
    and asking between two steps took longer than the steps."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return [] if timeout is not None and timeout <= 0 else super().select(timeout)


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Unasked()))


@cache
def coder() -> Coder:
    """One for all targets and tests of this process."""
    return Coder()


@dataclass
class _Memory:
    """The most memory that this process had when it was last looked at, and when a conversation last ended."""

    peak: int = 0
    ended: float = 0.0


_memory = _Memory()


def check_steps(steps: Sequence[Step]) -> None:
    """A broker that is told these steps answers or closes the connection, keeps its logs readable and its memory and
    time bounded."""
    begun = time.perf_counter()
    if begun - _memory.ended > QUICK:  # something else ran meanwhile, and its memory is not this conversation's
        _memory.peak = _peak_bytes()
    _runner().run(Room().hear(steps))
    _memory.ended = time.perf_counter()
    spent = _memory.ended - begun
    if spent < QUICK:  # then it cannot have filled much memory, and asking how much costs more than the steps
        return
    grown = _peak_bytes() - _memory.peak
    _memory.peak += grown
    allowed = MOST_BYTES + MOST_BYTES_A_BYTE * sum(len(step) for step in steps if isinstance(step, bytes))
    assert grown <= allowed, f"{grown:,} bytes of memory"
    if spent > MOST_SECONDS:  # by the clock: a busy machine, perhaps
        began = time.thread_time()
        _runner().run(Room().hear(steps))
        assert time.thread_time() - began <= MOST_SECONDS


def _peak_bytes() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check_sent(sent: Sent) -> None:
    """A message of articles.raw is a valid article, or forwarded, or a withdrawal, or a dead letter with a reason."""
    message = Message(
        topic="articles.raw", partition=sent.partition, offset=7, timestamp=sent.timestamp, key=sent.key,
        value=sent.value, headers=sent.headers,
    )  # fmt: skip
    try:
        judged = receive(message, PARTITIONS)
    except Reject as refused:
        assert refused.reason in ("undecodable", "invalid")
        assert 0 < len(refused.error) <= MOST_ERROR_CHARS
        pack({REASON: refused.reason, ERROR: refused.error})
        return
    if isinstance(judged, Code):
        assert sent.value is not None
        article = decode(RawArticle, sent.value)
        assert article.id.encode() == judged.key == sent.key
        assert decode(RawArticle, encode(article)) == article


def check_published(published: Published) -> None:
    """The coder reads the article, its spans slice its text, it says the same twice and `explain` can show it, in a
    time that grows with the text's length and no faster."""
    text = published.text
    article = RawArticle(
        id="x", text=text, title=published.title, language=published.language, source=published.source,
        published_at=published.published_at,
    )  # fmt: skip
    begun = time.process_time()
    coded = coder().code(article, version=Version(3), received=published.received)
    spent = time.process_time() - begun
    assert spent <= SLOWEST_START + SLOWEST_CHAR * len(text), f"{spent:.1f} s for {len(text)} characters"
    for span in (
        *coded.entities,
        *(s for e in (*coded.events, *coded.organization_events) for s in (e.evidence, e.trigger)),
    ):
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
    for event in (*coded.events, *coded.organization_events):
        assert event.evidence.start <= event.trigger.start < event.trigger.end <= event.evidence.end
    trace = coder().code_with_trace(article, version=Version(3), received=published.received)
    assert trace.coded == coded
    explain(trace)
    if _is_text(text, published.title or "", published.source or ""):  # JSON's strings are
        again = msgspec.json.encode(trace.coded, enc_hook=encode_hook)
        assert msgspec.json.encode(coded, enc_hook=encode_hook) == again
        assert encode(coded)


def _is_text(*parts: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for part in parts for character in part)


def growth(shape: str, chars: int, times: int) -> tuple[float, float]:
    """Seconds of processor time to code a shape said up to `chars` characters, and to `times` as many; the better of
    two tries each."""

    def seconds(length: int) -> float:
        text = ("Россия осудила Китай. " + SHAPES[shape] * (length // len(SHAPES[shape]) + 1))[:length]
        article = RawArticle(id="x", text=text, language="ru")
        tries = []
        for _ in range(2):
            begun = time.process_time()
            coder().code(article, version=Version(3), received=Published("").received)
            tries.append(time.process_time() - begun)
        return min(tries)

    return seconds(chars), seconds(chars * times)


@dataclass(frozen=True)
class Target:
    """A way in: what makes inputs, what must hold of one, how many a made one counts as."""

    name: str
    make: Callable[[Random], Any]
    check: Callable[[Any], None]
    count: Callable[[Any], int]
    short: int
    """Inputs in the ordinary suite."""
    long: int
    """Inputs of `make fuzz`."""


def _one(_made: object) -> int:
    return 1


TARGETS = (
    Target("frames", conversation, check_steps, len, short=5_000, long=450_000),
    Target("batches", production, check_steps, len, short=2_000, long=100_000),
    Target("articles", any_sent, check_sent, _one, short=1_000, long=100_000),
    Target("texts", any_published, check_published, _one, short=20, long=3_500),
)
