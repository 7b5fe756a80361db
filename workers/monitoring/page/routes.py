"""The files of the live page, given as they lie in the package; the charts' library as it lies in plotly's."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

CHARTS = "plotly.min.js"

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Nothing from elsewhere, and nothing that stands in the document itself: what an article smuggled in would not run."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class File(Struct, frozen=True):
    """A file as it is given: its media type, its bytes, the same packed, and an ETag of the bytes."""

    media_type: str
    body: bytes
    packed: bytes
    etag: str


@cache
def file(name: str) -> File | None:
    """A file of the page, read and packed once; None where there is none of this name."""
    found = _static().get(name) or (_charts() if name == CHARTS else None)
    if found is None:
        return None
    body = found.read_bytes()
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    return File(_TYPES[Path(name).suffix], body, gzip.compress(body, mtime=0), etag)


@get("/", include_in_schema=False, sync_to_thread=True)
def page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page; which view it shows stands after the #, and is the browser's business."""
    return _given(request, "index.html")


@get("/page/{name:str}", include_in_schema=False, sync_to_thread=True)
def page_file(name: str, request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file that the page asks for."""
    return _given(request, name)


ROUTES: tuple[HTTPRouteHandler, ...] = (page, page_file)


def _given(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    found = file(name) if name in _names() else None
    if found is None:
        raise NotFoundException(f"the page has no file {name}")
    headers = {**HEADERS, "ETag": found.etag}
    if request.headers.get("If-None-Match") == found.etag:
        return Response(b"", status_code=304, headers=headers)
    body = found.body
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(body, media_type=found.media_type, headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset({*_static(), CHARTS})


@cache
def _static() -> dict[str, Traversable]:
    def those() -> Iterator[tuple[str, Traversable]]:
        for entry in (files(__package__) / "static").iterdir():
            if Path(entry.name).suffix in _TYPES:
                yield entry.name, entry

    return dict(those())


@cache
def _charts() -> Traversable:
    """Where plotly's wheel has it. The package is not imported: that would take most of a second."""
    spec = find_spec("plotly")
    assert spec is not None, "plotly is a dependency"
    assert spec.origin is not None, "plotly is a package of files"
    return Path(spec.origin).parent / "package_data" / CHARTS
