"""Dead letters of a task: taken away when overtaken or handled after all, tried again under their own version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.runtime.scratch import Bench
from topics.catalogue import DEAD
from topics.headers import ATTEMPT, ERROR, NULL, ORIGIN, VERSION, pack, unpack
from topics.letters import PREFIX, Living, NotRedrivable, letter_key, redrive, redriven
from topics.message import Message
from workers.aggregation.agent import Aggregate, Relate
from workers.runtime.handler import Reject, Scope, Settlement
from workers.runtime.settings import Settings
from workers.runtime.store import RocksStore
from workers.runtime.task import Task


class Desk(Bench):
    """A bench whose messages are handled or not as the test says, and whose letters it can read."""

    def at(self, offset: int, key: bytes, value: bytes | None = b"x", **headers: bytes) -> Message:
        return Message(
            topic=self.source.name, partition=0, offset=offset, timestamp=7, key=key, value=value, headers=headers
        )

    def back(self, letter: Message, offset: int) -> Message:
        """The letter as it comes back to the source."""
        sent = redrive(letter)
        assert (sent.topic, sent.partition) == (self.source.name, 0)
        return self.at(offset, sent.key, sent.value, **unpack(pack(sent.headers)))

    def handled(self, message: Message) -> tuple[Message, Settlement]:
        back = redriven(message)
        received = message if back is None else back.message

        def settle(scope: Scope) -> None:
            scope.publish(self.counts, received.key, b"%d" % received.offset)

        return message, settle

    def refused(self, message: Message, error: str = "no", attempt: int = 1) -> tuple[Message, Settlement]:
        def settle(scope: Scope) -> None:
            scope.publish(self.counts, message.key, b"must not be seen")
            raise Reject("invalid", error, attempt)

        return message, settle

    async def letters(self) -> dict[bytes, Message]:
        """The letters in force, by key."""
        living: Living[Message] = Living(lambda letter: letter)
        for message in await self.history(DEAD):
            living.see(message)
        return {m.key or b"": m for m in living.letters if m.headers[ORIGIN].startswith(self.source.name.encode())}


@pytest.fixture
async def desk(broker_address: str) -> Desk:
    desk = Desk(broker_address)
    await desk.make_topics()
    return desk


def key(desk: Desk, name: str) -> bytes:
    """A key of the test's own: articles.dead is everybody's."""
    return f"{desk.agent}/{name}".encode()


async def test_a_letter_that_is_handled_now_has_its_effect_under_its_own_version_and_leaves(desk: Desk) -> None:
    a = key(desk, "a")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a))])
        letter = (await desk.letters())[a]
        await task.settle([desk.handled(desk.back(letter, 8))])
    assert await desk.published() == {a: b"3"}
    assert await desk.letters() == {}
    (clearing,) = await desk.history(desk.source)
    assert (clearing.key, clearing.value) == (PREFIX + a, None)


async def test_what_fails_again_is_there_again_with_a_higher_attempt(desk: Desk) -> None:
    a = key(desk, "a")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a))])
        await task.settle([desk.refused(desk.back((await desk.letters())[a], 8), "still no")])
        again = (await desk.letters())[a]
        assert [again.headers[name] for name in (ATTEMPT, ERROR, VERSION)] == [b"2", b"still no", b"3"]
        assert again.headers[ORIGIN] == f"{desk.source.name}:0:3".encode()
        await task.settle([desk.refused(desk.back(again, 10), "crashed", attempt=2)])
        assert (await desk.letters())[a].headers[ATTEMPT] == b"4"
    assert await desk.published() == {}


@pytest.mark.parametrize("outcome", ["handled", "refused"])
async def test_redriving_twice_does_no_harm(desk: Desk, outcome: str) -> None:
    a = key(desk, "a")
    handle = desk.handled if outcome == "handled" else desk.refused
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a))])
        letter = (await desk.letters())[a]
        await task.settle([handle(desk.back(letter, 8)), handle(desk.back(letter, 9))])
        await task.settle([desk.handled(desk.back(letter, 10))])
    if outcome == "handled":
        assert [m.value for m in await desk.history(desk.counts)] == [b"3"]
        assert await desk.letters() == {}
    else:
        assert await desk.history(desk.counts) == []
        assert (await desk.letters())[a].headers[ATTEMPT] == b"2"


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_newer_message_overtakes_a_letter_which_then_has_no_effect(
    desk: Desk, restarted: bool, tmp_path: Path
) -> None:
    a = key(desk, "a")
    async with desk.task(RocksStore(tmp_path, "c")) as task:
        await task.settle([desk.refused(desk.at(3, a))])
        letter = (await desk.letters())[a]
        await task.settle([desk.handled(desk.at(5, a))])
        assert await desk.letters() == {}
        if not restarted:
            await task.settle([desk.handled(desk.back(letter, 8))])
    if restarted:
        async with desk.task(RocksStore(tmp_path, "c")) as task:
            await task.settle([desk.handled(desk.back(letter, 8))])
    assert [m.value for m in await desk.history(desk.counts)] == [b"5"]


async def test_of_two_dead_revisions_only_the_newer_one_can_be_tried_again(desk: Desk) -> None:
    a = key(desk, "a")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a))])
        older = (await desk.letters())[a]
        await task.settle([desk.refused(desk.at(5, a))])
        newer = (await desk.letters())[a]
        await task.settle([desk.handled(desk.back(older, 8))])
        assert (await desk.letters())[a] == newer
        await task.settle([desk.handled(desk.back(newer, 9))])
    assert [m.value for m in await desk.history(desk.counts)] == [b"5"]
    assert await desk.letters() == {}


async def test_a_newer_message_in_the_same_batch_overtakes_too(desk: Desk) -> None:
    a = key(desk, "a")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a))])
        letter = (await desk.letters())[a]
        await task.settle([desk.handled(desk.at(5, a)), desk.handled(desk.back(letter, 8))])
    assert [m.value for m in await desk.history(desk.counts)] == [b"5"]


async def test_a_withdrawal_that_died_can_be_tried_again(desk: Desk) -> None:
    a = key(desk, "a")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a, None))])
        letter = (await desk.letters())[a]
        assert (letter.value, letter.headers[NULL]) == (b"", b"value")
        back = redriven(desk.back(letter, 8))
        assert back is not None
        assert back.message == desk.at(3, a, None, version=b"3")
        await task.settle([desk.handled(desk.back(letter, 8))])
    assert await desk.letters() == {}


async def test_letters_of_other_keys_stay(desk: Desk) -> None:
    a, b = key(desk, "a"), key(desk, "b")
    async with desk.task() as task:
        await task.settle([desk.refused(desk.at(3, a)), desk.refused(desk.at(4, b)), desk.handled(desk.at(5, b))])
    assert list(await desk.letters()) == [a]


@pytest.mark.parametrize(
    "spoilt", [{"origin": b"elsewhere:0:3"}, {"origin": b"x"}, {"attempt": b"-1"}, {"timestamp": b"soon"}]
)
async def test_a_redriven_letter_that_was_tampered_with_is_none(desk: Desk, spoilt: dict[str, bytes]) -> None:
    headers = {"origin": f"{desk.source.name}:0:3".encode(), "attempt": b"1", "timestamp": b"7", "version": b"3"}
    assert redriven(desk.at(8, PREFIX + b"a", b"x", **headers)) is not None
    assert redriven(desk.at(8, PREFIX + b"a", b"x", **{**headers, **spoilt})) is None
    assert redriven(desk.at(2, PREFIX + b"a", b"x", **headers)) is None  # before what it says that it came from


async def test_a_message_without_a_key_is_parked_and_not_redriven(desk: Desk) -> None:
    nameless = Message(topic=desk.source.name, partition=0, offset=3, timestamp=7, key=None, value=b"x", headers={})
    async with desk.task() as task:
        await task.settle([desk.refused(nameless)])
    (letter,) = (await desk.letters()).values()
    with pytest.raises(NotRedrivable, match="without a key"):
        redrive(letter)


CONTRIBUTION = b'{"article": "a|1", "dyad": "BLR-KAZ", "version": 1}'


@pytest.mark.parametrize(
    ("agent", "value", "expected"),
    [
        (Relate, b"{", letter_key("relate", b"BLR-KAZ")),
        (Aggregate, CONTRIBUTION, letter_key("aggregate", b"a|1", b"BLR-KAZ")),
        (Aggregate, b"{", letter_key("aggregate", b"t:0:3")),
        (Aggregate, b"[" * 5000, letter_key("aggregate", b"t:0:3")),
        (Aggregate, None, letter_key("aggregate", b"t:0:3")),
    ],
)
def test_what_a_message_of_the_tables_is_about(
    agent: type[Relate | Aggregate], value: bytes | None, expected: bytes
) -> None:
    message = Message(topic="t", partition=0, offset=3, timestamp=0, key=b"BLR-KAZ", value=value, headers={})
    assert agent(Settings()).subject(message) == expected


@pytest.fixture
async def aggregate(desk: Desk) -> AsyncIterator[Task]:
    async with desk.task(subject=Aggregate(Settings()).subject) as task:
        yield task


async def test_contributions_of_one_dyad_do_not_overtake_one_another(desk: Desk, aggregate: Task) -> None:
    one, two = CONTRIBUTION, CONTRIBUTION.replace(b"a|1", b"a|2")
    await aggregate.settle([desk.refused(desk.at(3, b"BLR-KAZ", one)), desk.refused(desk.at(4, b"BLR-KAZ", two))])
    assert [m.value for m in (await desk.letters()).values()] == [one, two]
    await aggregate.settle([desk.handled(desk.at(5, b"BLR-KAZ", two))])
    ((name, letter),) = (await desk.letters()).items()
    assert name == letter_key("aggregate", b"a|1", b"BLR-KAZ")
    assert redrive(letter).key == PREFIX + b"BLR-KAZ"
