"""Stopping a client of the broker's, whatever state the broker is in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

PATIENCE = 5.0
"""Seconds; a client may otherwise wait for answers of a broker that is gone."""


async def stopped(stop: Coroutine[Any, Any, None], patience: float = PATIENCE) -> None:
    """Await a client's `stop()`, at most so long, and whatever it raises: there is nothing left to do about it.

    aiokafka's consumer lets the CancelledError of its own fetches out of `stop()`, which would look like a
    cancellation of the caller. So it runs in a task of its own.
    """
    task = asyncio.ensure_future(stop)
    done, _ = await asyncio.wait({task}, timeout=patience)
    if done:
        if not task.cancelled():
            task.exception()
    else:
        task.cancel()
