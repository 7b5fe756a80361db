"""The command as a process of its own: pipes and signals."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import pytest

from tests.cli.runner import dyads
from topics.catalogue import RAW
from topics.embedded import EmbeddedBroker
from topics.reader import Reader


async def start(*arguments: str, **environment: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.cli", *arguments,
        env={**os.environ, **environment}, stdin=PIPE, stdout=PIPE, stderr=PIPE, preexec_fn=heeds_interrupts,
    )  # fmt: skip


def heeds_interrupts() -> None:
    """A shell has what it runs in the background ignore SIGINT, the tests perhaps, and so what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


async def test_broker_runs_until_it_is_interrupted() -> None:
    async with asyncio.timeout(90):
        broker = await start("broker", "--port", "0")
        first = await line_of(broker)
        address = first.split()[2].rstrip(",")
        assert first == f"broker at {address}, in memory; Ctrl-C ends it\n"

        made = await asyncio.to_thread(dyads, "topics", "create", "--partitions", "2", broker=address)
        assert made.code == 0
        taken = await start("broker", "--port", address.rpartition(":")[2])
        _, said = await taken.communicate()
        assert taken.returncode == 2
        assert b"is taken by another process" in said

        broker.send_signal(signal.SIGINT)
        assert await broker.wait() == 0


async def test_articles_from_a_pipe_are_sent_as_they_come(fresh_broker: str) -> None:
    await asyncio.to_thread(dyads, "topics", "create", broker=fresh_broker)
    async with asyncio.timeout(60):
        produce = await started_producing(fresh_broker)
        assert produce.returncode is None

        out, err = await produce.communicate(b'{"id": "a", "withdraw": true}\n')
        assert (out, err) == (b"1 published, 1 withdrawn, 0 refused\n", b"")
        assert await produce.wait() == 0


async def started_producing(address: str) -> Process:
    """`dyads produce` at the end of a pipe whose first article is published, waiting for the second."""
    produce = await start("produce", "-", "--broker", address)
    assert produce.stdin is not None
    produce.stdin.write(b'{"id": "a", "text": "b"}\n')
    await produce.stdin.drain()
    while "articles.coded a: missing" not in await said_by_audit(address):
        await asyncio.sleep(0.1)
    return produce


async def said_by_audit(address: str) -> str:
    return (await asyncio.to_thread(dyads, "audit", "--wait", "0", broker=address)).out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_waiting_for_a_pipe_can_be_interrupted(fresh_broker: str, number: signal.Signals) -> None:
    await asyncio.to_thread(dyads, "topics", "create", broker=fresh_broker)
    async with asyncio.timeout(60):
        produce = await started_producing(fresh_broker)
        produce.send_signal(number)
        assert await produce.wait() in (130, -number)


async def test_reader_that_goes_away_is_no_fault() -> None:
    async with asyncio.timeout(90):
        listing = await asyncio.create_subprocess_shell(
            f"{sys.executable} -m workers.cli topics list | head -1", stdout=DEVNULL, stderr=PIPE
        )
        _, said = await listing.communicate()
        assert said == b""


async def test_run_takes_up_after_a_kill_what_it_had_on_disk(tmp_path: Path) -> None:
    """The worker ends with the process that started it; left behind it would hold its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        environment = {"DYADS_AGENTS": "aggregate", "DYADS_HTTP_PORT": str(free.getsockname()[1])}
    arguments = ("run", "--embedded", "--port", "0", "--data-dir", str(tmp_path / "broker"), "--fsync", "never")
    async with asyncio.timeout(60):
        for life in (1, 2):
            run = await start(*arguments, **environment)
            first = await line_of(run)
            address = first.split()[2].rstrip(",")
            assert first.startswith(f"broker at {address}, on disk in {tmp_path}/broker; one worker.")
            assert run.stderr is not None
            while b"aggregate[0] opened" not in (said := await run.stderr.readline()):
                assert said, f"ended in life {life}"
            produced = await asyncio.to_thread(
                dyads, "produce", "-", stdin=b'{"id": "a", "text": "b"}\n' * life, broker=address
            )
            assert produced.out.startswith(f"{life} published")
            run.kill()
            await run.wait()
        broker = await EmbeddedBroker.start(data_dir=tmp_path / "broker")
        async with broker, Reader(broker.address) as reader:
            assert sum((await reader.ends(RAW)).values()) == 1 + 2
