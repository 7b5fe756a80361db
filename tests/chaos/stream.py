"""What the outside world does to articles.raw while the workers suffer: two producers that never agree.

They publish, revise in bursts, send again what they sent, send an older revision after a newer one, withdraw, and
withdraw what never was; articles are dated from yesterday to years ago. What a producer does not get acknowledged in
time it gives up: the audit asks only for what is in the log.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import random
from collections import Counter

from msgspec.structs import replace

from models import RawArticle
from tests.integration.news import history
from topics.errors import BrokerError
from workers.producing.client import ArticleProducer
from workers.producing.lines import Withdrawal

ARTICLES = 300
"""Ids that a producer writes about; both write about the same."""
_AT_ONCE = 200
_BURST = 25
_OLDEST_DAYS = 4000


class Stream:
    """The two producers, until told to stop. `rate` is messages a second, bursts apart."""

    def __init__(self, address: str, seed: int, rate: float) -> None:
        self.sent: Counter[str] = Counter()
        self._stop = asyncio.Event()
        self._address = address
        self._pause = 2 / rate
        self._tasks = [asyncio.create_task(self._run(seed * 2 + i)) for i in range(2)]

    async def end(self) -> None:
        """Let each finish what it is sending. Raises what ended one before its time."""
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _run(self, seed: int) -> None:
        rng = random.Random(seed)
        for turn in itertools.count():
            made = history(seed * 10_000 + turn, ARTICLES, _AT_ONCE)
            late = rng.choice(made)  # said once more after all that came since
            try:
                async with ArticleProducer(self._address) as producer:
                    for number, message in enumerate((*made, late)):
                        await self._send(producer, rng, message)
                        if self._stop.is_set():
                            return
                        if number % (2 * _BURST) > _BURST:  # a burst, then a pace
                            await asyncio.sleep(2 * self._pause)
            except BrokerError:
                self.sent["given up"] += 1
                await asyncio.sleep(1)
            if self._stop.is_set():
                return

    async def _send(self, producer: ArticleProducer, rng: random.Random, message: RawArticle | Withdrawal) -> None:
        if isinstance(message, Withdrawal):
            await producer.withdraw(message.id)
            self.sent["withdrawals"] += 1
            return
        if rng.random() < 0.1 and message.published_at is not None:
            message = replace(message, published_at=message.published_at - dt.timedelta(rng.randrange(_OLDEST_DAYS)))
        await producer.publish(message)
        self.sent["articles"] += 1
