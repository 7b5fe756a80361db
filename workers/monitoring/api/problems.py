"""Errors as `application/problem+json` (RFC 9457): what went wrong, in a line for people."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from models import InvalidValue
from workers.monitoring.readmodel.database import Closed, TooSlow
from workers.monitoring.readmodel.queries.paging import BadCursor

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(Struct, frozen=True, omit_defaults=True):
    """What went wrong. `title` is the status in words; `errors` name the parameters that were refused."""

    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, str]] = []


class NotReady(Exception):
    """There is nothing to answer from yet: the message says why."""


class Unacceptable(Exception):
    """None of the forms that were asked for can be given."""


def problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    headers: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    match error:
        case BadCursor():
            status, detail = 400, "cursor: it was not given out for this list"
        case InvalidValue():
            status, detail = 400, str(error)
        case NotReady():
            status, detail, headers = 503, str(error), {"Retry-After": "2"}
        case Closed():
            status, detail, headers = 503, "the read model was just replaced: ask again", {"Retry-After": "1"}
        case TooSlow():
            status, detail, headers = 503, "this takes too long: ask for less", {"Retry-After": "60"}
        case HTTPException():
            status, detail, headers = error.status_code, error.detail, dict(error.headers or {})
            errors = _errors(error.extra)
        case _:
            log.error("%s %s", request.method, request.url.path, exc_info=error)
            status, detail = 500, "a fault of ours; the log of the server tells more"
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _errors(extra: Any) -> list[dict[str, str]]:
    """Which parameters were refused, and why, as the framework says."""
    if not isinstance(extra, list):
        return []
    return [
        {"parameter": str(one.get("key", "")), "detail": str(one.get("message", ""))}
        for one in extra
        if isinstance(one, dict)
    ]
