"""What the handlers of requests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ParamSpec

from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.wire import ApiKey, Fields

P = ParamSpec("P")

MAX_REASON_CHARS = 1000
"""Longest reason given: it may quote what the client sent, and a string on the wire ends at 32,767 bytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request and who sent it."""

    fields: Fields
    version: int
    client_id: str
    client_host: str


Handler = Callable[[Request], Awaitable[Fields | None]]
"""Answers a request; None means that no answer is sent (produce with acks=0)."""

Handlers = Mapping[ApiKey, Handler]


def outcome(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Fields:
    """Do one item of a request; what it came to as the fields `error_code` and `error_message`."""
    try:
        action(*args, **kwargs)
    except Refused as refused:
        return {"error_code": refused.code, "error_message": refused.reason[:MAX_REASON_CHARS] or None}
    return {"error_code": ErrorCode.NONE, "error_message": None}


def error_code(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> ErrorCode:
    """Do a request; what it came to."""
    try:
        action(*args, **kwargs)
    except Refused as refused:
        return refused.code
    return ErrorCode.NONE
