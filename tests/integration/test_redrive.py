"""Dead letters handled again by a real worker: under their own version, once, and never over anything newer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from models import CodedArticle, RawArticle
from tests.integration.news import at_length
from tests.integration.test_way_of_a_message import Pipeline, eventually
from tests.integration.workers import WorkerProcess, dyads, kept
from topics.catalogue import CODED, RAW
from topics.codec import decode
from topics.headers import ATTEMPT, ORIGIN, VERSION
from topics.letters import PREFIX, Living
from topics.message import Message
from workers.runtime.settings import StoreKind


def article(name: str, act: str) -> RawArticle:
    return RawArticle(id=name, text=act, source="a", published_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))


ACCUSED = "Казахстан обвинил Узбекистан в нарушении границы."
SANCTIONED = "Казахстан ввёл санкции против компаний из Узбекистана."


class Desk(Pipeline):
    async def letters(self) -> dict[bytes, Message]:
        living: Living[Message] = Living(lambda letter: letter)
        for message in await self.dead():
            living.see(message)
        return {message.key or b"": message for message in living.letters}

    async def until_dead(self, *names: bytes) -> None:
        async def dead() -> bool:
            return set(await self.letters()) == set(names)

        await eventually(dead)

    async def coded(self, name: bytes) -> tuple[int, CodedArticle | None]:
        message = (await self.latest(CODED))[name]
        return int(message.headers[VERSION]), decode(CodedArticle, message.value) if message.value else None


async def test_letters_of_every_fate(broker: str, tmp_path: Path) -> None:
    desk = Desk(broker, 0)
    # No long article can be coded in a millisecond.
    slow = WorkerProcess(broker, "slow", tmp_path, StoreKind.MEMORY, DYADS_ARTICLE_TIMEOUT="0.001")
    await slow.start()
    try:
        for name in ("as-it-was", "revised", "withdrawn", "revised-too-late"):
            await desk.publish(article(name, at_length(ACCUSED)))
        await desk.send((b"bad", b"{"))
        await desk.until_dead(b"as-it-was", b"revised", b"withdrawn", b"revised-too-late", b"bad")
        before = await desk.letters()
    finally:
        assert await slow.end() == 0

    # No worker runs: the revision and the withdrawal lie before the redriven letters, of one article behind it.
    await desk.publish(article("revised", SANCTIONED))
    await desk.withdraw("withdrawn")
    status, printed = await dyads(broker, "dead", "redrive", "--all", "--dry-run")
    assert (status, printed.splitlines()[-1]) == (0, "redrive: 5 would be sent")
    assert PREFIX + b"bad" not in await desk.latest(RAW)
    for _ in range(2):
        status, printed = await dyads(
            broker, "dead", "redrive", "revised", "withdrawn", "revised-too-late", "bad", "--wait", "0"
        )
        assert (status, printed.splitlines()[-1]) == (1, "redrive: 4 sent; 0 done, 0 dead again, 4 without an answer")
    await desk.publish(article("revised-too-late", SANCTIONED))

    async with kept([WorkerProcess(broker, "quick", tmp_path, StoreKind.ROCKSDB)]):
        await desk.until_dead(b"bad", b"as-it-was")
        status, printed = await dyads(broker, "dead", "redrive", "--reason", "too-slow")
        assert (status, printed.splitlines()[-1]) == (0, "redrive: 1 sent; 1 done, 0 dead again, 0 without an answer")
        status, printed = await dyads(broker, "audit", "--wait", "180")
        assert printed.splitlines()[-1] == "audit: 0 differences", printed

        version, coded = await desk.coded(b"as-it-was")
        assert coded is not None
        assert version == coded.version == int(before[b"as-it-was"].headers[VERSION])
        assert [event.type for event in coded.events] == ["ACCUSE"]
        for name in (b"revised", b"revised-too-late"):
            version, coded = await desk.coded(name)
            assert coded is not None
            assert version > int(before[name].headers[VERSION])
            assert [event.type for event in coded.events] == ["SANCTION"]
        assert (await desk.coded(b"withdrawn"))[1] is None
        row = await desk.row()
        assert row is not None
        assert (row.together.events, row.together.mentions) == (2, 3)

        again = (await desk.letters())[b"bad"]
        assert (again.headers[ATTEMPT], again.headers[ORIGIN]) == (b"2", before[b"bad"].headers[ORIGIN])
        assert again.value == b"{"
        status, printed = await dyads(broker, "dead", "redrive", "bad", "--reason", "undecodable")
        assert status == 1
        assert "bad: dead again, attempt 3: undecodable: not JSON" in printed
        assert printed.splitlines()[-1] == "redrive: 1 sent; 0 done, 1 dead again, 0 without an answer"
        # What was sent back is gone from where it was sent.
        left = {key: m.value for key, m in (await desk.latest(RAW)).items() if key.startswith(PREFIX)}
        assert set(left.values()) == {None}
        assert (await dyads(broker, "audit"))[0] == 0
