"""Starting and stopping."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest

from topics.embedded import BrokerSettings, EmbeddedBroker, EmbeddedBrokerError, NotLoopback, PortTaken, serve


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
async def test_other_interfaces_are_refused(host: str) -> None:
    with pytest.raises(NotLoopback, match="no security"):
        await EmbeddedBroker.start(host=host)


async def test_taken_port_is_a_clear_error() -> None:
    async with await EmbeddedBroker.start() as first:
        port = int(first.address.rpartition(":")[2])
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 is taken") as caught:
            await EmbeddedBroker.start(port)
        assert isinstance(caught.value, EmbeddedBrokerError)


async def test_port_is_free_again_after_the_stop() -> None:
    first = await EmbeddedBroker.start()
    port = int(first.address.rpartition(":")[2])
    await first.stop()
    await first.stop()
    async with await EmbeddedBroker.start(port) as second:
        assert second.address == first.address


async def test_stop_ends_clients_that_wait_and_leaves_no_task(caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    broker = await EmbeddedBroker.start()
    client = AIOKafkaClient(bootstrap_servers=broker.address)
    await client.bootstrap()
    await client.fetch_all_metadata()
    await client.send(client.get_random_node(), MetadataRequest(["quiet"]))
    half_a_minute = FetchRequest(30_000, 1, 1 << 20, 0, [("quiet", [(0, 0, 1 << 20)])])
    waiting = asyncio.create_task(client.send(client.get_random_node(), half_a_minute))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(90):
        await broker.stop()
        with pytest.raises(KafkaConnectionError):
            await waiting
    await client.close()
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()
    assert [record for record in caplog.records if record.name.startswith(("topics.", "asyncio"))] == []


async def test_serve_tells_its_address_and_runs_until_cancelled() -> None:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve(0, started=address.set_result))
    producer = AIOKafkaProducer(bootstrap_servers=await asyncio.wait_for(address, 5))
    await producer.start()
    assert (await producer.send_and_wait("topic", b"x")).offset == 0
    await producer.stop()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_topics_are_not_made_by_asking_if_so_set() -> None:
    async with await EmbeddedBroker.start(settings=BrokerSettings(auto_create_topics=False)) as broker:
        consumer = AIOKafkaConsumer(bootstrap_servers=broker.address)
        await consumer.start()
        await consumer._client.fetch_all_metadata()
        assert await consumer.topics() == set()
        assert consumer.partitions_for_topic("unheard-of") is None
        await consumer.stop()


async def test_failed_write_without_acknowledgement_closes_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for an answer, so there is no other way to tell."""
    async with await EmbeddedBroker.start() as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.address, acks=0, max_request_size=4 << 20)
        await producer.start()
        await producer.send_and_wait("topic", bytes(2 << 20))
        await asyncio.sleep(0.2)
        await producer.stop()
    assert any("acks=0 failed: MESSAGE_TOO_LARGE" in record.getMessage() for record in caplog.records)
