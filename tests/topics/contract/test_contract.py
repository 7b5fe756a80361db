"""The contract is what the code does: its files have not drifted, tools can read it, and every record keeps to it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from models import DailyRelation, EventType, RawArticle, Status
from tests.models.test_records import RECORDS
from topics import catalogue, headers
from topics.catalogue import CATALOGUE, GENERATIONS, PUBLIC, state_topic
from topics.codec import encode
from topics.contract import files
from topics.contract.docstrings import meanings
from topics.contract.schemas import json_schema

COMMITTED = Path(__file__).parents[3] / "docs" / "contract"
ASYNCAPI_3 = json.loads((Path(__file__).parent / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))
"""The specification's own schema; NOTICE says where it comes from."""


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((COMMITTED / "asyncapi.json").read_text(encoding="utf-8"))
    return read


@cache
def validator(kind: type[msgspec.Struct]) -> Draft202012Validator:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_committed_files_are_what_the_code_says() -> None:
    """`dyads contract` writes them anew."""
    assert {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.iterdir()} == files()


def test_the_document_keeps_to_asyncapi_3() -> None:
    errors = [error.message for error in Draft7Validator(ASYNCAPI_3).iter_errors(document())]
    assert errors == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("operations", "send-relations.daily", "action"), "publish"),
        (("channels", "relations.daily", "address"), 7),
        (("channels", "relations.daily", "bindings", "kafka", "topicConfiguration", "cleanup.policy"), ["shred"]),
        (("info", "version"), None),
    ],
)
def test_a_document_that_does_not_is_noticed(path: tuple[str, ...], wrong: object) -> None:
    broken = copy.deepcopy(document())
    place = broken
    for step in path[:-1]:
        place = place[step]
    assert path[-1] in place
    place[path[-1]] = wrong
    assert not Draft7Validator(ASYNCAPI_3).is_valid(broken)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    found = set(references(whole))
    assert found
    for reference in found:
        place: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_topic_but_the_workers_own_is_in_it_as_the_catalogue_has_it() -> None:
    own = {state_topic(agent).name for agent in catalogue.AGENTS}
    assert {topic.name for topic in PUBLIC} == {topic.name for topic in (*CATALOGUE, GENERATIONS)} - own
    channels = document()["channels"]
    assert list(channels) == [topic.name for topic in PUBLIC]
    for topic in PUBLIC:
        settings = channels[topic.name]["bindings"]["kafka"]["topicConfiguration"]
        for name, value in settings.items():
            assert topic.config()[name] == (",".join(value) if isinstance(value, list) else str(value))


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    page = (COMMITTED / "README.md").read_text(encoding="utf-8")
    headings = {line.lstrip("# ").lower().replace(".", "") for line in page.splitlines() if line.startswith("#")}
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert links
    assert links <= headings
    for target in re.findall(r"\]\(([^#)][^)]*)\)", page):
        assert (COMMITTED / target).exists()


def test_every_header_says_what_it_means() -> None:
    named = {getattr(headers, name) for name in vars(headers) if name.isupper() and name != "SCHEMA_VERSION"}
    assert meanings(headers).keys() == named
    assert meanings(Status)["denied"] == "The text says that it did not take place."


@settings(max_examples=300, deadline=None)
@given(st.one_of(RECORDS))
def test_a_record_keeps_to_its_schema_on_the_wire(record: msgspec.Struct) -> None:
    assert [error.message for error in validator(type(record)).iter_errors(json.loads(encode(record)))] == []


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (RawArticle, {"id": "a"}),
        (RawArticle, {"id": "", "text": "x"}),
        (RawArticle, {"id": "a", "text": "x", "published_at": 7}),
        (DailyRelation, {"dyad": "BLR", "day": "2025-10-31"}),
        (DailyRelation, {"dyad": "BLR-KAZ", "day": "2025-10-31", "together": {"events": -1}}),
        (DailyRelation, {"dyad": "BLR-KAZ", "day": "2025-10-31", "together": {"by_type": {EventType.AID: "1"}}}),
    ],
)
def test_what_the_workers_refuse_the_schema_refuses(kind: type[msgspec.Struct], wrong: dict[str, Any]) -> None:
    assert not validator(kind).is_valid(wrong)


def test_a_day_alone_is_taken_as_the_time_of_publication() -> None:
    for moment in ("2025-10-31", "2025-10-31T09:00:00+05:00", None):
        assert validator(RawArticle).is_valid({"id": "a", "text": "x", "published_at": moment})
