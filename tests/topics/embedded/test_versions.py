"""Every version of every request is answered, by its schema, whatever its fields hold."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.protocol.types import Array, Boolean, Bytes, Schema, String

from topics.embedded import EmbeddedBroker
from topics.embedded.wire import APIS


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    async with await EmbeddedBroker.start() as broker:
        yield broker


def example(kind: Any, length: int) -> Any:
    """A value for a field: zero, some text, or a list of `length` examples."""
    if isinstance(kind, Schema):
        # acks=0 would ask for no answer
        return [
            1 if name == "required_acks" else example(f, length)
            for name, f in zip(kind.names, kind.fields, strict=True)
        ]
    if isinstance(kind, Array):
        return [example(kind.array_of, length) for _ in range(length)]
    if isinstance(kind, String):
        return "text"
    return {Bytes: b"bytes", Boolean: True}.get(kind, 0)


async def ask(broker: EmbeddedBroker, key: int, version: int, payload: bytes) -> bytes | None:
    """The answer to a request, None if the connection is closed without."""
    host, port = broker.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = struct.pack(">hhih", key, version, 5, -1) + payload
    writer.write(struct.pack(">i", len(request)) + request)
    try:
        async with asyncio.timeout(90):
            size, correlation_id = struct.unpack(">ii", await reader.readexactly(8))
            assert correlation_id == 5
            return await reader.readexactly(size - 4)
    except asyncio.IncompleteReadError:
        return None
    finally:
        writer.close()


@pytest.mark.parametrize("known", [False, True], ids=["unknown topic", "known topic"])
@pytest.mark.parametrize("length", [0, 1, 2])
async def test_every_version_is_answered_by_its_schema(broker: EmbeddedBroker, length: int, known: bool) -> None:
    if known:
        create = APIS[19, 0]
        await ask(broker, 19, 0, create.request.encode([[["text", 1, 1, [], []]], 1000]))
    for (key, version), api in APIS.items():
        answer = await ask(broker, key, version, api.request.encode(example(api.request, length)))
        assert answer is not None, (api.key.name, version)
        buffer = io.BytesIO(answer)
        api.response.decode(buffer)
        assert buffer.tell() == len(answer), (api.key.name, version)
