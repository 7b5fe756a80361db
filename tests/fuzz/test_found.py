"""What fuzzing found, each as the smallest input that showed it. All of it is mended."""

from __future__ import annotations

import asyncio
import datetime as dt
import struct

import pytest

from models import RawArticle, Version
from tests.fuzz.articles import Sent
from tests.fuzz.batches import BOMB_BYTES, CODECS, bombs, pack, record, with_body
from tests.fuzz.frames import CLIENT, COMPACTED, MEMBERS, PLAIN, STAMPED, frame, produce, request
from tests.fuzz.room import Room
from tests.fuzz.targets import check_published, check_sent, check_steps, coder
from tests.fuzz.texts import SHAPES, Published
from tests.topics.embedded.records import FakeClock, new_log, plain
from topics.embedded import compression
from topics.embedded.batch import read_header
from topics.embedded.compression import MAX_RECORDS_BYTES, TooLarge, Unpackable, unpack
from topics.embedded.connection import answer
from topics.embedded.data_api import MAX_FETCH_BYTES
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.topics import MAX_PARTITIONS
from topics.embedded.wire import APIS, ApiKey
from workers.enrichment.coding import completion
from workers.enrichment.coding.completion import probability

LONG = "n" * 32_767


@pytest.mark.parametrize(
    "batch",
    [
        with_body(0, b""),
        with_body(0, record() + b"more"),
        with_body(0, record(), count=2),
        with_body(0, record(offset_delta=2**40)),
        with_body(0, record(headers=-64)),
        with_body(0, record(value_length=2**62)),
        with_body(2, b""),
        with_body(2, pack(2, record())[:-1]),
        with_body(2, b"\x82SNAPPY\0" + struct.pack(">iii", 2, 1, len(pack(2, record()))) + pack(2, record())),
        with_body(4, pack(3, record())),
        with_body(7, record()),
    ],
    ids=[
        "none",
        "more",
        "fewer",
        "misnumbered",
        "headers",
        "length",
        "empty",
        "cut",
        "xerial 2",
        "other codec",
        "no codec",
    ],
)
def test_a_batch_that_nobody_could_read_is_refused(batch: bytes) -> None:
    """It was stored, with a valid checksum, and then broke every reader of the partition and its compaction."""
    log = new_log(FakeClock())
    with pytest.raises(Refused) as refused:
        log.append(batch)
    assert refused.value.code in (ErrorCode.CORRUPT_MESSAGE, ErrorCode.INVALID_RECORD)
    assert log.end_offset == 0
    check_steps([produce(batch, topic) for topic in (PLAIN, COMPACTED, STAMPED)])


def test_a_batch_that_would_fill_the_memory_is_refused() -> None:
    """300 KB of LZ4 unpack to 65 MiB, and the first compaction unpacked them."""
    small = [bomb for bomb in bombs() if len(bomb) < 1_000_000]
    assert BOMB_BYTES > MAX_RECORDS_BYTES
    assert {read_header(bomb).codec for bomb in small} == {1, 2, 3, 4}
    for bomb in small:
        with pytest.raises(Refused) as refused:
            new_log(FakeClock()).append(bomb)
        assert refused.value.code in (ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.CORRUPT_MESSAGE)


@pytest.mark.parametrize("codec", CODECS[1:])
def test_unpacking_stops_at_the_bound(codec: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "MAX_RECORDS_BYTES", 1 << 20)
    just_right = bytes(1 << 20)
    assert unpack(codec, pack(codec, just_right)) == just_right
    with pytest.raises(TooLarge):
        unpack(codec, pack(codec, just_right + b"x"))


@pytest.mark.parametrize("length", [-4, -1, 0, 9, 2**31 - 1])
def test_xerial_blocks_that_lie_about_their_length(length: int) -> None:
    with pytest.raises(Unpackable, match=f"a block of {length} bytes"):
        unpack(2, b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, length) + bytes(8))


@pytest.mark.parametrize(
    "sent",
    [
        frame(ApiKey.JOIN_GROUP, 0, APIS[ApiKey.JOIN_GROUP, 0].request.encode(
            ("group", 10_000, "", "consumer", [("range", b"")])), client=LONG),
        frame(ApiKey.JOIN_GROUP, 5, APIS[ApiKey.JOIN_GROUP, 5].request.encode(
            ("group", 10_000, 10_000, "", LONG, "consumer", [("range", b"")]))),
        request(ApiKey.CREATE_TOPICS, 3, [("t", 1, 1, [], [(LONG, "x")])], 1000, False),
        request(ApiKey.ALTER_CONFIGS, 0, [(2, PLAIN, [("cleanup.policy", LONG)])], False),
        request(ApiKey.DESCRIBE_CONFIGS, 0, [(3, LONG, None)]),
    ],
    ids=["client's name", "static member", "setting", "value", "resource"],
)  # fmt: skip
def test_a_long_name_sent_back_with_more_around_it(sent: bytes) -> None:
    """The answer's string was longer than a string can be: a fault of the broker, in the middle of its work."""
    check_steps([sent, 10_000])


def test_partitions_are_counted_over_all_topics() -> None:
    """Each topic was bound, but not how many there are: twenty bytes asked for 10,000 partitions, again and again."""
    room = Room()
    held = sum(len(topic.partitions) for topic in room.topics)
    room.topics.create("large", MAX_PARTITIONS - held)
    for refused in (lambda: room.topics.create("more", 1), lambda: room.topics.expand(PLAIN, 3)):
        with pytest.raises(Refused, match="INVALID_PARTITIONS"):
            refused()


async def test_one_answer_carries_so_much_and_no_more() -> None:
    """A fetch that named one partition a hundred times was answered with it a hundred times."""
    room = Room()
    for _ in range(2):
        room.topics.partition(PLAIN, 0).append(plain(bytes(1_000_000)))
    wanted = [(0, 0, 0, 2**31 - 1)] * 100
    fetch = APIS[ApiKey.FETCH, 5].request.encode((-1, 0, 1, 2**31 - 1, 0, [(PLAIN, wanted)]))
    answered = await answer(frame(ApiKey.FETCH, 5, fetch), room.handlers, "127.0.0.1")
    assert answered is not None
    assert MAX_FETCH_BYTES * 0.9 < len(answered) < MAX_FETCH_BYTES + 100_000


@pytest.mark.parametrize("turns", range(4))
async def test_a_fetch_that_is_stopped_just_as_something_arrives_stops(turns: int) -> None:
    """`wait_for` lost the cancellation, and stopping the broker waited as long as the fetch: up to 24 days."""
    room = Room()
    end = room.topics.partition(PLAIN, 0).end_offset
    fetch = APIS[ApiKey.FETCH, 4].request.encode((-1, 2**31 - 1, 2**31 - 1, 1 << 20, 0, [(PLAIN, [(0, end, 1 << 20)])]))
    waiting = asyncio.create_task(answer(frame(ApiKey.FETCH, 4, fetch), room.handlers, "127.0.0.1"))
    for _ in range(5):
        await asyncio.sleep(0)
    room.topics.partition(PLAIN, 0).append(plain(b"new"))
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=2)
    assert waiting.cancelled()


def test_stand_ins_have_the_length_of_real_member_ids() -> None:
    """Else the frames that carry them would have wrong lengths, and nothing behind a member id were reached."""
    room = Room()
    join = request(ApiKey.JOIN_GROUP, 5, "group", 10_000, 10_000, "", None, "consumer", [("range", b"")])
    asyncio.run(room.hear([join]))
    [given] = room.members
    assert given.startswith(CLIENT.encode())
    assert len(given) == len(MEMBERS[0])


@pytest.mark.parametrize("timestamp", [253_402_300_800_000, -1, 2**63 - 1, -(2**63)])
def test_a_message_stamped_with_no_year_is_a_dead_letter(timestamp: int) -> None:
    """It ended the worker: the day of the message could not be told."""
    check_sent(Sent(b'{"id": "steppe/1", "text": "x"}', partition=0, timestamp=timestamp))


def test_a_list_of_states_without_end_is_read_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name was weighed with every other, however alike: twelve seconds for a sentence of two hundred words."""
    weighed = 0

    def counting(*features: tuple[str, ...]) -> float:
        nonlocal weighed
        weighed += 1
        return probability(*features)

    monkeypatch.setattr(completion, "probability", counting)
    article = RawArticle(id="x", text=(SHAPES["one endless sentence"] * 40)[:400], language="ru")
    coder().code(article, version=Version(0), received=dt.date(2025, 10, 31))
    assert 0 < weighed < 5000


def test_a_story_of_the_first_day_that_tells_of_yesterday() -> None:
    check_published(Published("Вчера Россия осудила Китай.", received=dt.date.min))
    check_published(Published("Завтра Россия осудит Китай, а через год президент посетит Минск.", received=dt.date.max))
