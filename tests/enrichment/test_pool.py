"""The coding processes: order is the caller's, a poison article harms only itself."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from workers.enrichment.pool import CodingPool
from workers.runtime.handler import Reject


def prepare() -> None:
    """Nothing to load."""


def work(article: bytes, version: int, received: str) -> bytes:
    """Does to its process what the article says."""
    order, _, argument = article.decode().partition(" ")
    if order == "sleep":
        time.sleep(float(argument))
    elif order == "die":
        os._exit(3)
    elif order == "die-once" and not Path(argument).exists():
        Path(argument).touch()
        os._exit(3)
    elif order == "raise":
        raise ZeroDivisionError(argument)
    return b"%s v%d %s" % (article, version, received.encode())


@pytest.fixture
async def pool() -> AsyncIterator[CodingPool]:
    pool = CodingPool(work, prepare, processes=2, timeout=1.5)
    await pool.start()
    yield pool
    await pool.stop()


async def code(pool: CodingPool, article: str) -> bytes:
    return await pool.code(article.encode(), 7, "2026-03-02")


async def test_an_article_is_coded_with_its_version_and_day(pool: CodingPool) -> None:
    assert await code(pool, "say hello") == b"say hello v7 2026-03-02"
    assert pool.problem() is None


async def test_articles_are_coded_side_by_side(pool: CodingPool) -> None:
    started = time.monotonic()
    await asyncio.gather(*(code(pool, "sleep 0.8") for _ in range(2)))
    assert time.monotonic() - started < 1.6


@pytest.mark.parametrize(
    ("poison", "reason", "attempt"), [("die", "crashed", 2), ("sleep 60", "too-slow", 1)], ids=["dies", "hangs"]
)
async def test_a_poison_article_is_refused_and_its_neighbours_are_coded(
    pool: CodingPool, poison: str, reason: str, attempt: int
) -> None:
    neighbours = [f"say {n}" for n in range(20)]
    results = await asyncio.gather(
        *(code(pool, article) for article in [*neighbours[:10], poison, *neighbours[10:]]), return_exceptions=True
    )
    refused = results.pop(10)
    assert isinstance(refused, Reject)
    assert (refused.reason, refused.attempt) == (reason, attempt)
    assert results == [f"{article} v7 2026-03-02".encode() for article in neighbours]
    assert await code(pool, "say after") == b"say after v7 2026-03-02"


async def test_an_article_whose_process_died_by_accident_is_tried_again(pool: CodingPool, tmp_path: Path) -> None:
    article = f"die-once {tmp_path / 'died'}"
    assert await code(pool, article) == f"{article} v7 2026-03-02".encode()


async def test_a_fault_in_the_coder_is_told_as_it_is(pool: CodingPool) -> None:
    with pytest.raises(ZeroDivisionError, match="by a comma"):
        await code(pool, "raise by a comma")


async def test_giving_up_on_a_result_does_not_harm_the_process(pool: CodingPool) -> None:
    given_up = asyncio.create_task(code(pool, "sleep 0.5"))
    await asyncio.sleep(0.1)
    given_up.cancel()
    assert await code(pool, "say next") == b"say next v7 2026-03-02"
