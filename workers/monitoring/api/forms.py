"""The form of an answer, for all routes alike: JSON or CSV as asked for, an ETag, gzip.

Works on the answer's bytes, outside of the routes: a list is an object with `items`. What is no JSON, as the stream, is
passed on as it comes.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import time
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import orjson
from litestar.datastructures.headers import Accept
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from workers.monitoring.api.problems import MEDIA_TYPE, Problem
from workers.monitoring.metrics import REQUEST_SECONDS

JSON, CSV = "application/json", "text/csv"

WORTH_PACKING = 1_000
"""Bytes from which on an answer is packed."""
_LEVEL = 1
"""Of gzip: the higher ones take several times as long and spare little."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Text that begins so a spreadsheet takes for a formula."""


class Forms:
    """ASGI middleware around the API, whose paths begin with `prefix`."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        asked = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        start: HTTPResponseStartEvent | None = None
        body = bytearray()
        begun, status = time.perf_counter(), 0

        async def given(message: Message) -> None:
            nonlocal start, status
            if message["type"] == "http.response.start":
                status = message["status"]
                if message["status"] == 200 and _media_type(message).startswith(JSON):
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                body.extend(message["body"])
                if not message.get("more_body"):
                    await _answer(asked, start, bytes(body), send)
                return
            await send(message)

        await self._app(scope, receive, given)
        resource = scope["path"].removeprefix(self._prefix).split("/")[1:2]
        if resource != ["stream"] and status != 404:  # whose paths may be anything
            REQUEST_SECONDS.labels(*resource, str(status)).observe(time.perf_counter() - begun)


async def _answer(asked: Mapping[str, str], start: HTTPResponseStartEvent, body: bytes, send: Send) -> None:
    status, media_type = 200, _media_type(start)
    headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
    form = _form(asked.get("accept"), body)
    if form == CSV:
        page = orjson.loads(body)
        body, media_type = as_csv(page["items"]).encode(), f"{CSV}; charset=utf-8; header=present"
        if page.get("next"):
            headers["x-next-cursor"] = page["next"]
    elif form is None:
        status, media_type = 406, MEDIA_TYPE
        body = msgspec.json.encode(
            Problem(title="Not Acceptable", status=406, detail=f"this is given as {JSON}, lists as {CSV} too")
        )
    if status == 200:
        tag = f'W/"{hashlib.blake2b(body + media_type.encode(), digest_size=12).hexdigest()}"'
        headers["etag"] = tag
        if _matches(asked.get("if-none-match", ""), tag):
            status, body = 304, b""
    if len(body) >= WORTH_PACKING and _takes_gzip(asked.get("accept-encoding", "")):
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    if status != 304:
        headers |= {"content-type": media_type, "content-length": str(len(body))}
    kept = [(k, v) for k, v in start["headers"] if k.lower() not in (b"content-type", b"content-length", b"vary")]
    vary = ", ".join([*(v.decode() for k, v in start["headers"] if k.lower() == b"vary"), "accept, accept-encoding"])
    headers["vary"] = vary
    made = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": [*kept, *made]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def as_csv(items: list[dict[str, Any]]) -> str:
    """Objects as CSV: a column for each field in the order in which they first come, those of inner objects dotted."""
    rows = [dict(_flat(item)) for item in items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for inner, field in value.items():
            yield from _flat(field, f"{name}.{inner}" if name else inner)
    elif isinstance(value, list):
        yield name, _safe(" ".join(one if isinstance(one, str) else orjson.dumps(one).decode() for one in value))
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, _safe(value) if isinstance(value, str) else "" if value is None else value


def _safe(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _form(accept: str | None, body: bytes) -> str | None:
    if not accept or accept == "*/*":
        return JSON
    offered = [JSON, CSV] if b'"items":[' in body else [JSON]
    best: str | None = Accept(accept).best_match(offered)
    return best


def _media_type(start: HTTPResponseStartEvent) -> str:
    return next((v.decode("latin-1") for k, v in start["headers"] if k.lower() == b"content-type"), "")


def _matches(known: str, tag: str) -> bool:
    tags = [one.strip().removeprefix("W/") for one in known.split(",")]
    return known.strip() == "*" or tag.removeprefix("W/") in tags


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _, quality = one.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
