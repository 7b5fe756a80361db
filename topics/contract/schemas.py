"""JSON Schemas of the records, as their types say it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from models import Day, Dyad, RawArticle, Version

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_VALUES: dict[type, Schema] = {
    Dyad: {"type": "string", "pattern": "^[A-Z]{3}-[A-Z]{3}$", "description": inspect.cleandoc(Dyad.__doc__ or "")},
    Day: {"type": "string", "format": "date", "description": inspect.cleandoc(Day.__doc__ or "")},
    Version: {"type": "integer", "minimum": 0, "description": inspect.cleandoc(Version.__doc__ or "")},
}
"""The value objects: msgspec does not know their form on the wire."""


def components(kinds: Iterable[type[msgspec.Struct]], template: str) -> dict[str, Schema]:
    """The schemas of the records and of all that they are made of, by name; `template` is how they refer to another."""
    ordered = sorted(set(kinds), key=lambda kind: kind.__name__)
    _, found = msgspec.json.schema_components(ordered, schema_hook=_VALUES.__getitem__, ref_template=template)
    for schema in found.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    if article := found.get(RawArticle.__name__):
        # RawArticle.accept: a day alone is taken too.
        article["properties"]["published_at"]["anyOf"].insert(1, {"type": "string", "format": "date"})
    return dict(sorted(found.items()))


def json_schema(kind: type[msgspec.Struct]) -> Schema:
    """One record's schema, whole in itself."""
    found = components([kind], "#/$defs/{name}")
    own = found.pop(kind.__name__)
    return {"$schema": DIALECT, **own, **({"$defs": found} if found else {})}
