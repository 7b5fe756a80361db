"""The broker of the tests does what chaos asks of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.apache_kafka.broker import ApacheKafka
from tests.apache_kafka.errors import DidNotStart
from tests.settled import settled
from topics.admin import cluster_id, create
from topics.catalogue import DAILY
from topics.reader import Reader


async def test_it_goes_on_where_it_was_after_a_stop_and_after_a_kill(tmp_path: Path) -> None:
    endings: list[Callable[[ApacheKafka], None]] = [ApacheKafka.stop, ApacheKafka.kill]
    with ApacheKafka(tmp_path) as broker:
        address, cluster = broker.address, await cluster_id(broker.address)
        await create(broker.address, topics=[DAILY])
        for number, end in enumerate(endings):
            async with (
                AIOKafkaProducer(bootstrap_servers=address, transactional_id="writer") as producer,
                producer.transaction(),
            ):
                await producer.send(DAILY.name, key=b"k", value=b"%d" % number, partition=0)
            end(broker)
            broker.start()
            assert (broker.address, await cluster_id(address)) == (address, cluster)
            await settled(address, DAILY.name)  # markers that the end came before are written now
            async with Reader(address) as reader:
                assert [m.value async for m in reader.read(DAILY)] == [b"%d" % n for n in range(number + 1)]


def test_a_setting_that_it_does_not_take_is_told(tmp_path: Path) -> None:
    with pytest.raises(DidNotStart, match=r"group\.min\.session\.timeout\.ms"):
        ApacheKafka(tmp_path, {"group.min.session.timeout.ms": "soon"}).start()
