"""What message producers use from Python: publish, revise and withdraw articles.

```python
async with ArticleProducer("127.0.0.1:9092") as producer:
    published = await producer.publish(RawArticle(id="agency/1", text="..."))
    await producer.withdraw("agency/1")
```
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata
from msgspec import Struct

from models import RawArticle, Version
from topics.address import checked
from topics.admin import require
from topics.catalogue import MAX_MESSAGE_BYTES, RAW
from topics.codec import Undecodable, decode, encode
from topics.errors import Unreachable, translated
from topics.headers import SCHEMA, SCHEMA_VERSION, TRACEPARENT, pack
from workers.producing.lines import Withdrawal
from workers.runtime.tracing import Tracing, traceparent

MAX_REQUEST_BYTES = MAX_MESSAGE_BYTES - 1024
"""Largest message sent, in bytes before compression: the broker's limit is on the batch, frame included."""


class InvalidArticle(ValueError):
    """An article that would not be taken; the message names the field and the reason."""


class Published(Struct, frozen=True):
    """The broker's word that a message is in the log, on every replica that is in sync."""

    id: str
    partition: int
    version: Version
    """The offset of the message: the article's version."""


class ArticleProducer:
    """Writes `articles.raw` on the broker at `address`; an async context manager.

    Idempotent, so a message that is sent again after a lost answer is in the log once; acknowledged by all replicas in
    sync; keyed by article id under Kafka's default partitioner, so that an article's revisions stay in order.
    `timeout` is in seconds: how long a message may wait for its acknowledgement. With `tracing` each message begins a
    trace, or goes on with the caller's.
    """

    def __init__(self, address: str, *, timeout: float = 30.0, tracing: Tracing | None = None) -> None:
        self._address = address
        self._timeout = timeout
        self._tracing = tracing
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises `Unreachable`, and `MissingTopics` where the broker has no `articles.raw`."""
        await require(self._address, RAW.name)
        with translated(self._address, f"writing {RAW.name}"):
            self._producer = AIOKafkaProducer(
                bootstrap_servers=checked(self._address),
                enable_idempotence=True,
                acks="all",
                compression_type="lz4",
                linger_ms=5,
                max_batch_size=256 * 1024,
                max_request_size=MAX_REQUEST_BYTES,
                request_timeout_ms=int(self._timeout * 1000),
            )
            try:
                await self._producer.start()
                await self._producer.partitions_for(RAW.name)
            except BaseException:
                await self._producer.stop()
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what is in the buffer, unless an exception ends the block. Raises `Unreachable` where that fails."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            async with asyncio.timeout(self._timeout if kind is None else 0):
                await producer.stop()
        except TimeoutError:
            # An idempotent producer sends until it is answered, so its own stop() would wait for ever.
            await producer._sender.close()
            await producer.client.close()
            if kind is None:
                raise Unreachable(self._address, "it did not acknowledge what was in the buffer") from None

    async def publish(self, article: RawArticle) -> Published:
        """Publish an article, or a revision of one published before, and wait until the broker has it.

        Raises `InvalidArticle`, `Unreachable`, `Refused`.
        """
        return await (await self.enqueue(article))

    async def withdraw(self, id: str) -> Published:
        """Withdraw an article: what it contributed is taken out of the tables. Raises as `publish` does."""
        return await (await self.enqueue(Withdrawal(id)))

    async def enqueue(self, item: RawArticle | Withdrawal) -> asyncio.Future[Published]:
        """Put an article or a withdrawal in the buffer, for throughput; the future resolves when the broker has it.

        Waits only while the buffer is full. Messages of one caller go out in the order of the calls.
        """
        if self._producer is None:
            raise RuntimeError("an ArticleProducer is used inside `async with`")
        value = None
        try:
            if isinstance(item, Withdrawal):
                decode(Withdrawal, encode(item))
            else:
                value = encode(item)
                decode(RawArticle, value)  # records made in Python are not checked as they are made
        except (Undecodable, TypeError) as error:
            raise InvalidArticle(str(error)) from None
        headers = {SCHEMA: SCHEMA_VERSION}
        span = self._tracing.sending(RAW.name, item.id) if self._tracing else None
        if span is not None:
            headers[TRACEPARENT] = traceparent(span)
        with translated(self._address, f"writing {RAW.name}"):
            try:
                sent = await self._producer.send(RAW.name, key=item.id.encode(), value=value, headers=pack(headers))
            except MessageSizeTooLargeError:
                size = len(value or b"")
                raise InvalidArticle(f"{size} bytes as JSON, a message may have {MAX_REQUEST_BYTES}") from None
        if span is not None:
            sent.add_done_callback(lambda _: span.end())
        return asyncio.ensure_future(self._acknowledged(item.id, sent))

    async def _acknowledged(self, id: str, sent: asyncio.Future[RecordMetadata]) -> Published:
        with translated(self._address, f"writing {RAW.name}"):
            async with asyncio.timeout(self._timeout):
                record = await sent
        return Published(id, record.partition, Version(record.offset))
