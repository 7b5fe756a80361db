"""The relation topics of the current generation, from the start and on, for one board after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka.errors import KafkaError
from msgspec.structs import replace

from topics.catalogue import DAILY, EVENTS, MENTIONS, Topic
from topics.errors import BrokerError
from topics.generations import generations
from topics.reader import Reader
from workers.monitoring.board import Board

LOOK_SECONDS = 3.0
"""How often it is looked which generation is current, and how long it is waited after a fault."""


class Feed:
    """Keeps `board` up to date; a new one begins when another generation is current, or after a fault.

    `generation` is that of the board, 0 before one is known; `trouble` says why nothing comes, None if it does.
    """

    def __init__(self, address: str, board: Callable[[], Board]) -> None:
        self.board = board()
        self.generation = 0
        self.trouble: str | None = "connecting"
        self.changed = asyncio.Event()
        self._address = address
        self._new_board = board

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._follow((await generations(self._address)).current)
            except (BrokerError, KafkaError) as error:
                self.trouble = str(error)
                self.changed.set()
                await asyncio.sleep(LOOK_SECONDS)

    async def _follow(self, number: int) -> None:
        """Follow a generation until another one is current."""
        self.board, self.generation, self.trouble = self._new_board(), number, None
        self.changed.set()
        following = [asyncio.create_task(self._read(topic, number)) for topic in (DAILY, EVENTS, MENTIONS)]
        try:
            while True:
                done, _ = await asyncio.wait(following, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if (await generations(self._address)).current != number:
                    return
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)

    async def _read(self, topic: Topic, number: int) -> None:
        async with Reader(self._address, number) as reader:
            async for message in reader.read(topic, follow=True):
                self.board.take(replace(message, topic=topic.name))
                self.changed.set()
