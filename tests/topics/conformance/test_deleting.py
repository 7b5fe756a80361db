"""What deleting topics and groups leaves behind: nothing, and in nobody's way."""

from __future__ import annotations

from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NoError, UnknownTopicOrPartitionError, for_code
from aiokafka.structs import OffsetAndMetadata

from tests.settled import settled
from tests.topics.conformance.kafka import Kafka, eventually
from tests.topics.conformance.transactional import RawProducer, ok
from topics.groups import delete_group, has_offsets


async def delete(kafka: Kafka, *topics: str) -> dict[str, Any]:
    """Delete topics and wait until clients hear no more of them; what the broker said of each."""
    async with kafka.admin() as admin:
        answers = dict((await admin.delete_topics(list(topics))).topic_error_codes)

        async def gone() -> bool:
            return not set(topics) & set(await admin.list_topics())

        await eventually(gone, "the topics are gone")
    return {topic: for_code(code) for topic, code in answers.items()}


async def commit(kafka: Kafka, group: str, *topics: str) -> None:
    """Commit an offset of 1 in partition 0 of each topic, as a consumer without membership."""
    places = [TopicPartition(topic, 0) for topic in topics]
    async with kafka.consumer(group_id=group, enable_auto_commit=False) as consumer:
        consumer.assign(places)
        await consumer.commit({place: OffsetAndMetadata(1, "") for place in places})


async def test_topic_that_is_not_there_is_named_and_the_others_are_deleted(kafka: Kafka) -> None:
    topic, missing = await kafka.topic("deleted"), kafka.unique("missing")
    assert await delete(kafka, topic, missing) == {topic: NoError, missing: UnknownTopicOrPartitionError}


async def test_groups_forget_their_offsets_in_a_deleted_topic_and_keep_the_others(kafka: Kafka) -> None:
    gone, kept, group = await kafka.topic("gone"), await kafka.topic("kept"), kafka.unique("readers")
    for topic in (gone, kept):
        await kafka.send(topic, [{"value": b"x", "partition": 0}])
    await commit(kafka, group, gone, kept)
    await delete(kafka, gone)

    async def forgotten() -> bool:
        return not await has_offsets(kafka.address, group, gone)

    await eventually(forgotten, "the offsets in the deleted topic are forgotten")
    assert await has_offsets(kafka.address, group, kept)


async def test_deleted_group_has_no_offsets_and_begins_anew(kafka: Kafka) -> None:
    topic, group = await kafka.topic("left"), kafka.unique("left")
    await kafka.send(topic, [{"value": b"x", "partition": 0}])
    await commit(kafka, group, topic)
    assert await delete_group(kafka.address, group)
    assert not await has_offsets(kafka.address, group, topic)
    assert await delete_group(kafka.address, group), "a group that is not there is as good as deleted"
    async with kafka.consumer(topic, group_id=group) as consumer:
        assert [record.value for record in await kafka.take(consumer, 1)] == [b"x"]
        assert not await delete_group(kafka.address, group), "it has a member"


async def test_transaction_on_a_deleted_topic_still_commits_what_it_wrote_elsewhere(
    kafka: Kafka, client: AIOKafkaClient
) -> None:
    gone, kept = await kafka.topic("gone"), await kafka.topic("kept")
    producer = RawProducer(client, kafka.unique("writer"))
    await producer.init()
    for topic in (gone, kept):
        assert ok(await producer.add(topic))
        assert ok(await producer.write(topic, b"inside"))
    await delete(kafka, gone)
    assert ok(await producer.end(True))
    await settled(kafka.address, kept)
    assert [record.value for record in await kafka.read_all(kept, committed=True)] == [b"inside"]


async def test_topic_made_anew_is_not_held_up_by_what_was_open_on_the_old_one(
    kafka: Kafka, client: AIOKafkaClient
) -> None:
    topic = await kafka.topic("anew")
    producer = RawProducer(client, kafka.unique("writer"))
    await producer.init()
    assert ok(await producer.add(topic))
    assert ok(await producer.write(topic, b"old"))
    await delete(kafka, topic)
    async with kafka.admin() as admin:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    await kafka.send(topic, [{"value": b"new", "partition": 0}])
    (record,) = await kafka.read_all(topic, committed=True)
    assert (record.offset, record.value) == (0, b"new")
