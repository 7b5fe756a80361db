"""Messages at the edges of what can be sent: each comes to the row of its day, is parked with its reason, or is refused
where it is sent. Nothing stands still, and the audit finds nothing."""

from __future__ import annotations

import json
import re
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidTimestampError, KafkaError, MessageSizeTooLargeError

from models import DailyRelation, RawArticle
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, kept
from topics.catalogue import CODED, DAILY, MAX_MESSAGE_BYTES, RAW
from topics.codec import decode
from topics.headers import CUT, ERROR, ORIGIN, REASON, VERSION
from topics.letters import received_key
from topics.message import Message
from topics.partition import home_partition
from workers.producing.client import ArticleProducer, InvalidArticle
from workers.runtime.settings import StoreKind

TEXT = "Казахстан осудил действия Узбекистана."
MIB = 1024 * 1024
NOON = 1_772_452_800_000  # 2026-03-02T12:00:00Z
IN_2099 = 4_070_908_800_000


def json_of(id: str, text: str = TEXT, **fields: object) -> bytes:
    return json.dumps({"id": id, "text": text, **fields}, ensure_ascii=False).encode()


def nested(id: str, depth: int) -> bytes:
    """An article with an unknown field of so many arrays inside one another."""
    return json_of(id)[:-1] + b', "more": ' + b"[" * depth + b"]" * depth + b"}"


class Edge(NamedTuple):
    """What is sent, and what comes of it: `coded` and the day of the event, or the reason of its letter and the error.

    `key` is the edge's name if not given, `away` to a partition that is not the article's home."""

    value: bytes
    outcome: str
    key: bytes | None = b"its name"
    away: bool = False
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int = NOON


EDGES: dict[str, Edge] = {
    "null key": Edge(json_of("null key"), "coded 2026-03-02", key=None),
    "null key, bad": Edge(b'{"id": "null key, bad"}', "undecodable: text: missing", key=None),
    "5 MB key": Edge(json_of("5 MB key"), "invalid: the key has 5242880 characters", key=b"k" * 5 * MIB),
    "UTF-8": Edge(b'{"id": "UTF-8", "text": "\xff\xfe"}', "undecodable: not JSON: .*UTF-8"),
    "half a letter": Edge(json_of("half a letter")[:-4] + b'"}', "undecodable: not JSON: .*UTF-8"),
    "half a pair": Edge(b'{"id": "half a pair", "text": "\\ud800"}', "undecodable: not JSON: .*surrogate"),
    "nested 1000": Edge(nested("nested 1000", 1000), "coded 2026-03-02"),
    "nested 100000": Edge(nested("nested 100000", 100_000), "undecodable: not JSON: depth limit"),
    "12 MB text": Edge(json_of("12 MB text", "Ж" * 6 * MIB), "undecodable: text: .*length <= 400000"),
    "12 MB more": Edge(json_of("12 MB more", more="x" * 12 * MIB), "coded 2026-03-02"),
    "12 MB away": Edge(json_of("12 MB away", more="x" * 12 * MIB), "too-large: 125[0-9]* bytes", away=True),
    "10000 headers": Edge(json_of("10000 headers"), "coded 2026-03-02",
                          headers=tuple((f"h{n}", b"x") for n in range(10_000))),
    "10000 headers away": Edge(json_of("10000 headers away"), "coded 2026-03-02", away=True,
                               headers=tuple((f"h{n}", b"x") for n in range(10_000))),
    "1 MB header": Edge(json_of("1 MB header"), "coded 2026-03-02", headers=(("h", bytes(MIB)),)),
    "1 MB header away": Edge(json_of("1 MB header away"), "coded 2026-03-02", headers=(("h", bytes(MIB)),), away=True),
    "5 MB header away": Edge(json_of("5 MB header away"), "too-large: 52[0-9]* bytes",
                             headers=(("h", bytes(5 * MIB)),), away=True),
    "1 MB version": Edge(b'{"id": "1 MB version"}', "undecodable: text: missing", headers=(("version", b"9" * MIB),)),
    "headers of ours": Edge(json_of("headers of ours"), "coded 2026-03-02",
                            headers=(("version", b"-1"), ("moved", b"x"), ("origin", b":::"), ("null", b"key,value"))),
    "sent 1970": Edge(json_of("sent 1970"), "coded 1970-01-01", timestamp=1),
    "sent 1970 away": Edge(json_of("sent 1970 away"), "coded 1970-01-01", timestamp=1, away=True),
    "out 1970": Edge(json_of("out 1970", published_at="1970-01-01T00:00:00Z"), "coded 1970-01-01"),
    "out 2199": Edge(json_of("out 2199", published_at="2199-12-31T23:59:59+05:00"), "coded 2199-12-31"),
    "out 0999": Edge(json_of("out 0999", published_at="0999-07-01"), "coded 0999-07-01"),
    "out 10000": Edge(json_of("out 10000", published_at="10000-01-01"), "undecodable: published_at: "),
}  # fmt: skip


async def send(broker: str, **edges: Edge) -> None:
    """As a client with no checks of its own would; compressed, since a broker measures the batch as it comes."""
    async with AIOKafkaProducer(
        bootstrap_servers=broker, max_request_size=64 * MIB, max_batch_size=64 * MIB, compression_type="gzip"
    ) as producer:
        for name, edge in edges.items():
            key = name.encode() if edge.key == b"its name" else edge.key
            partition = (home_partition(name, 4) + edge.away) % 4
            message = RAW.name, edge.value, key, partition, edge.timestamp, list(edge.headers)

            async def taken(message: tuple[Any, ...] = message) -> bool:
                with suppress(KafkaError):  # Apache Kafka heeds a topic's new settings a moment after its answer
                    await producer.send_and_wait(*message)
                    return True
                return False

            await eventually(taken, seconds=20)


async def take_messages_without_a_key(broker: str) -> None:
    """As a topic made by other means would, that is not compacted."""
    settings = RAW.config() | {"cleanup.policy": "delete", "retention.ms": "-1"}
    client = AIOKafkaAdminClient(bootstrap_servers=broker)
    await client.start()
    await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, RAW.name, settings)])
    await client.close()


def name_of(letter: Message) -> str:
    return next(name for name, edge in EDGES.items() if edge.value.startswith((letter.value or b"")[:1000]))


async def outcomes(pipeline: Pipeline) -> dict[str, str]:
    """What came of each message, by the edge's name."""
    found = {
        name_of(letter): f"{letter.headers[REASON].decode()}: {letter.headers[ERROR].decode()}"
        for letter in await pipeline.dead()
    }
    for key, coded in (await pipeline.latest(CODED)).items():
        found[key.decode()] = f"coded {', '.join(e['date'] for e in json.loads(coded.value or b'{}')['events'])}"
    return found


async def test_every_message_comes_to_its_day_or_is_parked(broker: str, tmp_path: Path) -> None:
    pipeline = Pipeline(broker, 0)
    await take_messages_without_a_key(broker)
    await send(broker, **EDGES)
    worker = WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY)
    async with kept([worker]):

        async def through() -> bool:
            return len(await outcomes(pipeline)) == len(EDGES)

        await eventually(through)
        status, printed = await dyads(broker, "audit", "--wait", "180")
        assert (status, printed.splitlines()[-1]) == (0, "audit: 0 differences"), printed
    found = await outcomes(pipeline)
    assert {n: found[n] for n, edge in EDGES.items() if not re.match(edge.outcome, found[n])} == {}
    assert worker.exits == []
    days = {decode(DailyRelation, row.value or b"").day for row in (await pipeline.latest(DAILY)).values()}
    assert days == {outcome.removeprefix("coded ") for outcome in found.values() if outcome.startswith("coded")}

    letters = {name_of(letter): letter for letter in await pipeline.dead()}
    assert letters["1 MB version"].headers[VERSION] == letters["1 MB version"].headers[ORIGIN].split(b":")[2]
    assert received_key(letters["null key, bad"]) is None
    for large in ("12 MB text", "12 MB away", "5 MB key"):
        letter, edge = letters[large], EDGES[large]
        assert letter.value == edge.value[:MAX_MESSAGE_BYTES]
        assert int(letter.headers[CUT]) == len(edge.value) + len(large if edge.key == b"its name" else edge.key or b"")
    status, printed = await dyads(broker, "dead", "redrive", "12 MB text")
    assert "only the beginning of the message was kept" in printed


async def test_what_no_worker_should_get_is_refused_where_it_is_sent(broker: str, tmp_path: Path) -> None:
    async with ArticleProducer(broker) as producer:
        with pytest.raises(InvalidArticle, match=r"text: .*length <= 400000"):
            await producer.publish(RawArticle(id="a", text="x" * 12 * MIB))
    lines = tmp_path / "articles.jsonl"
    lines.write_bytes(json_of("a", "x" * 12 * MIB) + b"\n" + json_of("b"))
    status, printed = await dyads(broker, "produce", str(lines))
    assert (status, printed.splitlines()[-1]) == (1, "1 published, 0 withdrawn, 1 refused")
    assert "line 1: " in printed

    async with AIOKafkaProducer(bootstrap_servers=broker, max_request_size=64 * MIB) as client:
        with pytest.raises(MessageSizeTooLargeError):
            await client.send_and_wait(RAW.name, key=b"a", value=json_of("a", "x" * 12 * MIB))
        with pytest.raises(KafkaError):  # aiokafka has no name for INVALID_RECORD
            await client.send_and_wait(RAW.name, key=None, value=json_of("a"))
        with pytest.raises(InvalidTimestampError):  # an hour ahead is the most
            await client.send_and_wait(RAW.name, key=b"a", value=json_of("a"), timestamp_ms=IN_2099)


def crc32_partition(id: str) -> int:
    """Where librdkafka's default partitioner sends an article."""
    return zlib.crc32(id.encode()) % 4


async def test_clients_with_different_partitioners_revise_and_withdraw_the_same_articles(
    broker: str, tmp_path: Path
) -> None:
    pipeline = Pipeline(broker, 0)
    ids = [f"outlet-{number}.example/1" for number in range(12)]
    assert {crc32_partition(id) == home_partition(id, 4) for id in ids} == {True, False}

    async def other(*sent: tuple[str, str | None, int]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=broker) as producer:
            for id, text, partition in sent:
                await producer.send_and_wait(RAW.name, text and json_of(id, text), id.encode(), partition)

    async def told() -> dict[str, str]:
        """By which state each article in force is told to have acted."""
        coded = await pipeline.latest(CODED)
        return {
            key.decode(): json.loads(m.value)["events"][0]["source"]["country"] for key, m in coded.items() if m.value
        }

    async def tell(expected: dict[str, str]) -> None:
        async def so() -> bool:
            return await told() == expected

        await eventually(so)

    async with kept([WorkerProcess(broker, "one", tmp_path, StoreKind.MEMORY)]):
        await pipeline.publish(*(RawArticle(id=id, text=TEXT) for id in ids))
        await tell(dict.fromkeys(ids, "KAZ"))
        await other(*((id, "Таджикистан осудил действия Узбекистана.", crc32_partition(id)) for id in ids[:9]))
        await tell({id: "TJK" if id in ids[:9] else "KAZ" for id in ids})
        await pipeline.publish(*(RawArticle(id=id, text="Иран осудил действия Узбекистана.") for id in ids[:6]))
        await other(*((id, None, crc32_partition(id)) for id in ids[6:]))
        await tell(dict.fromkeys(ids[:6], "IRN"))

        everywhere = [f"everywhere/{number}" for number in range(12)]
        await other(*((id, TEXT, partition) for id in everywhere for partition in range(4)))

        async def all_there() -> bool:
            return (await told()).keys() == {*ids[:6], *everywhere}

        await eventually(all_there)
        status, printed = await dyads(broker, "audit", "--wait", "180")
        assert (status, printed.splitlines()[-1]) == (0, "audit: 0 differences"), printed
    rows = [decode(DailyRelation, m.value) for m in (await pipeline.latest(DAILY)).values() if m.value]
    assert {str(row.dyad): row.together.mentions for row in rows} == {"IRN-UZB": 6, "KAZ-UZB": 12}
