"""Topics and their settings."""

from __future__ import annotations

import pytest

from tests.topics.embedded.records import FakeClock, plain
from topics.embedded.configs import TOPIC_CONFIGS, topic_config
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.topics import TopicRegistry


@pytest.fixture
def deleted() -> list[str]:
    return []


@pytest.fixture
def registry(clock: FakeClock, deleted: list[str]) -> TopicRegistry:
    return TopicRegistry(clock, 3, deleted.append)


def test_every_default_is_itself_allowed() -> None:
    config = topic_config({name: default for name, (default, _) in TOPIC_CONFIGS.items()})
    assert (config.compacted, config.deleted) == (False, True)


def test_null_means_the_default() -> None:
    config = topic_config({"retention.ms": None, "cleanup.policy": "compact, delete"})
    assert config.retention_ms == 7 * 24 * 60 * 60 * 1000
    assert (config.compacted, config.deleted) == (True, True)
    assert set(config.given) == {"cleanup.policy"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no.such.setting", "1"),
        ("retention.ms", ""),
        ("retention.ms", "-2"),
        ("retention.bytes", "1.5"),
        ("min.cleanable.dirty.ratio", "1.1"),
        ("min.cleanable.dirty.ratio", "much"),
        ("cleanup.policy", ""),
        ("cleanup.policy", "compact,sometimes"),
        ("message.timestamp.type", "createtime"),
        ("preallocate", "yes"),
        ("segment.bytes", "14"),
    ],
)
def test_impossible_setting_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(Refused, match=name) as caught:
        topic_config({name: value})
    assert caught.value.code is ErrorCode.INVALID_CONFIG


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ж", "x" * 250, "a/b"])
def test_illegal_name_is_refused(registry: TopicRegistry, name: str) -> None:
    with pytest.raises(Refused) as caught:
        registry.create(name)
    assert caught.value.code is ErrorCode.INVALID_TOPIC


def test_names_that_differ_in_dots_and_underscores_collide(registry: TopicRegistry) -> None:
    registry.create("articles.raw")
    with pytest.raises(Refused, match=r"collides with existing topic: articles\.raw"):
        registry.create("articles_raw")


def test_number_of_partitions_defaults_to_the_brokers(registry: TopicRegistry) -> None:
    registry.create("topic")
    assert [len(topic.partitions) for topic in registry] == [3]
    assert registry.find_partition("topic", 3) is None
    assert registry.find_partition("topic", -1) is None


def test_changed_settings_hold_for_every_partition_new_ones_included(registry: TopicRegistry) -> None:
    registry.create("topic", 1)
    registry.configure("topic", {"max.message.bytes": "100"})
    registry.expand("topic", 2)
    for number in range(2):
        with pytest.raises(Refused) as caught:
            registry.partition("topic", number).append(plain(bytes(100)))
        assert caught.value.code is ErrorCode.MESSAGE_TOO_LARGE


def test_deletion_is_told(registry: TopicRegistry, deleted: list[str]) -> None:
    registry.create("topic")
    registry.delete("topic")
    assert deleted == ["topic"]
    with pytest.raises(Refused):
        registry.delete("topic")
    assert deleted == ["topic"]
