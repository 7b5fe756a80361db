"""The contract as a page to read: the AsyncAPI document in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import models
from topics.contract.docstrings import meanings
from topics.contract.schemas import Schema

DAY_MS = 24 * 60 * 60 * 1000
REFERENCE = "$ref"


def page(document: Schema) -> str:
    """The page of an AsyncAPI document that `document` made."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Schema) -> Iterator[str]:
    info = document["info"]
    yield f"# Contract of {info['title']} {info['version']}"
    yield ""
    yield "Made by `dyads contract` from the code; do not edit. For tools: [asyncapi.json](asyncapi.json), and a JSON"
    yield "Schema of each record. What they count: [tables](../tables.md); how to read: [consumers](../consumers.md)."
    yield ""
    yield info["description"]
    yield ""
    yield "## Topics"
    yield ""
    yield "| topic | key | value | kept | written by |"
    yield "|---|---|---|---|---|"
    for name, channel in document["channels"].items():
        message = document["components"]["messages"][name]
        key = _cell(message["bindings"]["kafka"]["key"]["description"])
        facts = (f"[`{name}`](#{_anchor(name)})", key, _payload(message), _kept(channel), channel["x-writer"])
        yield f"| {' | '.join(facts)} |"
    for name, channel in document["channels"].items():
        yield from _topic(name, channel, document["components"]["messages"])
    yield ""
    yield "# Records"
    for name, schema in document["components"]["schemas"].items():
        yield from _record(name, schema)


def _topic(name: str, channel: Schema, messages: Mapping[str, Schema]) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    yield f"{_sentence(channel['description'])} Value: {_payload(messages[name])}."
    if f"{name}.null" in channel["messages"]:
        yield _sentence(messages[f"{name}.null"]["summary"].capitalize())
    yield ""
    yield "| header | |"
    yield "|---|---|"
    for header, schema in messages[name]["headers"]["properties"].items():
        yield f"| `{header}` | {_cell(schema['description'])} |"


def _record(name: str, schema: Schema) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    if "description" in schema:
        yield schema["description"]
        yield ""
    if "enum" in schema:
        said = meanings(getattr(models, name))
        yield "| value | |"
        yield "|---|---|"
        for value in schema["enum"]:
            yield f"| `{value}` | {_cell(said.get(str(value), ''))} |"
        return
    yield "| field | type | |"
    yield "|---|---|---|"
    for field, kind in schema["properties"].items():
        need = "required" if field in schema["required"] else "optional"
        yield f"| `{field}` | {_type(kind)} | {need} |"


def _type(schema: Schema) -> str:
    if REFERENCE in schema:
        return _linked(schema)
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"] if each.get("type") != "null")
    kind = schema["type"]
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    if kind == "object":
        return f"object of {_type(schema['additionalProperties'])}"
    limits = [
        f"{says} {_code(schema[key])}"
        for key, says in (
            ("format", "format"),
            ("pattern", "pattern"),
            ("minLength", "length from"),
            ("maxLength", "length to"),
            ("minimum", "from"),
            ("maximum", "to"),
        )
        if key in schema
    ]
    return ", ".join([kind, *limits])


def _code(value: Any) -> str:
    return f"`{_cell(str(value))}`"


def _payload(message: Schema) -> str:
    return _linked(message["payload"]) if REFERENCE in message["payload"] else "bytes"


def _linked(reference: Schema) -> str:
    name = str(reference[REFERENCE]).rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _kept(channel: Schema) -> str:
    settings = channel["bindings"]["kafka"]["topicConfiguration"]
    kept = []
    if "compact" in settings["cleanup.policy"]:
        kept.append("the last value of each key")
    if (time := settings.get("retention.ms")) is not None:
        kept.append(f"{time // DAY_MS} days")
    return ", ".join(kept)


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
