"""The transactional task, step by step, against a real broker."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.runtime.scratch import Bench
from topics.catalogue import DEAD, state_topic
from topics.headers import ERROR, ORIGIN, REASON, STAGE, VERSION
from workers.runtime.overlay import Overlay
from workers.runtime.store import MemoryStore, RocksStore, Store, StoreFailed
from workers.runtime.task import Lost, OtherRows


@pytest.fixture
async def bench(broker_address: str) -> AsyncIterator[Bench]:
    bench = Bench(broker_address)
    await bench.make_topics()
    yield bench
    gc.collect()  # a fenced client's futures are reported lost here, not in the middle of another test


async def test_a_batch_changes_rows_and_publishes_them(bench: Bench) -> None:
    async with bench.task() as task:
        await task.settle(bench.messages(b"a", b"b", b"a"))
        assert task.applied == 2
    assert await bench.published() == {b"a": b"2", b"b": b"1"}


async def test_messages_delivered_again_have_no_effect(bench: Bench) -> None:
    async with bench.task() as task:
        await task.settle(bench.messages(b"a", b"b"))
        await task.settle(bench.messages(b"a", b"b", b"a"))
        await task.settle(bench.messages(b"a"))
        doubled = bench.messages(b"c", start=3)
        await task.settle(doubled + doubled)
    assert await bench.published() == {b"a": b"2", b"b": b"1", b"c": b"1"}


@pytest.mark.parametrize("kept", ["nothing", "the store on disk", "a store one batch behind"])
async def test_the_next_holder_goes_on_exactly_where_the_last_one_was(bench: Bench, kept: str, tmp_path: Path) -> None:
    def store() -> Store:
        return MemoryStore() if kept == "nothing" else RocksStore(tmp_path, "c")

    async with bench.task(store()) as first:
        await first.settle(bench.messages(b"a", b"b"))
        if kept != "a store one batch behind":
            await first.settle(bench.messages(b"a", start=2))
    if kept == "a store one batch behind":  # as after a crash between the commit and the local store
        async with bench.task(MemoryStore()) as elsewhere:
            await elsewhere.settle(bench.messages(b"a", start=2))
    async with bench.task(store()) as second:
        assert second.applied == 2
        await second.settle(bench.messages(b"a", b"b", b"a", b"a"))
    assert await bench.published() == {b"a": b"3", b"b": b"1"}


async def test_a_holder_that_was_superseded_is_lost_and_leaves_no_trace(bench: Bench) -> None:
    async with bench.task() as zombie:
        await zombie.settle(bench.messages(b"a"))
        async with bench.task() as holder:
            with pytest.raises(Lost):
                await zombie.settle(bench.messages(b"z", start=1))
            await holder.settle(bench.messages(b"b", start=1))
    assert await bench.published() == {b"a": b"1", b"b": b"1"}


async def test_a_message_that_cannot_be_handled_is_parked_and_its_neighbours_are_not(bench: Bench) -> None:
    bad = (b"rejected", b"broken", b"large")
    async with bench.task() as task:
        await task.settle(bench.messages(b"a", *bad, b"a"))
    assert await bench.published() == {b"a": b"2"}
    letters = {m.key: m for m in await bench.history(DEAD) if m.headers.get(STAGE) == bench.agent.encode()}
    assert {key: letters[key].headers[REASON] for key in bad} == {
        b"rejected": b"invalid",
        b"broken": b"failed",
        b"large": b"too-large",
    }
    letter = letters[b"broken"]
    assert letter.value == b"x"
    assert letter.headers[ERROR] == b"ZeroDivisionError: a fault of ours"
    assert letter.headers[ORIGIN] == f"{bench.source.name}:0:2".encode()
    assert letter.headers[VERSION] == b"2"


async def test_a_restart_does_not_park_a_message_twice(bench: Bench) -> None:
    for _ in range(2):
        async with bench.task() as task:
            await task.settle(bench.messages(b"rejected"))
    letters = [m for m in await bench.history(DEAD) if m.headers.get(STAGE) == bench.agent.encode()]
    assert len(letters) == 1


async def test_a_store_ahead_of_its_topic_is_rebuilt(bench: Bench) -> None:
    store = MemoryStore()
    store.write({b"a": b"41", b"@applied": b"99"}, position=1_000)
    async with bench.task(store) as task:
        assert task.applied == -1
        await task.settle(bench.messages(b"a"))
    assert await bench.published() == {b"a": b"1"}


@pytest.mark.parametrize(
    ("key", "value", "schema", "fault"),
    [
        (b"@applied", b"soon", b"1", "@applied is b'soon', not an offset"),
        (b"@applied", b"", b"1", "@applied is b'', not an offset"),
        (b"a", b"1", b"2", "at offset 1: a row of schema b'2', and this worker knows b'1'"),
    ],
)
async def test_a_state_that_cannot_be_gone_on_with_is_not(
    bench: Bench, key: bytes, value: bytes, schema: bytes, fault: str
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bench.settings.broker) as producer:
        state = state_topic(bench.agent).name
        await producer.send_and_wait(state, b"7", b"@applied", 0)  # as it was written before rows said their schema
        await producer.send_and_wait(state, value, key, 0, headers=[("schema", schema)])
    with pytest.raises(OtherRows, match=re.escape(fault)):
        async with bench.task():
            pass


async def test_a_store_that_cannot_be_read_is_no_fault_of_the_messages(bench: Bench, tmp_path: Path) -> None:
    """It was taken for one of the handler's: message after message became a dead letter."""
    path = tmp_path / "store"
    store = RocksStore(path, "c")
    store.write({b"%d" % n: b"%d" % n for n in range(100)} | {b":%d" % n: os.urandom(500) for n in range(100)}, 0)
    store._db.flush()
    store.close()
    for file in path.glob("*.sst"):
        held = file.read_bytes()
        file.write_bytes(held[:200] + bytes(byte ^ 0xFF for byte in held[200:400]) + held[400:])
    async with bench.task(RocksStore(path, "c")) as task:
        with pytest.raises(StoreFailed, match="damaged"):
            await task.settle(bench.messages(*(b"%d" % n for n in range(100))))
    assert await bench.published() == {}
    assert [m for m in await bench.history(DEAD) if m.headers.get(STAGE) == bench.agent.encode()] == []


def test_an_overlay_shows_its_changes_over_what_is_beneath() -> None:
    below = Overlay({b"a": b"1", b"b": b"1"}.get)
    below.put(b"a", None)
    above = Overlay(below.get)
    above.put(b"b", b"2")
    assert (above.get(b"a"), above.get(b"b"), below.get(b"b")) == (None, b"2", b"1")
    below.take(above)
    assert below.get(b"b") == b"2"


def test_rows_of_the_runtime_are_out_of_reach() -> None:
    with pytest.raises(ValueError, match="@applied"):
        Overlay({}.get).put(b"@applied", b"0")
