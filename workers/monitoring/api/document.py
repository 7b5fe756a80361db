"""The OpenAPI 3.1 document, made from the routes, and completed by what holds for every route alike."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar

from workers.monitoring.api.forms import CSV, JSON
from workers.monitoring.api.problems import MEDIA_TYPE, Problem

_PROBLEMS = {
    "400": "a parameter is not what it may be",
    "401": "the token is missing or another one",
    "404": "there is no such thing",
    "406": "the form that is asked for is not given",
    "503": "not ready yet, or too much asked: Retry-After says when to come back",
}


def document(app: Litestar, *, token: bool) -> dict[str, Any]:
    """The document as JSON can hold it; `token` says whether the API asks for one."""
    made: dict[str, Any] = app.openapi_schema.to_schema()
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    (_,), parts = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    schemas |= parts
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation, schemas, token=token)
    if token:
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
    return made


def _complete(operation: dict[str, Any], schemas: dict[str, Any], *, token: bool) -> None:
    answers = operation["responses"]
    content = answers["200"].get("content", {})
    reference = content.get(JSON, {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    if "items" in schemas.get(reference, {}).get("properties", {}):
        content[CSV] = {"schema": {"type": "string"}}
    if "text/event-stream" in content:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    else:
        answers["200"].setdefault("headers", {})["ETag"] = {"schema": {"type": "string"}}
        answers["304"] = {"description": "nothing has changed since If-None-Match"}
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, what in _PROBLEMS.items():
        if status != "401" or token:
            answers[status] = {"description": what, **problem}
