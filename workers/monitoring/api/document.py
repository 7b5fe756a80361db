"""The OpenAPI 3.1 document, made from the routes, and completed by what holds for every route alike."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi.spec import Reference, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from litestar.utils.predicates import is_class_and_subclass

from models import Day, Dyad, Version
from workers.monitoring.api.forms import CSV, JSON
from workers.monitoring.api.problems import MEDIA_TYPE, Problem

_PROBLEMS = {
    "400": "a parameter is not what it may be",
    "401": "the token is missing or another one",
    "404": "there is no such thing",
    "406": "the form that is asked for is not given",
    "503": "not ready yet, or too much asked: Retry-After says when to come back",
}


_REFERENCE = "#/components/schemas/{name}"
_VALUES: dict[type, dict[str, Any]] = {
    Dyad: {"type": "string", "pattern": "^[A-Z]{3}-[A-Z]{3}$"},
    Day: {"type": "string", "format": "date"},
    Version: {"type": "integer", "minimum": 0},
}
"""How the value objects inside records look."""


class Records(OpenAPISchemaPlugin):
    """Has records described by msgspec, which writes them, and remembers which there are."""

    def __init__(self) -> None:
        self.seen: dict[str, type[msgspec.Struct]] = {}

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Whether the type is a record."""
        return is_class_and_subclass(value, msgspec.Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:  # noqa: ARG002
        """A reference to the record's schema."""
        kind = field_definition.annotation
        self.seen[kind.__name__] = kind
        return Schema(all_of=[Reference(ref=_REFERENCE.format(name=kind.__name__))])


def document(app: Litestar, *, token: bool) -> dict[str, Any]:
    """The document as JSON can hold it; `token` says whether the API asks for one."""
    made: dict[str, Any] = app.openapi_schema.to_schema()
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    records = app.plugins.get(Records).seen.values()
    _, described = msgspec.json.schema_components(
        [*records, Problem], schema_hook=_VALUES.__getitem__, ref_template=_REFERENCE
    )
    schemas |= described
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation, schemas, token=token)
    if token:
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
    return made


def _complete(operation: dict[str, Any], schemas: dict[str, Any], *, token: bool) -> None:
    for parameter in operation.get("parameters", ()):
        _without_null(parameter["schema"])
    answers = operation["responses"]
    content = answers["200"].get("content", {})
    if JSON in content:
        (content[JSON]["schema"],) = content[JSON]["schema"]["allOf"]  # from `Records`
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


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter may be left out, but has no way to be null."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["oneOf"]
        schema.update(kinds[0])
