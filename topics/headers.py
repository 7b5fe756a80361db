"""The headers that travel beside a message, each a string of ASCII or UTF-8 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Headers = list[tuple[str, bytes]]

SCHEMA = "schema"
"""Version of the record's schema, on every message of ours. Readers ignore fields they do not know."""
SCHEMA_VERSION = b"1"
VERSION = "version"
"""The article's version: on every message of articles.coded, tombstones included, and on dead letters."""
ORIGIN = "origin"
"""topic:partition:offset of the message that this one was made from."""
MOVED = "moved"
"""On a tombstone in articles.raw: it withdraws nothing; the message before it was sent to its home partition."""
REASON = "reason"
"""On dead letters, one of a short list: undecodable, invalid, too-slow, crashed, ..."""
ERROR = "error"
"""On dead letters, the reason in full: which field, what was wrong."""
STAGE = "stage"
"""On dead letters, the agent that gave up."""
ATTEMPT = "attempt"
"""On dead letters, how many times handling was tried; on a redriven one, how many times before."""
KEY = "key"
"""On dead letters whose own key is another one: the key as received."""
NULL = "null"
"""On dead letters and redriven ones, what of the message was null: `key`, `value`, or both with a comma. An empty value
stands for null there, since null is a tombstone."""
CUT = "cut"
"""On dead letters that hold less than what was received, since it is more than a letter may have: its bytes, key and
value together."""
TIMESTAMP = "timestamp"
"""On dead letters and redriven ones: the timestamp of the message as received, in milliseconds since 1970."""

TRACEPARENT = "traceparent"
"""On any message where traces are on: the trace that it belongs to, as W3C Trace Context has it."""


def pack(values: Mapping[str, bytes | str | int]) -> Headers:
    """Headers as the client libraries take them, sorted by name; strings and numbers become UTF-8."""
    return [
        (name, value if isinstance(value, bytes) else str(value).encode("utf-8", "replace"))
        for name, value in sorted(values.items())
    ]


def unpack(headers: Iterable[tuple[str, bytes | None]] | None) -> dict[str, bytes]:
    """Headers by name; of a name given twice, the last."""
    return {name: value or b"" for name, value in headers or ()}
