"""Bad clients on real sockets, and a good one that must not notice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import socket
import struct
import time
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.fuzz.damage import INTS
from tests.fuzz.frames import conversation
from topics.embedded import EmbeddedBroker

AT_ONCE = 16
"""Bad clients at the same time."""
TOPIC = "well-behaved"
PATIENCE = 0.02
"""Seconds that a bad client waits for answers."""
MOST_BYTES = 400 * 1024 * 1024
"""What the whole may cost in memory: as many records unpacked and answers of 55 MiB as clients may cause at once."""
QUIET = 30.0
"""Seconds within which the good client gets what it sent."""


class Faults(logging.Handler):
    """What the broker logs as a fault of its own, or asyncio on its behalf."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


async def abuse(seed: int, connections: int) -> str:
    """Let bad clients connect so many times while a good one produces and consumes. Raises AssertionError if the good
    one misses anything, the broker has a fault, or its memory grows beyond bounds. Returns what happened, in words."""
    faults, quiet = Faults(), logging.getLogger("topics.embedded.connection")
    loggers = [logging.getLogger("topics"), logging.getLogger("asyncio")]
    for logger in loggers:
        logger.addHandler(faults)
    level, begun, memory = quiet.level, time.perf_counter(), _peak_bytes()
    quiet.setLevel(logging.ERROR)  # it says of each connection why it closed it
    try:
        async with await EmbeddedBroker.start() as broker:
            over = asyncio.Event()
            good = asyncio.create_task(_good(broker.address, over))
            left = iter(range(connections))
            bad = [asyncio.create_task(_bad_clients(broker.address, seed, left)) for _ in range(AT_ONCE)]
            requests = sum(await asyncio.gather(*bad))
            over.set()
            exchanged = await good
    finally:
        quiet.setLevel(level)
        for logger in loggers:
            logger.removeHandler(faults)
    assert not faults.found, f"{len(faults.found)} faults of the broker, the first: {faults.found[0]}"
    grown = _peak_bytes() - memory
    assert grown <= MOST_BYTES, f"memory grew by {grown:,} bytes"
    seconds = time.perf_counter() - begun
    return (
        f"sockets: {connections:,} bad connections with {requests:,} requests in {seconds:.0f} s; meanwhile "
        f"{exchanged:,} records of a good client, each read once and in order; peak memory +{grown / 2**20:.0f} MiB"
    )


async def _good(address: str, over: asyncio.Event) -> int:
    """Produce numbers and read them back through a group until told that it is over. Returns how many."""
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True)
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=address, group_id="readers", auto_offset_reset="earliest", heartbeat_interval_ms=500
    )
    await producer.start()
    await consumer.start()
    number = 0
    try:
        while not over.is_set() or number == 0:
            async with asyncio.timeout(QUIET):
                await producer.send_and_wait(TOPIC, str(number).encode(), partition=0)
                read = await consumer.getone()
            assert read.value == str(number).encode(), f"{read.value!r} in place of {number}"
            number += 1
            await asyncio.sleep(0.001)
        await consumer.commit()
    finally:
        await consumer.stop()
        await producer.stop()
    return number


async def _bad_clients(address: str, seed: int, numbers: object) -> int:
    """One bad client after the other, each its own seed. Returns how many requests they sent."""
    sent = 0
    for number in numbers:  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):
            sent += await _bad_client(address, Random(f"{seed}/sockets/{number}"))
    return sent


async def _bad_client(address: str, random: Random) -> int:
    host, port = address.split(":")
    frames = [step for step in conversation(random) if isinstance(step, bytes)]
    bytes_sent = b"".join(struct.pack(">i", len(frame)) + frame for frame in frames)
    match random.randrange(6):
        case 0:  # sizes that lie
            bytes_sent = struct.pack(">i", random.choice([n for n in INTS if -(2**31) <= n < 2**31])) + bytes_sent
        case 1:  # ends in the middle
            bytes_sent = bytes_sent[: random.randint(0, len(bytes_sent))]
        case 2:  # no Kafka at all
            bytes_sent = random.randbytes(random.randint(1, 2000))
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in _pieces(random, bytes_sent):
            writer.write(piece)
            await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(random.choice((0, PATIENCE))):
                await reader.read(random.choice((1, 1 << 16)))
        if random.random() < 0.3:  # gone without a word
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    finally:
        writer.close()
    return len(frames)


def _pieces(random: Random, data: bytes) -> list[bytes]:
    if random.random() < 0.5:
        return [data]
    at = random.randint(0, len(data))
    return [data[:at], data[at:]]


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
