"""The partitioner is Kafka's own, so a message lands in the same partition whichever client sent it."""

import pytest
from aiokafka.partitioner import DefaultPartitioner

from topics.partition import home_partition, partition_of

# Keys and hashes of org.apache.kafka.common.utils.UtilsTest.testMurmur2, as signed 32-bit numbers.
KNOWN = [
    (b"21", -973932308),
    (b"foobar", -790332482),
    (b"a-little-bit-long-string", -985981536),
    (b"a-little-bit-longer-string", -1486304829),
    (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    (b"abc", 479470107),
]


@pytest.mark.parametrize(("key", "hashed"), KNOWN)
def test_hash_is_that_of_the_java_client(key: bytes, hashed: int) -> None:
    for partitions in (1, 3, 4, 64, 1000):
        assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


def test_python_client_sends_an_article_to_its_home() -> None:
    for i in range(200):
        article = f"агентство:2025/{i}"
        assert DefaultPartitioner()(article.encode(), list(range(7)), list(range(7))) == home_partition(article, 7)


def test_articles_spread_over_the_partitions() -> None:
    counts = [0] * 4
    for i in range(4000):
        counts[home_partition(f"ru/{i}", 4)] += 1
    assert min(counts) > 800


def test_topic_without_partitions_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one partition"):
        partition_of(b"key", 0)
