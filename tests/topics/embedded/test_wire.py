"""Bytes that are no proper request: the connection closes with a reason in the log, and the broker goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import struct
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.embedded import BrokerSettings, EmbeddedBroker
from topics.embedded.errors import MalformedRequest
from topics.embedded.wire import APIS, VERSIONS, ApiKey, decode, encode, find_api, read_header

API_VERSIONS_REQUEST = struct.pack(">hhih", ApiKey.API_VERSIONS, 0, 42, -1)


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    async with await EmbeddedBroker.start(settings=BrokerSettings(max_request_bytes=1_000_000)) as broker:
        yield broker


@contextlib.asynccontextmanager
async def connection(broker: EmbeddedBroker) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = broker.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


def frame(payload: bytes) -> bytes:
    return struct.pack(">i", len(payload)) + payload


async def answers(broker: EmbeddedBroker, sent: bytes) -> bytes:
    """What the broker answers until it closes the connection."""
    async with connection(broker) as (reader, writer):
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(90):
            return await reader.read()


async def is_well(broker: EmbeddedBroker) -> bool:
    answer = await answers(broker, frame(API_VERSIONS_REQUEST))
    return answer[4:8] == struct.pack(">i", 42)


def null_topics() -> bytes:
    """A create-topics request whose list of topics is null."""
    return struct.pack(">hhih", ApiKey.CREATE_TOPICS, 1, 1, -1) + struct.pack(">ii?", -1, 1000, False)


BROKEN = {
    "no kafka at all": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "a request of"),
    "negative size": (struct.pack(">i", -7), "a request of -7 bytes"),
    "nothing in it": (struct.pack(">i", 0), "a request of 0 bytes"),
    "oversized": (struct.pack(">i", 1_000_001), "a request of 1000001 bytes"),
    "cut short": (struct.pack(">i", 100) + b"abc", "ended after 3 of 100 bytes"),
    "too short for a header": (frame(b"\0\x12"), "no request header"),
    "client id too long": (frame(struct.pack(">hhih", 18, 0, 1, 500)), "client id runs past"),
    "client id not text": (frame(struct.pack(">hhih", 18, 0, 1, 2) + b"\xff\xff"), "no request header"),
    "unknown api": (frame(struct.pack(">hhih", 999, 0, 1, -1)), "API 999 version 0"),
    "unknown version": (frame(struct.pack(">hhih", ApiKey.METADATA, 99, 1, -1)), "API 3 version 99"),
    "fields missing": (frame(struct.pack(">hhih", ApiKey.FETCH, 11, 1, -1)), "FETCH version 11"),
    "bytes too many": (frame(API_VERSIONS_REQUEST + b"more"), "4 bytes too many"),
    "null where there must be something": (frame(null_topics()), "create_topic_requests is null"),
    "huge list": (
        frame(struct.pack(">hhihi", ApiKey.METADATA, 0, 1, -1, 2**31 - 1)),
        "METADATA version 0",
    ),
}


@pytest.mark.parametrize(("sent", "reason"), BROKEN.values(), ids=BROKEN.keys())
async def test_broken_request_closes_its_connection_only(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture, sent: bytes, reason: str
) -> None:
    async with connection(broker) as (reader, writer):
        writer.write(frame(API_VERSIONS_REQUEST))
        await reader.readexactly(8)
        assert await answers(broker, sent) == b""
        [record] = [each for each in caplog.records if each.levelno >= logging.WARNING]
        assert reason in record.getMessage()
        assert "127.0.0.1" in record.getMessage()
    assert await is_well(broker)


async def test_garbage_of_any_kind_is_survived(broker: EmbeddedBroker) -> None:
    for size in (1, 3, 17, 400, 9000):
        for _ in range(10):
            await answers(broker, frame(os.urandom(size)))
            await answers(broker, os.urandom(size))
    assert await is_well(broker)


@given(key=st.sampled_from(sorted(APIS)), payload=st.binary(max_size=300))
@settings(max_examples=300)
def test_payload_is_decoded_or_refused(key: tuple[int, int], payload: bytes) -> None:
    with contextlib.suppress(MalformedRequest):
        decode(APIS[key], payload)


async def test_client_of_a_newer_protocol_is_told_which_versions_there_are(broker: EmbeddedBroker) -> None:
    """It asks in a version and with a header that this broker does not know; the answer is version 0 (KIP-511)."""
    asked = struct.pack(">hhih", ApiKey.API_VERSIONS, 4, 7, 3) + b"abc" + b"\0" + b"\x04abc\x02x\0"
    answer = await answers(broker, frame(asked))
    correlation_id, error, count = struct.unpack_from(">ihi", answer, 4)
    assert (correlation_id, error) == (7, 35)
    entries = dict(struct.iter_unpack(">hi", answer[14:]))
    assert count == len(entries) == 1
    assert list(entries) == [ApiKey.API_VERSIONS]


async def test_every_version_announced_has_its_schemas(broker: EmbeddedBroker) -> None:
    answer = await answers(broker, frame(API_VERSIONS_REQUEST))
    announced = {key: (low, high) for key, low, high in struct.iter_unpack(">hhh", answer[14:])}
    assert announced == VERSIONS
    assert set(APIS) == {(key, version) for key, (low, high) in announced.items() for version in range(low, high + 1)}


def test_response_lacking_a_field_is_a_fault() -> None:
    header = read_header(API_VERSIONS_REQUEST)
    with pytest.raises(KeyError):
        encode(find_api(header), {"error_code": 0}, header.correlation_id)


async def test_requests_of_a_connection_are_answered_in_order(broker: EmbeddedBroker) -> None:
    requests = b"".join(frame(struct.pack(">hhih", ApiKey.API_VERSIONS, 0, number, -1)) for number in range(50))
    answer = await answers(broker, requests)
    numbers = []
    while answer:
        size, number = struct.unpack_from(">ii", answer)
        numbers.append(number)
        answer = answer[4 + size :]
    assert numbers == list(range(50))
