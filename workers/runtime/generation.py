"""Whether a worker's generation is one to work for: at the start, and while it works."""

from __future__ import annotations

import asyncio
import logging
from typing import NoReturn

from topics.generations import Generations, Standing, generations
from workers.runtime.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often a worker looks whether its generation is retired."""


class GenerationClosed(Exception):
    """The worker's generation is not for it, whatever it does: it must not be started again under these settings."""


async def check_open(settings: Settings) -> None:
    """Raises `GenerationClosed` where the settings name a generation that is retired or unknown, and `BrokerError`."""
    _check(await generations(settings.broker), settings.generation)


async def until_retired(settings: Settings) -> NoReturn:
    """Waits until the generation is retired, and raises `GenerationClosed` then."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await check_open(settings)
        except GenerationClosed:
            raise
        except Exception:  # the broker is away, or answers nonsense: that is no reason to end
            log.debug("the generations are looked at later", exc_info=True)


def _check(known: Generations, number: int) -> None:
    match known.standing(number):
        case Standing.UNKNOWN:
            raise GenerationClosed(
                f"there is no generation {number} (DYADS_GENERATION); `dyads replay start` begins the next one"
            )
        case Standing.RETIRED:
            raise GenerationClosed(
                f"generation {number} (DYADS_GENERATION) is retired; the current one is {known.current}"
            )
