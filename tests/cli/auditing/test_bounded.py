"""An audit's memory does not grow with the rows: measured in a process of its own. bench/audit.py does a million."""

from __future__ import annotations

import asyncio

from tests.cli.many import fill_with_days
from tests.cli.measured import measured
from topics.admin import create
from workers.cli.auditing.spill import CACHE_BYTES, WRITE_BUFFER_BYTES, WRITE_BUFFERS

SPILLED_BYTES_IN_MEMORY = WRITE_BUFFERS * WRITE_BUFFER_BYTES + CACHE_BYTES


def test_memory_for_many_rows_is_that_for_none_and_the_buffers(fresh_broker: str) -> None:
    """With everything in memory a row took 4.7 KiB, so these would take twice what the buffers take."""
    asyncio.run(create(fresh_broker))
    none = measured(fresh_broker, "audit", "--wait", "0")
    assert (none.status, none.out.splitlines()[-1]) == (0, "audit: 0 differences")

    news = asyncio.run(fill_with_days(fresh_broker, 75))
    assert news.rows > 27_000
    many = measured(fresh_broker, "audit", "--wait", "0")
    assert (many.status, many.out.splitlines()[-1]) == (0, "audit: 0 differences")
    assert f"compared {news.articles} articles in force" in many.out
    assert none.peak > 30 * 2**20, "what was measured is the command"
    assert many.peak - none.peak < SPILLED_BYTES_IN_MEMORY
