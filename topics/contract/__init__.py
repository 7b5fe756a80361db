"""The contract with producers and consumers, made from the catalogue and the records: an AsyncAPI 3 document, a JSON
Schema of each record, and a page to read."""

from __future__ import annotations

import json
from typing import Any

from topics.catalogue import PUBLIC
from topics.contract.asyncapi import document
from topics.contract.page import page
from topics.contract.schemas import json_schema

ASYNCAPI = "asyncapi.json"
PAGE = "README.md"


def schema_name(record: str) -> str:
    """The file that has a record's schema."""
    return f"{record}.schema.json"


def files() -> dict[str, str]:
    """Every file of the contract by its name."""
    made = document()
    records = {topic.record for topic in PUBLIC if topic.record}
    schemas = {schema_name(record.__name__): _json(json_schema(record)) for record in records}
    return {ASYNCAPI: _json(made), PAGE: page(made), **dict(sorted(schemas.items()))}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
