"""Producing and fetching: the requests that carry records."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from topics.embedded import batch as batches
from topics.embedded.errors import CloseConnection, ErrorCode, Refused
from topics.embedded.handling import Handlers, Request
from topics.embedded.log import Appended, PartitionLog
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity
from topics.embedded.transactions import TransactionCoordinator
from topics.embedded.wire import ApiKey, Fields

LATEST = -1
EARLIEST = -2
READ_COMMITTED = 1
MAX_FETCH_BYTES = 55 * 1024 * 1024
"""Most that one answer carries, whatever is asked for (fetch.max.bytes)."""


class DataApi:
    """Produce, fetch, list offsets."""

    def __init__(self, topics: TopicRegistry, transactions: TransactionCoordinator) -> None:
        self._topics = topics
        self._transactions = transactions

    def handlers(self) -> Handlers:
        return {
            ApiKey.PRODUCE: self.produce,
            ApiKey.FETCH: self.fetch,
            ApiKey.LIST_OFFSETS: self.list_offsets,
        }

    # Produce -----------------------------------------------------------------------------------------------------

    async def produce(self, request: Request) -> Fields | None:
        acks = request.fields["required_acks"]
        topics = [
            {
                "topic": topic["topic"],
                "partitions": [
                    self._produce_one(topic["topic"], partition["partition"], partition["messages"], acks)
                    for partition in topic["partitions"]
                ],
            }
            for topic in request.fields["topics"]
        ]
        if acks != 0:
            return {"topics": topics}
        failed = [each for topic in topics for each in topic["partitions"] if each["error_code"] != ErrorCode.NONE]
        if failed:  # nobody waits for an answer, so a closed connection is the only way to tell
            raise CloseConnection(f"produce with acks=0 failed: {ErrorCode(failed[0]['error_code']).name}")
        return None

    def _produce_one(self, topic: str, partition: int, data: bytes | None, acks: int) -> Fields:
        log = self._topics.find_partition(topic, partition)
        error, appended = ErrorCode.NONE, Appended(base_offset=-1, append_time_ms=-1)
        try:
            appended = self._append(topic, partition, data or b"", acks)
        except Refused as refused:
            error = refused.code
        return {
            "partition": partition,
            "error_code": error,
            "offset": appended.base_offset,
            "timestamp": appended.append_time_ms,
            "log_start_offset": -1 if log is None else log.start_offset,
        }

    def _append(self, topic: str, partition: int, data: bytes, acks: int) -> Appended:
        if acks not in (-1, 0, 1):
            raise Refused(ErrorCode.INVALID_REQUIRED_ACKS, str(acks))
        log = self._topics.partition(topic, partition)
        if acks == -1 and log.config.min_insync_replicas > 1:
            raise Refused(ErrorCode.NOT_ENOUGH_REPLICAS, "there is one")
        header = batches.read_header(data)
        if header.producer_id != batches.NO_PRODUCER:
            log.attempted(header)
            identity = ProducerIdentity(header.producer_id, header.producer_epoch)
            self._transactions.check_write(identity, (topic, partition), transactional=header.is_transactional)
        return log.append(data)

    # Fetch -------------------------------------------------------------------------------------------------------

    async def fetch(self, request: Request) -> Fields:
        """Answer as soon as there are min_bytes or something is wrong, and at the latest after max_wait_time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + request.fields["max_wait_time"] / 1000
        changed = asyncio.Event()
        with self._watching(request, changed):
            while True:
                changed.clear()
                topics, size, failed = self._fetch_now(request.fields)
                remaining = deadline - loop.time()
                if failed or size >= request.fields["min_bytes"] or remaining <= 0:
                    # Session 0: no incremental fetch session, every request names all its partitions.
                    return {"error_code": ErrorCode.NONE, "session_id": 0, "topics": topics}
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(remaining):  # wait_for may swallow a cancellation, and `stop` hang
                        await changed.wait()

    @contextlib.contextmanager
    def _watching(self, request: Request, changed: asyncio.Event) -> Iterator[None]:
        logs = [
            log
            for topic in request.fields["topics"]
            for partition in topic["partitions"]
            if (log := self._topics.find_partition(topic["topic"], partition["partition"])) is not None
        ]
        for log in logs:
            log.watch(changed)
        try:
            yield
        finally:
            for log in logs:
                log.unwatch(changed)

    def _fetch_now(self, fields: Fields) -> tuple[list[Fields], int, bool]:
        """What can be read now, its bytes, and whether any partition has an error."""
        left: int = min(fields["max_bytes"], MAX_FETCH_BYTES)
        committed = fields["isolation_level"] == READ_COMMITTED
        topics, size, failed = [], 0, False
        for topic in fields["topics"]:
            partitions = []
            for wanted in topic["partitions"]:
                answer = self._fetch_partition(topic["topic"], wanted, left, committed=committed)
                partitions.append(answer)
                size += len(answer["message_set"])
                left -= len(answer["message_set"])
                failed = failed or answer["error_code"] != ErrorCode.NONE
            topics.append({"topics": topic["topic"], "partitions": partitions})
        return topics, size, failed

    def _fetch_partition(self, topic: str, wanted: Fields, left: int, *, committed: bool) -> Fields:
        offset: int = wanted["fetch_offset"] if "fetch_offset" in wanted else wanted["offset"]  # "offset": version 4
        log = self._topics.find_partition(topic, wanted["partition"])
        answer: Fields = {
            "partition": wanted["partition"],
            "error_code": ErrorCode.NONE,
            "highwater_offset": -1 if log is None else log.end_offset,
            "last_stable_offset": -1 if log is None else log.last_stable_offset,
            "log_start_offset": -1 if log is None else log.start_offset,
            "aborted_transactions": None,
            "preferred_read_replica": -1,
            "message_set": b"",
        }
        try:
            if log is None:
                raise Refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            self._read_into(answer, log, offset, min(wanted["max_bytes"], left), committed=committed)
        except Refused as refused:
            answer["error_code"] = refused.code
        return answer

    def _read_into(self, answer: Fields, log: PartitionLog, offset: int, max_bytes: int, *, committed: bool) -> None:
        until = log.last_stable_offset if committed else log.end_offset
        if max_bytes <= 0:
            until = log.start_offset  # the response is full: check the offset, read nothing
        data, read_to = log.read(offset, max_bytes, until)
        answer["message_set"] = data
        if committed:
            aborted = log.aborted_between(offset, read_to) if data else []
            answer["aborted_transactions"] = [
                {"producer_id": each.producer_id, "first_offset": each.first_offset} for each in aborted
            ]

    # List offsets ------------------------------------------------------------------------------------------------

    async def list_offsets(self, request: Request) -> Fields:
        committed = request.fields.get("isolation_level", 0) == READ_COMMITTED
        topics = []
        for topic in request.fields["topics"]:
            partitions = []
            for wanted in topic["partitions"]:
                error, offset, timestamp = ErrorCode.NONE, -1, -1
                try:
                    log = self._topics.partition(topic["topic"], wanted["partition"])
                    offset, timestamp = _find_offset(log, wanted["timestamp"], committed=committed)
                except Refused as refused:
                    error = refused.code
                partitions.append(
                    {
                        "partition": wanted["partition"],
                        "error_code": error,
                        "timestamp": timestamp,
                        "offset": offset,
                    }
                )
            topics.append({"topic": topic["topic"], "partitions": partitions})
        return {"topics": topics}


def _find_offset(log: PartitionLog, timestamp: int, *, committed: bool) -> tuple[int, int]:
    """The offset for a time or for one of the two marks, and that record's time; -1 for what there is not."""
    end = log.last_stable_offset if committed else log.end_offset
    if timestamp == LATEST:
        return end, -1
    if timestamp == EARLIEST:
        return log.start_offset, -1
    if timestamp < 0:
        raise Refused(ErrorCode.INVALID_REQUEST, f"timestamp {timestamp}")
    found = log.offset_for_time(timestamp)
    return found if found is not None and found[0] < end else (-1, -1)
