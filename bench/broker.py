"""How fast the embedded broker is in memory, and on disk under each fsync policy, side by side in one run.

    .venv/bin/python bench/broker.py [DIRECTORY]

Each broker is a process of its own, and the rounds go round among them, so that whatever else the machine does hits all
alike. What is printed is the best of the rounds, which is the least disturbed. The data directories are made in
DIRECTORY (default: the temporary one of the system), so name one on the disk that is meant.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

ROUNDS = 9
RECORDS = 20_000
SINGLE = 300
TRANSACTIONS = 100
VALUE = bytes(range(256)) * 4
"""1 KiB."""

MODES: dict[str, list[str]] = {
    "memory": [],
    "never": ["--fsync", "never"],
    "interval": ["--fsync", "interval"],
    "always": ["--fsync", "always"],
}


class Broker:
    """A broker process."""

    def __init__(self, mode: str, address: str, process: asyncio.subprocess.Process) -> None:
        self.mode = mode
        self.address = address
        self.process = process

    @classmethod
    async def start(cls, mode: str, directory: Path) -> Broker:
        options = MODES[mode] and ["--data-dir", str(directory / mode), *MODES[mode]]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workers.cli", "broker", "--port", "0", *options, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        return cls(mode, line.split()[2].rstrip(","), process)

    async def topic(self, name: str) -> str:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        await admin.create_topics([NewTopic(name, 4, 1)])
        await admin.close()
        return name


async def produce(broker: Broker, topic: str) -> float:
    """Records a second, as many as fit into batches, over four partitions."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, enable_idempotence=True, max_batch_size=128 * 1024)
    await producer.start()
    started = time.perf_counter()
    sent = [await producer.send(topic, VALUE, partition=number % 4) for number in range(RECORDS)]
    await asyncio.gather(*sent)
    seconds = time.perf_counter() - started
    await producer.stop()
    return RECORDS / seconds


async def fetch(broker: Broker, topic: str) -> float:
    """Records a second, of those that `produce` wrote."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.address, isolation_level="read_committed")
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for number in range(4)])
    await consumer.seek_to_beginning()
    started, read = time.perf_counter(), 0
    while read < RECORDS:
        read += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
    seconds = time.perf_counter() - started
    await consumer.stop()
    return RECORDS / seconds


async def single(broker: Broker, topic: str) -> float:
    """Milliseconds until one record is acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, enable_idempotence=True)
    await producer.start()
    times = []
    for _ in range(SINGLE):
        started = time.perf_counter()
        await producer.send_and_wait(topic, VALUE, partition=0)
        times.append(time.perf_counter() - started)
    await producer.stop()
    return statistics.median(times) * 1000


async def transactions(broker: Broker, topic: str) -> float:
    """Milliseconds for a transaction as a worker's: a record in each of four partitions and an offset."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, transactional_id=topic)
    await producer.start()
    times = []
    for number in range(TRANSACTIONS):
        started = time.perf_counter()
        async with producer.transaction():
            await asyncio.gather(*[await producer.send(topic, VALUE, partition=each) for each in range(4)])
            await producer.send_offsets_to_transaction({TopicPartition(topic, 0): number}, "group")
        times.append(time.perf_counter() - started)
    await producer.stop()
    return statistics.median(times) * 1000


Measure = Callable[[Broker, str], Awaitable[float]]
MEASURES: dict[str, Measure] = {
    "produced, records/s": produce,
    "fetched, records/s": fetch,
    "one record, ms": single,
    "one transaction, ms": transactions,
}


async def main(directory: Path) -> None:
    found: dict[tuple[str, str], list[float]] = {}
    brokers = [await Broker.start(mode, directory) for mode in MODES]
    for turn in range(ROUNDS):
        for broker in brokers[turn % len(brokers) :] + brokers[: turn % len(brokers)]:
            topic = await broker.topic(f"round-{turn}")
            for name, measure in MEASURES.items():
                found.setdefault((name, broker.mode), []).append(await measure(broker, topic))
    for broker in brokers:
        broker.process.terminate()
        await broker.process.wait()
    print(f"{'':24}" + "".join(f"{mode:>10}" for mode in MODES))
    for name in MEASURES:
        best = [(min if name.endswith("ms") else max)(found[name, mode]) for mode in MODES]
        print(f"{name:24}" + "".join(f"{value:>10,.{0 if value > 100 else 2}f}" for value in best))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as path:
        asyncio.run(main(Path(path)))
