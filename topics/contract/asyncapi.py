"""The AsyncAPI 3 document: channels, messages, who sends and who receives, and how the broker keeps them."""

from __future__ import annotations

from typing import Any

from topics import headers
from topics.catalogue import GENERATIONS, PUBLIC, RAW, Topic
from topics.contract.docstrings import meanings
from topics.contract.schemas import Schema, components

VERSION = "1.0.0"
"""Of the contract: another first number where a reader or producer of before would not do any longer, another second
one where something is added."""

BINDING = "0.5.0"
"""Version of AsyncAPI's Kafka binding."""

DESCRIPTION = """\
Dyads reads news as it streams in and keeps live, exact tables of how states treat each other.

Read with `isolation_level=read_committed`. Topics that are compacted hold rows: the last value of a key counts, null
removes it. Fields that a reader does not know are to be ignored; the header `schema` is the version of the record.
Keys that begin with the byte 0xFF, or with `@`, are messages among the workers.

The addresses are those of generation 1; those of generation N, when everything was coded anew, end with `.gN`. Which
one is current is said by the topic `generations`."""


def document() -> Schema:
    """The document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dyads",
            "version": VERSION,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in PUBLIC},
        "operations": {_operation_name(topic): _operation(topic) for topic in PUBLIC},
        "components": {
            "messages": {name: message for topic in PUBLIC for name, message in _messages(topic).items()},
            "schemas": components([t.record for t in PUBLIC if t.record], "#/components/schemas/{name}"),
        },
    }


def _channel(topic: Topic) -> Schema:
    settings: dict[str, Any] = {
        "cleanup.policy": topic.cleanup.value.split(","),
        "max.message.bytes": topic.max_message_bytes,
    }
    if topic.cleanup.expires:
        settings["retention.ms"] = topic.retention_ms
    if topic.cleanup.compacts:
        settings["delete.retention.ms"] = int(topic.config()["delete.retention.ms"])
    return {
        "address": topic.name,
        "description": topic.purpose,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages(topic)},
        "bindings": {"kafka": {"topicConfiguration": settings, "bindingVersion": BINDING}},
        "x-writer": topic.writer,
        "x-shared-by-generations": topic.shared,
    }


def _operation_name(topic: Topic) -> str:
    return f"{_action(topic)}-{topic.name}"


def _action(topic: Topic) -> str:
    return "receive" if topic is RAW else "send"


def _operation(topic: Topic) -> Schema:
    channel = f"#/channels/{topic.name}"
    return {
        "action": _action(topic),
        "channel": {"$ref": channel},
        "summary": topic.purpose,
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _messages(topic)],
    }


def _messages(topic: Topic) -> dict[str, Schema]:
    """What travels on a topic: its record, or bytes as they came, and null where that means something."""
    bytes_as_received = {"description": "Whatever was received; see the headers."}
    payload = {"$ref": f"#/components/schemas/{topic.record.__name__}"} if topic.record else bytes_as_received
    found = {topic.name: _message(topic, topic.purpose, payload)}
    if topic is GENERATIONS or not topic.cleanup.compacts:
        return found
    meaning = "withdraws the article" if topic is RAW else "takes away what was said under the key"
    return {**found, f"{topic.name}.null": _message(topic, f"null: {meaning}", {"type": "null"})}


def _message(topic: Topic, summary: str, payload: Schema) -> Schema:
    said = meanings(headers)
    names = sorted((headers.SCHEMA, headers.TRACEPARENT, *topic.headers))
    message: Schema = {
        "summary": summary,
        "headers": {
            "type": "object",
            "properties": {name: {"type": "string", "description": said[name]} for name in names},
        },
        "payload": payload,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDING}},
    }
    if topic.record is None and payload.get("type") != "null":
        message["contentType"] = "application/octet-stream"
    return message
