"""Whether the broker answers: the clients inside a worker do not say, they try again for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Self

from topics.admin import cluster_id
from topics.errors import BrokerError

log = logging.getLogger(__name__)

BEATS = 4
"""How often the broker is asked within the time that it may be silent."""


class Pulse:
    """Asks the broker at `address` all the time; it may be silent for `patience` seconds. An async context manager."""

    def __init__(self, address: str, patience: float) -> None:
        self._address = address
        self._patience = patience
        self._heard = time.monotonic()
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._heard = time.monotonic()
        self._asking = asyncio.create_task(self._ask(), name="ask the broker whether it is there")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._asking is not None:
            self._asking.cancel()

    def problem(self) -> str | None:
        """That the broker is silent, if it is."""
        silent = time.monotonic() - self._heard
        return f"the broker has not answered for {silent:.0f} s" if silent > self._patience else None

    async def _ask(self) -> None:
        told: str | None = None
        while True:
            with suppress(BrokerError, TimeoutError):
                async with asyncio.timeout(self._patience):
                    await cluster_id(self._address)
                self._heard = time.monotonic()
            problem = self.problem()
            if bool(problem) != bool(told):
                log.warning("%s", problem or "the broker answers again")
            told = problem
            await asyncio.sleep(self._patience / BEATS)
