"""Making a broker match the catalogue, and saying where it does not.

`create` makes what is missing and touches nothing else. A topic that is there with another partition count is reported,
never changed: an article's version is its offset in its home partition, murmur2(id) mod N, so with another N the
versions of old and new messages no longer compare. Changing the count means rebuilding into new topics.
Topics are deleted with their generation only (`dyads replay retire`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    NoError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)
from msgspec import Struct

from topics.address import checked
from topics.catalogue import (
    CATALOGUE,
    DEAD,
    DEFAULT_PARTITIONS,
    FIRST_GENERATION,
    GENERATIONS,
    SOURCES,
    Topic,
    catalogue,
    state_topic,
)
from topics.errors import MissingTopics, Refused, translated

TIMEOUT = 10.0
"""Seconds within which a broker must answer an administrative request."""


class Difference(Struct, frozen=True, order=True):
    """Where a broker's topic is not as the catalogue has it; `setting` is Kafka's, or `topic`, or `partitions`."""

    topic: str
    setting: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, expected {self.expected}"


class Report(Struct, frozen=True):
    """What `create` made, what was there already, and where what was there differs. Names in the catalogue's order."""

    made: tuple[str, ...]
    present: tuple[str, ...]
    differing: tuple[Difference, ...]

    @property
    def other_partitions(self) -> bool:
        """Whether a topic is there with another number of partitions than was wanted."""
        return any(difference.setting == "partitions" for difference in self.differing)


async def create(
    address: str,
    partitions: int = DEFAULT_PARTITIONS,
    replication: int = 1,
    *,
    topics: Iterable[Topic] = CATALOGUE,
    generations: Iterable[int] = (FIRST_GENERATION,),
) -> Report:
    """Make the topics that are missing; what is there stays as it is. `generations` are those that `topics` are of.

    Running it again changes nothing. Raises `Unreachable`, and `Refused` where the broker will not make a topic (a
    replication factor above the number of brokers, for one).
    """
    topics = tuple(topics)
    async with connected(address, "creating topics") as admin:
        before = await _partition_counts(admin)
        missing = [topic for topic in topics if topic.name not in before]
        if missing:
            new = [NewTopic(t.name, partitions, replication, topic_configs=t.config()) for t in missing]
            made = await _create(admin, new)
            before |= await _wait_for(admin, missing)
        else:
            made = set()
        differing = await _differences(admin, topics, before, generations)
        other_count = [
            Difference(name, "partitions", str(partitions), f"{before[name]} (it cannot change: versions are offsets)")
            for name in (topic.name for topic in topics)
            if name not in made and before[name] != partitions
        ]
    return Report(
        made=tuple(t.name for t in topics if t.name in made),
        present=tuple(t.name for t in topics if t.name not in made),
        differing=tuple(sorted(other_count + differing)),
    )


async def create_like(address: str, originals: Mapping[str, Topic]) -> tuple[str, ...]:
    """Make the topics that are missing, each with partitions, replicas and settings of the one named; which were made.

    Raises `Unreachable`, `MissingTopics` where an original is missing, and `Refused`.
    """
    async with connected(address, "creating topics") as admin:
        described = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
        if missing := [name for name in originals if name not in described]:
            raise MissingTopics(address, missing)
        wanted = {name: topic for name, topic in originals.items() if topic.name not in described}
        if not wanted:
            return ()
        settings = await _settings(admin, list(wanted))
        new = []
        for name, topic in wanted.items():
            partitions = described[name]
            config = {key: settings[name].get(key, value) for key, value in topic.config().items()}
            new.append(NewTopic(topic.name, len(partitions), len(partitions[0]["replicas"]), topic_configs=config))
        made = await _create(admin, new)
        await _wait_for(admin, list(wanted.values()))
    return tuple(topic.name for topic in wanted.values() if topic.name in made)


async def check(address: str, *, generations: Iterable[int] = (FIRST_GENERATION,)) -> list[Difference]:
    """Where the broker's topics differ from the catalogue of the generations; empty when they do not.

    Raises `Unreachable`, `Refused`.

    Looked at: whether a topic is there, its cleanup, retention, compaction and message size; that each agent's state
    topic has as many partitions as the topic it reads, and `articles.dead` no fewer than any of those.
    """
    generations = tuple(generations)
    async with connected(address, "checking topics") as admin:
        counts = await _partition_counts(admin)
        topics = catalogue(*generations) + ((GENERATIONS,) if GENERATIONS.name in counts else ())
        return sorted(await _differences(admin, topics, counts, generations))


async def replicas(address: str, name: str) -> int:
    """How many replicas each partition of a topic has. Raises `Unreachable`, `MissingTopics`."""
    async with connected(address, "looking at topics") as admin:
        described = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
    if name not in described:
        raise MissingTopics(address, [name])
    return len(described[name][0]["replicas"])


async def delete(address: str, names: Iterable[str]) -> tuple[str, ...]:
    """Delete those of the topics that are there, and wait until they are gone; which those were.

    Raises `Unreachable`, and `Refused` where the broker deletes no topics.
    """
    async with connected(address, "deleting topics") as admin:
        there = sorted(set(names) & (await _partition_counts(admin)).keys())
        if not there:
            return ()
        for name, code in (await admin.delete_topics(there)).topic_error_codes:
            error = for_code(code)
            if error not in (NoError, UnknownTopicOrPartitionError):  # another process was faster
                raise Refused(f"deleting {name}: {error.__name__}")
        await _wait_until_gone(admin, set(there))
    return tuple(there)


async def partition_counts(address: str) -> dict[str, int]:
    """Partitions of every topic of the broker, by name. Raises `Unreachable`."""
    async with connected(address, "listing topics") as admin:
        return await _partition_counts(admin)


async def cluster_id(address: str) -> str:
    """What the broker's cluster is called; another one means another log. Raises `Unreachable`."""
    async with connected(address, "asking for the cluster's id") as admin:
        cluster = await admin.describe_cluster()
    return str(cluster.get("cluster_id") or "")


async def require(address: str, *names: str) -> dict[str, int]:
    """Partitions of these topics. Raises `MissingTopics` where the broker lacks one, and `Unreachable`."""
    counts = await partition_counts(address)
    if missing := [name for name in names if name not in counts]:
        raise MissingTopics(address, missing)
    return {name: counts[name] for name in names}


@asynccontextmanager
async def connected(address: str, doing: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administrator's client while `doing` something. Raises `Unreachable`, and `Refused` for what it raises."""
    with translated(address, doing):
        admin = AIOKafkaAdminClient(bootstrap_servers=checked(address), request_timeout_ms=int(TIMEOUT * 1000))
        try:
            async with asyncio.timeout(TIMEOUT * 3):
                await admin.start()
                yield admin
        finally:
            await admin.close()


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    # Asked for all topics: asking by name makes a broker with auto.create.topics.enable create the missing ones.
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> set[str]:
    made = set()
    for name, code, *reason in (await admin.create_topics(topics)).topic_errors:
        error = for_code(code)
        if code == 0:
            made.add(name)
        elif error is not TopicAlreadyExistsError:  # another process was faster: as good as made
            raise Refused(f"creating {name}: {reason[0] if reason and reason[0] else error.__name__}")
    return made


async def _wait_for(admin: AIOKafkaAdminClient, topics: list[Topic]) -> dict[str, int]:
    """Wait until new topics are visible with a leader for every partition: a cluster tells its brokers by and by."""
    names = {topic.name for topic in topics}
    while True:
        ready = {
            topic["topic"]: len(topic["partitions"])
            for topic in await admin.describe_topics()
            if topic["topic"] in names and all(partition["leader"] >= 0 for partition in topic["partitions"])
        }
        if ready.keys() == names:
            return ready
        await asyncio.sleep(0.1)


async def _wait_until_gone(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """Wait until no broker tells of the topics any more."""
    while True:
        if names.isdisjoint(await _partition_counts(admin)):
            return
        await asyncio.sleep(0.1)


async def _differences(
    admin: AIOKafkaAdminClient, topics: tuple[Topic, ...], counts: Mapping[str, int], generations: Iterable[int]
) -> list[Difference]:
    found = [Difference(topic.name, "topic", "there", "missing") for topic in topics if topic.name not in counts]
    present = [topic for topic in topics if topic.name in counts]
    settings = await _settings(admin, [topic.name for topic in present])
    found += [
        Difference(topic.name, setting, expected, settings[topic.name].get(setting, "unset"))
        for topic in present
        for setting, expected in topic.config().items()
        if settings[topic.name].get(setting) != expected
    ]
    for generation in generations:
        found += _wrong_partitions(counts, generation)
    return found


def _wrong_partitions(counts: Mapping[str, int], generation: int) -> list[Difference]:
    found = []
    dead = DEAD.of(generation).name
    for agent, plain in SOURCES.items():
        state, source = state_topic(agent).of(generation).name, plain.of(generation).name
        if state in counts and source in counts and counts[state] != counts[source]:
            expected = f"{counts[source]}, one for each of {source}"
            found.append(Difference(state, "partitions", expected, str(counts[state])))
        if dead in counts and counts[dead] < counts.get(source, 0):
            # A letter lies in the partition of the number that its message came from.
            expected = f"at least the {counts[source]} of {source}"
            found.append(Difference(dead, "partitions", expected, str(counts[dead])))
    return found


async def _settings(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    settings: dict[str, dict[str, str]] = {}
    for response in responses:
        for code, reason, _type, name, entries in response.resources:
            if code:
                raise Refused(f"reading the settings of {name}: {reason or for_code(code).__name__}")
            settings[name] = {entry[0]: entry[1] for entry in entries}
    return settings
