"""`create` makes a broker match the catalogue and is safe to repeat; `check` says where one does not match."""

import socket

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from topics import admin
from topics.catalogue import CATALOGUE, CODED, CONTRIBUTIONS, DAY_MS, DEAD, RAW, SOURCES, TEXTS, state_topic
from topics.errors import BrokerError, MissingTopics, Refused, Unreachable


async def make(address: str, *topics: NewTopic) -> None:
    """Make topics by hand, as an operator would."""
    client = AIOKafkaAdminClient(bootstrap_servers=address)
    await client.start()
    try:
        await client.create_topics(list(topics))
    finally:
        await client.close()


async def test_empty_broker_gets_every_topic(fresh_broker: str) -> None:
    report = await admin.create(fresh_broker, partitions=3)

    assert report.made == tuple(topic.name for topic in CATALOGUE)
    assert report.present == ()
    assert report.differing == ()
    assert await admin.check(fresh_broker) == []
    counts = await admin.partition_counts(fresh_broker)
    assert {counts[topic.name] for topic in CATALOGUE} == {3}


async def test_second_time_nothing_happens(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=2)
    again = await admin.create(fresh_broker, partitions=2)

    assert again.made == ()
    assert again.present == tuple(topic.name for topic in CATALOGUE)
    assert again.differing == ()


async def test_another_partition_count_is_reported_and_left_alone(fresh_broker: str) -> None:
    await admin.create(fresh_broker, partitions=2)

    for wanted in (1, 8):
        report = await admin.create(fresh_broker, partitions=wanted)
        assert {difference.topic for difference in report.differing} == {topic.name for topic in CATALOGUE}
        assert "versions are offsets" in str(report.differing[0])
    counts = await admin.partition_counts(fresh_broker)
    assert {counts[topic.name] for topic in CATALOGUE} == {2}


async def test_missing_topics_are_made_beside_those_that_are_there(fresh_broker: str) -> None:
    await make(fresh_broker, NewTopic(RAW.name, 4, 1, topic_configs=RAW.config()))

    assert [d.setting for d in await admin.check(fresh_broker)] == ["topic"] * (len(CATALOGUE) - 1)
    report = await admin.create(fresh_broker, partitions=4)

    assert report.present == (RAW.name,)
    assert await admin.check(fresh_broker) == []


async def test_wrong_settings_are_named(fresh_broker: str) -> None:
    await make(
        fresh_broker,
        NewTopic(
            RAW.name,
            4,
            1,
            topic_configs={**RAW.config(), "cleanup.policy": "delete", "max.compaction.lag.ms": str(2**63 - 1)},
        ),
        NewTopic(DEAD.name, 4, 1, topic_configs=DEAD.config() | {"retention.ms": "1000", "max.message.bytes": "2000"}),
    )
    report = await admin.create(fresh_broker, partitions=4)

    assert [str(difference) for difference in report.differing] == [
        "articles.dead: max.message.bytes is 2000, expected 4259840",
        "articles.dead: retention.ms is 1000, expected 31536000000",
        "articles.raw: cleanup.policy is delete, expected compact",
        "articles.raw: max.compaction.lag.ms is 9223372036854775807, expected 86400000",
    ]
    assert await admin.check(fresh_broker) == list(report.differing)


async def test_state_topic_must_have_the_partitions_of_its_source(fresh_broker: str) -> None:
    state = state_topic("relate")
    await make(fresh_broker, NewTopic(state.name, 2, 1, topic_configs=state.config()))
    await admin.create(fresh_broker, partitions=4)

    assert [str(difference) for difference in await admin.check(fresh_broker)] == [
        f"relate.state: partitions is 2, expected 4, one for each of {CODED.name}"
    ]


async def test_dead_letters_need_the_partitions_of_every_source(fresh_broker: str) -> None:
    await make(fresh_broker, NewTopic(DEAD.name, 3, 1, topic_configs=DEAD.config()))
    await admin.create(fresh_broker, partitions=4)

    assert [str(difference) for difference in await admin.check(fresh_broker)] == [
        f"articles.dead: partitions is 3, expected at least the 4 of {source.name}"
        for source in sorted(SOURCES.values(), key=lambda topic: topic.name)
    ]


async def test_what_a_withdrawal_rests_on_is_set_on_every_topic_that_holds_texts(fresh_broker: str) -> None:
    """The time stated in docs/operators.md follows from these."""
    await admin.create(fresh_broker)
    client = AIOKafkaAdminClient(bootstrap_servers=fresh_broker)
    await client.start()
    try:
        [found] = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, t.name) for t in TEXTS])
    finally:
        await client.close()
    for _, _, _, name, entries in found.resources:
        settings = {entry[0]: entry[1] for entry in entries}
        assert int(settings["segment.ms"]) <= DAY_MS
        if "compact" in settings["cleanup.policy"]:
            assert int(settings["max.compaction.lag.ms"]) <= DAY_MS
        else:
            assert (name, int(settings["retention.ms"])) == (CONTRIBUTIONS.name, 7 * DAY_MS)


async def test_required_topics(fresh_broker: str) -> None:
    await make(fresh_broker, NewTopic(RAW.name, 5, 1))

    assert await admin.require(fresh_broker, RAW.name) == {RAW.name: 5}
    with pytest.raises(MissingTopics, match=r"has no topic articles\.coded, articles\.dead"):
        await admin.require(fresh_broker, RAW.name, DEAD.name, CODED.name)


async def test_looking_does_not_create(fresh_broker: str) -> None:
    with pytest.raises(MissingTopics):
        await admin.require(fresh_broker, RAW.name)
    assert len(await admin.check(fresh_broker)) == len(CATALOGUE)
    assert await admin.partition_counts(fresh_broker) == {}


async def test_more_replicas_than_brokers_are_refused(fresh_broker: str) -> None:
    with pytest.raises(Refused, match=r"creating articles\.raw"):
        await admin.create(fresh_broker, replication=3)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "nonsense:port", "127.0.0.1:70000", ":9092", "127.0.0.1:9092,,", ""]
)
async def test_nobody_at_the_address(address: str) -> None:
    with pytest.raises(Unreachable, match=f"no Kafka broker answers at {address}"):
        await admin.check(address)


async def test_something_else_at_the_address() -> None:
    """A port that accepts and never answers must not hang the caller."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        admin_timeout, admin.TIMEOUT = admin.TIMEOUT, 0.5
        try:
            with pytest.raises(BrokerError):
                await admin.check(f"127.0.0.1:{listener.getsockname()[1]}")
        finally:
            admin.TIMEOUT = admin_timeout
