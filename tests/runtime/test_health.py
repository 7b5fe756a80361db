"""What operators ask a worker over HTTP."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from workers.runtime.health import Health, PortTaken


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def get(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def test_ready_says_what_is_missing() -> None:
    problems = ["tasks are not restored yet"]
    port = free_port()
    async with Health("127.0.0.1", port, lambda: problems):
        assert await get(port, "/live") == (200, "live\n")
        assert await get(port, "/ready") == (503, "tasks are not restored yet\n")
        problems.clear()
        assert await get(port, "/ready") == (200, "ready\n")


async def test_metrics_are_prometheus_text() -> None:
    port = free_port()
    async with Health("127.0.0.1", port, list):
        status, text = await get(port, "/metrics")
    assert status == 200
    assert "# TYPE dyads_loop_lag_seconds histogram" in text


async def test_a_taken_port_is_a_clear_message() -> None:
    port = free_port()
    async with Health("127.0.0.1", port, list):
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port} is in use: set DYADS_HTTP_PORT"):
            async with Health("127.0.0.1", port, list):
                pass
