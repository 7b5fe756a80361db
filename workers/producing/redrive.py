"""Sending dead letters back to the agents that gave them up."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from topics.address import checked
from topics.catalogue import FIRST_GENERATION, MAX_MESSAGE_BYTES, RAW, SOURCES
from topics.closing import stopped
from topics.errors import translated
from topics.headers import SCHEMA, SCHEMA_VERSION, pack
from topics.letters import NotRedrivable, Redrive, redrive
from topics.message import Message
from topics.partition import partition_of


def check_redrive(letter: Message, partitions: int, generation: int = FIRST_GENERATION) -> Redrive:
    """The message that has a letter of the generation handled again. Raises `NotRedrivable`.

    `partitions` is how many articles.raw has.
    """
    back = redrive(letter)
    if back.topic not in {source.of(generation).name for source in SOURCES.values()}:
        raise NotRedrivable(f"no agent reads {back.topic}")
    key = back.received_key
    if back.topic == RAW.name and partition_of(key, partitions) != back.partition:
        # Its version would be an offset at home, where it never came: nothing says what is newer.
        raise NotRedrivable("it died away from its home partition, before it had a version: publish the article again")
    return back


class Redriver:
    """Sends redriven letters to the broker at `address`; an async context manager. Raises `Unreachable`, `Refused`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._producer = AIOKafkaProducer(
            bootstrap_servers=checked(address),
            enable_idempotence=True,
            acks="all",
            max_request_size=MAX_MESSAGE_BYTES,
        )

    async def __aenter__(self) -> Self:
        with translated(self._address, "redriving dead letters"):
            await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await stopped(self._producer.stop())

    async def send(self, back: Redrive) -> None:
        """Send one and wait until the broker has it. Raises `NotRedrivable` where it is too large to be sent back."""
        with translated(self._address, f"writing {back.topic}"):
            try:
                await self._producer.send_and_wait(
                    back.topic,
                    key=back.key,
                    value=back.value,
                    partition=back.partition,
                    headers=pack({SCHEMA: SCHEMA_VERSION, **back.headers}),
                )
            except MessageSizeTooLargeError:
                raise NotRedrivable(
                    f"with its headers it is larger than {MAX_MESSAGE_BYTES} bytes: publish the article again"
                ) from None
