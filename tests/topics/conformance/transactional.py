"""A transactional producer request by request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import GroupCoordinatorNotAvailableError, for_code
from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    TxnOffsetCommitRequest,
)
from aiokafka.record.default_records import DefaultRecordBatchBuilder

TRY_AGAIN = {
    3,  # UNKNOWN_TOPIC_OR_PARTITION, for a moment after the topic is made
    6,  # NOT_LEADER_OR_FOLLOWER, likewise
    14,  # COORDINATOR_LOAD_IN_PROGRESS
    15,  # COORDINATOR_NOT_AVAILABLE, for a moment after a broker's first start
    16,  # NOT_COORDINATOR, likewise
    19,  # NOT_ENOUGH_REPLICAS: how Apache Kafka tells older clients the next one when they write
    51,  # CONCURRENT_TRANSACTIONS: the last transaction's markers are still being written
}
"""What a client library tries again, so that these tests do too."""


class RawProducer:
    """A transactional producer request by request, so that it can do what a client library would not.

    Each request returns its error as aiokafka's class for it; `ok` tells success."""

    def __init__(self, client: AIOKafkaClient, transactional_id: str) -> None:
        self._client = client
        self.transactional_id = transactional_id
        self.producer_id = -1
        self.epoch = -1
        self.sequence = 0

    async def init(self, timeout_ms: int = 60_000) -> None:
        async def init() -> tuple[int, Any]:
            # Asked for a coordinator, Apache Kafka makes the topic that it keeps transactions in.
            await self._client.coordinator_lookup(CoordinationType.TRANSACTION, self.transactional_id)
            response = await self._ask(InitProducerIdRequest(self.transactional_id, timeout_ms))
            return response.error_code, response

        error, response = await _until_answered(init)
        assert ok(error)
        self.producer_id, self.epoch, self.sequence = response.producer_id, response.producer_epoch, 0

    async def add(self, topic: str, partition: int = 0) -> Any:
        async def add() -> tuple[int, Any]:
            response = await self._ask(AddPartitionsToTxnRequest(*self._who, [(topic, [partition])]))
            return response.errors[0][1][0][1], response

        return (await _until_answered(add))[0]

    async def write(self, topic: str, value: bytes, partition: int = 0, sequence: int | None = None) -> Any:
        builder = DefaultRecordBatchBuilder(
            2, 0, 1, self.producer_id, self.epoch, self.sequence if sequence is None else sequence, 1 << 20
        )
        builder.append(0, None, b"key", value, [])
        data = bytes(builder.build())

        async def write() -> tuple[int, Any]:
            response = await self._ask(ProduceRequest(self.transactional_id, -1, 5000, [(topic, [(partition, data)])]))
            return response.topics[0][1][0][1], response

        error, _ = await _until_answered(write)
        if ok(error) and sequence is None:
            self.sequence += 1
        return error

    async def add_offsets(self, group: str) -> Any:
        async def add_offsets() -> tuple[int, Any]:
            response = await self._ask(AddOffsetsToTxnRequest(*self._who, group))
            return response.error_code, response

        return (await _until_answered(add_offsets))[0]

    async def commit_offset(self, group: str, topic: str, offset: int) -> Any:
        request = TxnOffsetCommitRequest(
            self.transactional_id, group, self.producer_id, self.epoch, [(topic, [(0, offset, "")])]
        )

        async def commit_offset() -> tuple[int, Any]:
            await self._client.coordinator_lookup(CoordinationType.GROUP, group)
            response = await self._ask(request)
            return response.errors[0][1][0][1], response

        return (await _until_answered(commit_offset))[0]

    async def end(self, result: bool) -> Any:
        async def end() -> tuple[int, Any]:
            response = await self._ask(EndTxnRequest(*self._who, result))
            return response.error_code, response

        return (await _until_answered(end))[0]

    @property
    def _who(self) -> tuple[str, int, int]:
        return self.transactional_id, self.producer_id, self.epoch

    async def _ask(self, request: Request) -> Any:
        return await self._client.send(self._client.get_random_node(), request)


async def _until_answered(ask: Callable[[], Awaitable[tuple[int, Any]]]) -> tuple[Any, Any]:
    """Ask until the answer is not to try again; the error and the response."""
    async with asyncio.timeout(90):
        while True:
            try:
                code, response = await ask()
            except GroupCoordinatorNotAvailableError as error:
                code, response = error.errno, None
            if code not in TRY_AGAIN:
                return for_code(code), response
            await asyncio.sleep(0.02)


def ok(error: Any) -> bool:
    return bool(error.errno == 0)
