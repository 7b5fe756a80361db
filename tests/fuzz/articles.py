"""What may lie in articles.raw: JSON and what only looks like it, under keys, timestamps and headers of all kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from tests.fuzz.damage import INTS, damaged
from tests.fuzz.texts import any_text
from topics.headers import MOVED


class Sent(NamedTuple):
    """A message as anybody may send it."""

    value: bytes | None
    key: bytes | None = b"steppe/1"
    partition: int = 0
    timestamp: int = 1_772_452_800_000
    headers: Mapping[str, bytes] = {}


_NAMES = ("id", "text", "title", "url", "source", "language", "published_at", "withdraw", "", "ID", "id\0", "ё")
_TIMES = (
    "2026-03-02", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00+06:00", "2026-03-02T12:00:00", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-02-30", "2026-03-02T24:00:00Z", "",
    "2026-03-02T23:59:60Z", "٢٠٢٦-٠٣-٠٢", "0000-00-00", "1970-01-01", "2199-01-01", "2026-03-02T12:00:00+24:00",
    "12026-03-02", "-2026-03-02", "2026-W10-1", " 2026-03-02", "2026-03-02\n",
)  # fmt: skip
_NUMBERS = (0, -0.0, 1.5, 1e308, float("nan"), float("inf"), 10**30, -(10**400), *INTS)
_STAMPS = (1_772_452_800_000, 0, -1, 253_402_300_799_999, 253_402_300_800_000, -62_135_596_800_001, *INTS)
_KEYS = (b"steppe/1", b"steppe/1", b"steppe/1", None, b"", b"other", b"\xff\xfe", b"k" * 600, "и".encode() * 512, b"\0")


def any_value(random: Random, depth: int = 0) -> Any:
    """Any JSON value; lists and objects grow thinner with depth."""
    kind = random.randrange(9 if depth < 4 else 6)
    if kind < 3:
        return random.choice((None, True, False, *_NUMBERS, *_TIMES))
    if kind < 6:
        return any_text(random)[: random.choice((3, 20, 200, 5000))]
    if kind < 8:
        return {random.choice(_NAMES): any_value(random, depth + 1) for _ in range(random.randrange(4))}
    return [any_value(random, depth + 1) for _ in range(random.randrange(4))]


def article(random: Random) -> dict[str, Any]:
    """A JSON object that is an article, or nearly."""
    made: dict[str, Any] = {"id": "steppe/1", "text": any_text(random)}
    for name in _NAMES:
        if random.random() < 0.2:
            made[name] = random.choice(_TIMES) if name == "published_at" else any_value(random, 2)
    if random.random() < 0.1:
        made.pop(random.choice(list(made)))
    if random.random() < 0.05:
        made[random.choice(("id", "title", "text", "source"))] = "д" * random.choice((512, 513, 4001, 400_001))
    return made


def _json(random: Random, value: Any) -> bytes:
    written = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, 2)))
    coding = random.choice(("utf-8",) * 8 + ("utf-8-sig", "utf-16", "cp1251"))
    return written.encode(coding, random.choice(("surrogatepass", "replace")) if coding != "cp1251" else "replace")


def _nested(random: Random) -> bytes:
    """Lists in lists, objects in objects: closed or left open."""
    depth = random.choice((10, 100, 1000, 1025, 20_000))
    opened, closed = random.choice(((b"[", b"]"), (b'{"id":', b"}"), (b'{"x":[', b"]}")))
    inside = opened * depth + (b"1" + closed * depth if random.random() < 0.7 else b"")
    return inside if random.random() < 0.5 else b'{"id":"steppe/1","text":"x","more":' + inside + b"}"


def _twice(random: Random) -> bytes:
    """Fields given twice, and endless numbers."""
    extra = random.choice((b'"id":"other"', b'"text":7', b'"x":' + b"9" * 20_000, b'"x":1e999999', b'"x":"\\ud800"'))
    return b'{"id":"steppe/1","text":"x",' + extra + b"}"


def any_sent(random: Random) -> Sent:
    """A message with an article, other JSON, or no JSON at all."""
    value: bytes | None
    match random.randrange(12):
        case 0:
            value = None
        case 1:
            value = _nested(random)
        case 2:
            value = _twice(random)
        case 3:
            value = random.randbytes(random.randrange(60))
        case 4:
            value = _json(random, any_value(random))
        case kind:
            value = _json(random, article(random))
            if kind > 8:
                value = damaged(random, value, most=2)
    headers = {MOVED: b"1"} if random.random() < 0.1 else {}
    stamp = _STAMPS[0] if random.random() < 0.7 else random.choice(_STAMPS)
    return Sent(value, random.choice(_KEYS), random.randrange(4), stamp, headers)
