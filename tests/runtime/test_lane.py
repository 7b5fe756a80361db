"""Lanes: order, back-pressure, and messages that the stream did not deliver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest

from tests.runtime.scratch import Bench, message
from topics.message import Message
from workers.runtime import lane as lane_module
from workers.runtime.handler import Settlement
from workers.runtime.lane import Lane
from workers.runtime.ranges import RangeReader


class Preparing:
    """An agent whose preparations end when the test says so."""

    window = 3
    window_is_shared = True

    def __init__(self, bench: Bench) -> None:
        self.name = bench.agent
        self.source = bench.source
        self.settle = bench.settlement
        self.gates: dict[int, asyncio.Event] = {}
        self.prepared: list[int] = []

    def prepare(self, message: Message) -> Awaitable[Settlement]:
        self.prepared.append(message.offset)
        return self._prepare(message)

    async def _prepare(self, message: Message) -> Settlement:
        if gate := self.gates.get(message.offset):
            await gate.wait()
        return self.settle(message)

    async def start(self, partitions: int) -> None: ...

    async def stop(self) -> None: ...

    def problem(self) -> str | None:
        return None


class Track:
    """A lane under test."""

    def __init__(self, bench: Bench, agent: Preparing, lane: Lane) -> None:
        self.bench, self.agent, self.lane = bench, agent, lane

    async def accept(self, offset: int, key: bytes, previous: int | None) -> None:
        await self.lane.accept(message(self.bench.source.name, offset, key), previous)

    async def until_at(self, position: int) -> None:
        async with asyncio.timeout(90):
            while self.lane.position != position:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def track(bench: Bench) -> AsyncIterator[Track]:
    agent = Preparing(bench)
    failures: list[BaseException] = []
    async with bench.task() as task, RangeReader(bench.settings.broker) as reader:
        lane = Lane(agent, task, 0, asyncio.Semaphore(agent.window), reader, 100, failures.append)
        try:
            yield Track(bench, agent, lane)
        finally:
            await lane.stop()
    assert not failures


@pytest.fixture
async def bench(broker_address: str) -> Bench:
    bench = Bench(broker_address)
    await bench.make_topics()
    return bench


async def test_messages_prepared_side_by_side_are_settled_in_order(bench: Bench) -> None:
    await bench.publish(b"a", b"b", b"c")
    async with track(bench) as it:
        it.agent.gates[0] = asyncio.Event()
        for offset, key in enumerate((b"a", b"b", b"c")):
            await it.accept(offset, key, offset - 1)
        await asyncio.sleep(0.05)
        assert it.lane.position == 0
        it.agent.gates[0].set()
        await it.until_at(3)


KEYS = b"a", b"b", b"c", b"d", b"e", b"f"
"""All different, since the source is compacted."""


async def test_the_window_bounds_what_is_on_its_way_and_the_stream_does_not_wait(bench: Bench) -> None:
    await bench.publish(*KEYS)
    async with track(bench) as it:
        it.agent.gates[0] = asyncio.Event()
        for offset, key in enumerate(KEYS):
            await asyncio.wait_for(it.accept(offset, key, offset - 1), 1)
        await asyncio.sleep(0.3)
        assert it.agent.prepared == [0, 1, 2]
        it.agent.gates[0].set()
        await it.until_at(6)
        assert it.agent.prepared == [0, 1, 2, 3, 4, 5]
    assert await bench.published() == dict.fromkeys(KEYS, b"1")


async def test_what_comes_while_a_lane_reads_what_passed_by_follows_it(bench: Bench) -> None:
    await bench.publish(*KEYS[:5])
    async with track(bench) as it:
        it.agent.gates[0] = asyncio.Event()
        for offset in range(4):
            await it.accept(offset, KEYS[offset], offset - 1)
        await bench.publish(KEYS[5])
        await it.accept(5, KEYS[5], 4)  # 4 was dropped before it came to the lane
        it.agent.gates[0].set()
        await it.until_at(6)
    assert it.agent.prepared == [0, 1, 2, 3, 4, 5]
    assert await bench.published() == dict.fromkeys(KEYS, b"1")


async def test_what_faust_dropped_is_read_from_the_topic(bench: Bench) -> None:
    await bench.publish(b"a", b"b", b"c", b"d")
    async with track(bench) as it:
        await it.accept(0, b"a", None)
        await it.accept(3, b"d", 2)  # fetched after 2, which never came
        await it.until_at(4)
    assert await bench.published() == {b"a": b"1", b"b": b"1", b"c": b"1", b"d": b"1"}


async def test_what_faust_dropped_at_the_end_is_found_when_the_lane_is_idle(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "IDLE_SECONDS", 0.1)
    await bench.publish(b"a", b"b")
    async with track(bench):
        async with asyncio.timeout(90):
            while await bench.published() != {b"a": b"1", b"b": b"1"}:
                await asyncio.sleep(0.05)


async def test_the_marker_after_the_last_message_is_passed_when_the_lane_is_idle(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a log whose messages have all expired begins where the task goes on."""
    monkeypatch.setattr(lane_module, "IDLE_SECONDS", 0.1)
    await bench.publish_in_a_transaction(b"a")
    async with track(bench) as it:
        await it.accept(0, b"a", None)
        await it.until_at(2)
        await bench.publish(b"b")
        await it.until_at(3)
    assert await bench.published() == {b"a": b"1", b"b": b"1"}


async def test_a_message_delivered_again_is_handled_once(bench: Bench) -> None:
    await bench.publish(b"a")
    async with track(bench) as it:
        await it.accept(0, b"a", None)
        await it.until_at(1)
        await it.accept(0, b"a", None)
        await asyncio.sleep(0.05)
        assert it.lane.position == 1
    assert await bench.published() == {b"a": b"1"}


async def test_a_message_delivered_again_while_it_is_on_its_way_is_handled_once(bench: Bench) -> None:
    await bench.publish(b"a", b"b")
    async with track(bench) as it:
        it.agent.gates[0] = asyncio.Event()
        await it.accept(0, b"a", None)
        await it.accept(1, b"b", 0)
        await it.accept(0, b"a", None)
        assert it.lane.position == 0
        it.agent.gates[0].set()
        await it.until_at(2)
    assert await bench.published() == {b"a": b"1", b"b": b"1"}


async def test_stopping_drops_what_is_not_settled(bench: Bench) -> None:
    await bench.publish(*KEYS[:4])
    async with track(bench) as it:
        it.agent.gates[0] = asyncio.Event()
        for offset in range(4):
            await it.accept(offset, KEYS[offset], offset - 1)
        await asyncio.sleep(0.05)
        await it.lane.stop()
        it.agent.gates[0].set()
        await asyncio.sleep(0.05)
        assert it.lane.position == 0
    assert await bench.published() == {}
