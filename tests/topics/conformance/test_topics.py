"""Topics: made, described, changed, deleted."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    InvalidConfigurationError,
    InvalidPartitionsError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    for_code,
)

from tests.topics.conformance.kafka import Kafka, eventually


async def config_of(kafka: Kafka, topic: str) -> dict[str, str]:
    async with kafka.admin() as admin:
        [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(error, _, _, _, entries)] = response.resources
    assert error == 0
    return {entry[0]: entry[1] for entry in entries}


async def partitions_of(kafka: Kafka, topic: str) -> int:
    async with kafka.admin() as admin:
        [described] = await admin.describe_topics([topic])
    return len(described["partitions"])


async def test_topic_has_the_partitions_asked_for(kafka: Kafka) -> None:
    settings = {"cleanup.policy": "compact", "retention.ms": "60000", "min.cleanable.dirty.ratio": "0.01"}
    topic = await kafka.topic("six", 6, settings)
    assert await partitions_of(kafka, topic) == 6


async def test_topic_that_exists_is_not_made_again(kafka: Kafka) -> None:
    topic = await kafka.topic("once", 6)
    async with kafka.admin() as admin:
        response = await admin.create_topics([NewTopic(topic, 6, 1)])
    assert for_code(response.topic_errors[0][1]) is TopicAlreadyExistsError


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (NewTopic("a name with spaces", 1, 1), InvalidTopicError),
        (NewTopic("refused-none", 0, 1), InvalidPartitionsError),
        (NewTopic("refused-replicated", 1, 7), InvalidReplicationFactorError),
        (NewTopic("refused-typo", 1, 1, topic_configs={"retention": "1"}), InvalidConfigurationError),
        (NewTopic("refused-odd", 1, 1, topic_configs={"retention.ms": "week"}), InvalidConfigurationError),
        (NewTopic("refused-cleanup", 1, 1, topic_configs={"cleanup.policy": "x"}), InvalidConfigurationError),
    ],
    ids=lambda value: value.name if isinstance(value, NewTopic) else value.__name__,
)
async def test_impossible_topic_is_refused(kafka: Kafka, wanted: NewTopic, error: type) -> None:
    async with kafka.admin() as admin:
        response = await admin.create_topics([wanted])
        assert for_code(response.topic_errors[0][1]) is error
        assert wanted.name not in await admin.list_topics()


async def test_checking_alone_makes_no_topic(kafka: Kafka) -> None:
    async with kafka.admin() as admin:
        name = kafka.unique("checked")
        response = await admin.create_topics([NewTopic(name, 1, 1)], validate_only=True)
        assert response.topic_errors[0][1] == 0
        assert name not in await admin.list_topics()


async def test_settings_are_shown_with_the_defaults_of_the_others(kafka: Kafka) -> None:
    topic = await kafka.topic("settings", 1, {"cleanup.policy": "compact", "retention.ms": "60000"})
    config = await config_of(kafka, topic)
    assert config["cleanup.policy"] == "compact"
    assert config["retention.ms"] == "60000"
    assert config["max.message.bytes"] == "1048588"
    assert config["delete.retention.ms"] == "86400000"


async def test_broker_shows_its_settings(kafka: Kafka) -> None:
    async with kafka.admin() as admin:
        node = (await admin.describe_cluster())["brokers"][0]["node_id"]
        [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, str(node))])
    [(error, _, _, _, entries)] = response.resources
    assert error == 0
    assert "num.partitions" in {entry[0] for entry in entries}


async def test_settings_can_be_changed(kafka: Kafka) -> None:
    topic = await kafka.topic("changed")
    async with kafka.admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "12345"})])
    assert (await config_of(kafka, topic))["retention.ms"] == "12345"


async def test_impossible_setting_changes_nothing(kafka: Kafka) -> None:
    topic = await kafka.topic("kept", 1, {"retention.ms": "60000"})
    async with kafka.admin() as admin:
        bad = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "-7"})
        [response] = await admin.alter_configs([bad])
    assert for_code(response.resources[0][0]) is InvalidConfigurationError
    assert (await config_of(kafka, topic))["retention.ms"] == "60000"


async def test_partitions_can_be_added_and_not_taken_away(kafka: Kafka) -> None:
    topic = await kafka.topic("grown")
    async with kafka.admin() as admin:
        await admin.create_partitions({topic: NewPartitions(4)})

        async def grown() -> bool:
            return await partitions_of(kafka, topic) == 4

        await eventually(grown, "four partitions")
        with pytest.raises(InvalidPartitionsError):
            await admin.create_partitions({topic: NewPartitions(2)})


async def test_deleted_topic_is_gone_and_can_be_made_anew(kafka: Kafka) -> None:
    topic = await kafka.topic("deleted", 2)
    await kafka.send(topic, [{"value": b"old", "partition": 0}])
    async with kafka.admin() as admin:
        await admin.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await admin.list_topics()

        await eventually(gone, "the topic is gone")
        await admin.create_topics([NewTopic(topic, 2, 1)])
    await kafka.send(topic, [{"value": b"new", "partition": 0}])
    assert [record.value for record in await kafka.read_all(topic)] == [b"new"]


async def test_topic_comes_into_being_when_it_is_written_to(kafka: Kafka) -> None:
    topic = kafka.unique("unheard-of")
    [sent] = await kafka.send(topic, [{"value": b"x"}])
    assert sent.offset == 0
    assert await partitions_of(kafka, topic) >= 1


async def test_records_before_an_offset_can_be_deleted(kafka: Kafka) -> None:
    topic = await kafka.topic("trimmed")
    await kafka.send(topic, [{"value": b"%d" % number} for number in range(10)])
    where = TopicPartition(topic, 0)
    async with kafka.admin() as admin:
        assert await admin.delete_records({where: RecordsToDelete(before_offset=5)}) == {where: 5}
    async with kafka.consumer() as consumer:
        assert await consumer.beginning_offsets([where]) == {where: 5}
    assert [record.value for record in await kafka.read_all(topic)] == [b"5", b"6", b"7", b"8", b"9"]


async def test_records_of_a_compacted_topic_cannot_be_deleted_by_offset(kafka: Kafka) -> None:
    topic = await kafka.topic("kept", 1, {"cleanup.policy": "compact"})
    await kafka.send(topic, [{"key": b"k", "value": b"v"}])
    async with kafka.admin() as admin:
        with pytest.raises(PolicyViolationError):
            await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=1)})
