"""The wire: which requests are served, and between bytes and dictionaries by aiokafka's own schemas.

A request is a frame: a size, then a header (key of the API, its version, a correlation id, the client's name), then
fields in the order of the schema of that key and version. aiokafka carries those schemas for its own use as a client;
reading requests and writing responses with them keeps this broker exactly in step with it.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from aiokafka.protocol import admin, commit, coordination, fetch, group, metadata, offset, produce, transaction
from aiokafka.protocol.types import Array, Schema

from topics.embedded.errors import ErrorCode, MalformedRequest

Fields = dict[str, Any]
"""A request's or response's fields by name; arrays of structures are lists of such dictionaries."""

FRAME_SIZE = struct.Struct(">i")
_HEADER = struct.Struct(">hhih")  # api key, api version, correlation id, length of the client id
_VERSIONED = re.compile(r"Request_v\d+$")  # how aiokafka names the structure of one version of a request


class ApiKey(IntEnum):
    """The requests served, as numbered by the protocol."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    DESCRIBE_GROUPS = 15
    LIST_GROUPS = 16
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    DELETE_TOPICS = 20
    DELETE_RECORDS = 21
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28
    DESCRIBE_CONFIGS = 32
    ALTER_CONFIGS = 33
    CREATE_PARTITIONS = 37
    DELETE_GROUPS = 42


VERSIONS: dict[ApiKey, tuple[int, int]] = {
    # From the version that carries record batches of format 2 (produce 3, fetch 4, list offsets 1) to the last one
    # whose schema aiokafka has right and whose header is not "flexible".
    ApiKey.PRODUCE: (3, 7),
    ApiKey.FETCH: (4, 11),
    ApiKey.LIST_OFFSETS: (1, 3),
    ApiKey.METADATA: (0, 5),
    ApiKey.OFFSET_COMMIT: (0, 3),
    ApiKey.OFFSET_FETCH: (0, 3),
    ApiKey.FIND_COORDINATOR: (0, 1),
    ApiKey.JOIN_GROUP: (0, 5),
    ApiKey.HEARTBEAT: (0, 1),
    ApiKey.LEAVE_GROUP: (0, 1),
    ApiKey.SYNC_GROUP: (0, 3),
    ApiKey.DESCRIBE_GROUPS: (0, 2),
    ApiKey.LIST_GROUPS: (0, 2),
    ApiKey.API_VERSIONS: (0, 2),
    ApiKey.CREATE_TOPICS: (0, 3),
    ApiKey.DELETE_TOPICS: (0, 3),
    ApiKey.DELETE_RECORDS: (0, 1),
    ApiKey.INIT_PRODUCER_ID: (0, 0),
    ApiKey.ADD_PARTITIONS_TO_TXN: (0, 0),
    ApiKey.ADD_OFFSETS_TO_TXN: (0, 0),
    ApiKey.END_TXN: (0, 0),
    ApiKey.TXN_OFFSET_COMMIT: (0, 0),
    ApiKey.DESCRIBE_CONFIGS: (0, 2),
    ApiKey.ALTER_CONFIGS: (0, 1),
    ApiKey.CREATE_PARTITIONS: (0, 1),
    ApiKey.DELETE_GROUPS: (0, 1),
}

_NULLABLE = {
    ApiKey.PRODUCE: {"transactional_id", "messages"},
    ApiKey.METADATA: {"topics"},
    ApiKey.OFFSET_COMMIT: {"metadata"},
    ApiKey.OFFSET_FETCH: {"topics"},
    ApiKey.JOIN_GROUP: {"group_instance_id"},
    ApiKey.SYNC_GROUP: {"group_instance_id"},
    ApiKey.CREATE_TOPICS: {"config_value"},
    ApiKey.INIT_PRODUCER_ID: {"transactional_id"},
    ApiKey.TXN_OFFSET_COMMIT: {"metadata"},
    ApiKey.DESCRIBE_CONFIGS: {"config_names"},
    ApiKey.ALTER_CONFIGS: {"config_value"},
    ApiKey.CREATE_PARTITIONS: {"assignment"},
}
"""Request fields that may be null, by the protocol; aiokafka's schemas do not say."""

_OTHERWISE: Fields = {"throttle_time_ms": 0}
"""Response fields that no handler gives: nothing is ever throttled."""


class RequestHeader(NamedTuple):
    """The head of a request; `body` is where its fields begin in the frame."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str
    body: int


@dataclass(frozen=True, slots=True)
class Api:
    """The schemas of one version of one request and of its response."""

    key: ApiKey
    version: int
    request: Schema
    response: Schema


def _collect() -> dict[tuple[int, int], Api]:
    """The schemas of every version in `VERSIONS`. A version that aiokafka leaves out changed no field (join group 3
    and 4, sync group 2, list groups 2), so it has those of the version before."""
    found: dict[tuple[int, int], tuple[Schema, Schema]] = {}
    for module in (produce, fetch, offset, metadata, commit, coordination, group, admin, transaction):
        for name, request in vars(module).items():
            if _VERSIONED.search(name):
                found[request.API_KEY, request.API_VERSION] = (request.SCHEMA, request.RESPONSE_TYPE.SCHEMA)
    apis: dict[tuple[int, int], Api] = {}
    for api_key, (lowest, highest) in VERSIONS.items():
        for version in range(lowest, highest + 1):
            known = max(v for k, v in found if k == api_key and v <= version)
            apis[api_key, version] = Api(api_key, version, *found[api_key, known])
    return apis


APIS = _collect()


def read_header(frame: bytes) -> RequestHeader:
    """The head of a request frame. Raises `MalformedRequest`."""
    try:
        api_key, api_version, correlation_id, length = _HEADER.unpack_from(frame)
        body = _HEADER.size + max(length, 0)
        if body > len(frame):
            raise MalformedRequest("the client id runs past the end of the request")
        client_id = frame[_HEADER.size : body].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise MalformedRequest(f"no request header: {error}") from None
    return RequestHeader(api_key, api_version, correlation_id, client_id, body)


def find_api(header: RequestHeader) -> Api:
    """The schemas for a request. Raises `MalformedRequest` for a key or version that is not served."""
    api = APIS.get((header.api_key, header.api_version))
    if api is None:
        raise MalformedRequest(f"API {header.api_key} version {header.api_version} is not served")
    return api


def decode(api: Api, payload: bytes) -> Fields:
    """A request's fields. Raises `MalformedRequest`."""
    buffer = io.BytesIO(payload)
    try:
        fields = _to_fields(api.request, api.request.decode(buffer), _NULLABLE.get(api.key, set()))
    except (ValueError, struct.error, MemoryError) as error:
        raise MalformedRequest(f"{api.key.name} version {api.version}: {error}") from None
    if buffer.tell() != len(payload):
        raise MalformedRequest(f"{api.key.name} version {api.version}: {len(payload) - buffer.tell()} bytes too many")
    return fields


def encode(api: Api, fields: Fields, correlation_id: int) -> bytes:
    """A response frame. Fields that this version does not know are left out; one that it lacks is a KeyError."""
    payload: bytes = api.response.encode(_to_values(api.response, fields))
    return FRAME_SIZE.pack(len(payload) + 4) + FRAME_SIZE.pack(correlation_id) + payload


def unsupported_api_versions(correlation_id: int) -> bytes:
    """The answer to an ApiVersions request of a version not served: always version 0, so that the client can ask
    again with one that is (KIP-511)."""
    lowest, highest = VERSIONS[ApiKey.API_VERSIONS]
    entry = {"api_key": ApiKey.API_VERSIONS, "min_version": lowest, "max_version": highest}
    fields = {"error_code": ErrorCode.UNSUPPORTED_VERSION, "api_versions": [entry]}
    return encode(APIS[ApiKey.API_VERSIONS, 0], fields, correlation_id)


def _to_fields(schema: Schema, values: Any, nullable: set[str]) -> Fields:
    fields: Fields = {}
    for name, kind, value in zip(schema.names, schema.fields, values, strict=True):
        if value is None and name not in nullable:
            raise ValueError(f"{name} is null")
        if isinstance(kind, Schema):
            value = _to_fields(kind, value, nullable)
        elif isinstance(kind, Array) and isinstance(kind.array_of, Schema) and value is not None:
            value = [_to_fields(kind.array_of, item, nullable) for item in value]
        elif isinstance(kind, Array) and value is not None and None in value:
            raise ValueError(f"null in {name}")
        fields[name] = value
    return fields


def _to_values(schema: Schema, fields: Fields) -> list[Any]:
    values = []
    for name, kind in zip(schema.names, schema.fields, strict=True):
        value = fields[name] if name in fields else _OTHERWISE[name]
        if isinstance(kind, Schema):
            value = _to_values(kind, value)
        elif isinstance(kind, Array) and isinstance(kind.array_of, Schema) and value is not None:
            value = [_to_values(kind.array_of, item) for item in value]
        values.append(value)
    return values
