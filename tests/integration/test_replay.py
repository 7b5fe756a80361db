"""Everything coded anew by another coder beside the running one: followed, compared, switched to and back, retired."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from models import CodedArticle, EventType, RawArticle, RelationEvent
from tests.integration.news import history
from tests.integration.second_coder import NAME
from tests.integration.test_redrive import ACCUSED, SANCTIONED, Desk, article
from tests.integration.test_way_of_a_message import eventually
from tests.integration.test_withdrawal import holding, let_the_day_pass
from tests.integration.workers import WorkerProcess, dyads, kept
from tests.topics.conformance.kafka import Kafka
from topics import admin, groups
from topics.catalogue import CODED, CONTRIBUTIONS, DAY_MS, DEAD, EVENTS, GENERATIONS, RAW, TEXTS, Topic, catalogue
from topics.codec import decode
from topics.partition import home_partition
from topics.reader import Reader
from workers.enrichment.version import CODER
from workers.producing.lines import Withdrawal
from workers.runtime.engine import EXIT_GENERATION
from workers.runtime.settings import StoreKind

AGO = 50
"""A stray that came so many before has mostly come home."""

MARK = "Секретов"
"""A name in the texts that are withdrawn."""


def texts(generation: int) -> list[Topic]:
    """The topics that hold what articles say."""
    return [topic.of(generation) for topic in TEXTS]


class Newsroom(Desk):
    """Two generations seen from outside."""

    async def keep_every_message(self) -> None:
        """Of articles.raw: these tests count what was ever sent home."""
        settings = RAW.config() | {"min.compaction.lag.ms": str(DAY_MS)}
        async with Kafka(self.address).admin() as client:
            await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, RAW.name, settings)])

    async def publish_all(self, messages: list[RawArticle | Withdrawal]) -> None:
        for message in messages:
            if isinstance(message, RawArticle):
                await self.publish(message)
            else:
                await self.withdraw(message.id)

    async def publish_away(self, name: str, text: str) -> None:
        """As a client with another partitioner would."""
        value = b'{"id": "%s", "text": "%s"}' % (name.encode(), text.encode())
        await self.send((name.encode(), value), partition=(home_partition(name, 4) + 1) % 4)

    async def homecomings(self) -> dict[str, list[bool]]:
        """Of each article the messages at home, oldest first: whether each has a text."""
        found: dict[str, list[bool]] = defaultdict(list)
        async with Reader(self.address) as reader:
            async for message in reader.read(RAW):
                name = (message.key or b"").decode("utf-8", "replace")
                if message.partition == home_partition(name, 4):
                    found[name].append(message.value is not None)
        return found

    async def topics(self) -> set[str]:
        """Those that are not the broker's own."""
        return {name for name in await admin.partition_counts(self.address) if not name.startswith("__")}

    async def types(self, generation: int) -> set[EventType]:
        async with Reader(self.address, generation) as reader:
            rows = (await reader.latest(EVENTS)).values()
        return {decode(RelationEvent, row.value or b"").type for row in rows}

    async def coded(self, generation: int) -> list[CodedArticle]:
        async with Reader(self.address, generation) as reader:
            rows = (await reader.latest(CODED)).values()
        return [decode(CodedArticle, row.value or b"") for row in rows]

    async def says(self, *command: str, status: int = 0) -> str:
        """What a command prints last."""
        ended, printed = await dyads(self.address, *command)
        assert ended == status, printed
        return printed.splitlines()[-1]

    async def audited(self, *generations: int) -> None:
        audits = (self.says("audit", "--wait", "180", "--generation", str(number)) for number in generations)
        assert set(await asyncio.gather(*audits)) == {"audit: 0 differences"}


@pytest.mark.chaos
async def test_a_generation_from_its_beginning_to_its_end(broker: str, tmp_path: Path) -> None:
    news = Newsroom(broker, 0)
    await news.keep_every_message()
    old = WorkerProcess(broker, "old", tmp_path, StoreKind.ROCKSDB)
    new = WorkerProcess(
        broker, "new", tmp_path, StoreKind.ROCKSDB, command=("tests.integration.second_coder",), DYADS_GENERATION="2"
    )
    before, after = (history(seed, 25, 60) for seed in (19, 20))
    async with AsyncExitStack() as stack:
        async with kept([old]):
            await news.publish_all(before)
            await news.send((b"bad", b"{"), (b"secret/dead", b'{"title": "%s"}' % MARK.encode()))
            await news.publish(article("secret/1", f"Министр {MARK} сообщил: {SANCTIONED}"))
            await news.publish(article("accused", ACCUSED))
            await news.publish(article("sanctioned", SANCTIONED))
            await news.publish_away("away/1", ACCUSED)
            await news.audited(1)
            first_show = await dyads(broker, "show")

            assert await news.says("replay", "switch", "2", status=2) == (
                "dyads: generation 2 is unknown; `dyads replay status` lists them"
            )
            assert "made articles.coded.g2" in (await dyads(broker, "replay", "start", "--coder", NAME))[1]
            again = (await dyads(broker, "replay", "start", "--coder", NAME))[1]
            assert again.startswith(f"generation 2 is building, by {NAME}.")
            assert await news.says("topics", "check") == "topics: 0 differences"
            status, printed = await dyads(broker, "replay", "status")
            assert status == 1
            assert f"generation 1  current  by {CODER}" in printed
            assert f"generation 2  building  by {NAME}" in printed
            refused = (await dyads(broker, "replay", "switch", "2", "--wait", "0"))[1]
            assert "generation 2: enrich lags" in refused
            assert refused.endswith("generation 1 stays current (--force switches all the same)\n")

            await stack.enter_async_context(kept([new]))

            async def half_done() -> bool:
                return len(await news.coded(2)) > 10

            await eventually(half_done)
            new.kill()
            # Both generations read on: revisions, withdrawals, a message away from home and its withdrawal.
            await news.publish_all(after)
            await news.publish_away("away/2", ACCUSED)
            await news.withdraw("away/1")
            assert (await dyads(broker, "replay", "status", "--watch"))[0] == 0
            assert -9 in new.exits
            await news.audited(1, 2)

            assert {coded.coder for coded in await news.coded(1)} == {CODER}
            assert {coded.coder for coded in await news.coded(2)} == {NAME}
            assert EventType.ACCUSE in await news.types(1)
            assert EventType.ACCUSE not in await news.types(2)
            assert len(await news.types(2)) > 1
            # Each is sent home once, by the current generation.
            home = await news.homecomings()
            assert [home[f"away/{n}"] for n in (1, 2)] == [[True, False], [True]]
            assert await news.says("dead", "list") == "2 dead letters"
            assert await news.says("dead", "list", "--generation", "2") == "2 dead letters"

            old_show = await dyads(broker, "show")
            assert old_show != first_show
            new_show = await dyads(broker, "show", "--generation", "2")
            assert new_show != old_show
            plan = (await dyads(broker, "replay", "switch", "2", "--dry-run"))[1].splitlines()
            assert plan[-1] == "nothing is changed: generation 1 is current"
            (days,) = [line for line in plan if line.startswith("dyad days: ")]
            assert days.endswith(" only in generation 1, 0 only in generation 2")
            assert await dyads(broker, "show") == old_show

            assert await news.says("replay", "switch", "2", "--wait", "120") == "generation 2 is current"
            assert await dyads(broker, "show") == new_show
            assert await dyads(broker, "show", "--generation", "1") == old_show
            await news.publish_away("away/3", SANCTIONED)
            await news.withdraw("away/2")
            await news.audited(1, 2)
            assert (await news.homecomings())["away/2"] == [True, False]

            assert await news.says("replay", "switch", "1", "--wait", "120") == "generation 1 is current"
            assert await dyads(broker, "show") == await dyads(broker, "show", "--generation", "1")
            await news.publish_away("away/4", SANCTIONED)
            assert await news.says("replay", "switch", "2", "--wait", "120") == "generation 2 is current"
            await news.publish_away("away/5", SANCTIONED)
            await news.withdraw("away/3")
            assert await holding(broker, MARK.encode()) == {topic.name for g in (1, 2) for topic in texts(g)}
            await news.withdraw("secret/1")
            await news.withdraw("secret/dead")
            await news.audited(1, 2)
            home = await news.homecomings()
            assert [home[f"away/{n}"] for n in (3, 4, 5)] == [[True, False], [True], [True]]

            # What is withdrawn leaves the topics of both, dead letters included; contributions expire with their age.
            await let_the_day_pass(broker, [topic for topic in catalogue(1, 2) if topic.cleanup.compacts])
            assert await news.says("topics", "tidy") == "topics: 28 partitions tidied"

            async def gone() -> bool:
                return await holding(broker, MARK.encode()) <= {CONTRIBUTIONS.name, CONTRIBUTIONS.of(2).name}

            await eventually(gone, seconds=120)
        last = WorkerProcess(broker, "last", tmp_path, StoreKind.MEMORY)
        await last.start()

        async def at_work() -> bool:
            return "assigned: articles.coded[0]" in last.tail()

        await eventually(at_work)
        assert await news.says("replay", "retire", "2", status=2) == (
            "dyads: generation 2 is current: switch to another one first"
        )
        assert await news.says("replay", "retire", "1", "--wait", "0", status=2) == (
            "dyads: workers of generation 1 (group dyads) have not ended: stop them, then again"
        )
        assert await asyncio.wait_for(last.ended(), 40) == EXIT_GENERATION
        assert last.tail().endswith("dyads: generation 1 (DYADS_GENERATION) is retired; the current one is 2\n")
        assert await news.says("replay", "retire", "1") == "generation 1 is retired"
        assert await news.says("replay", "retire", "1") == "generation 1 is retired"
        left = {topic.name for topic in (*catalogue(2), GENERATIONS)}
        assert await news.topics() == left
        assert not await groups.has_offsets(broker, "dyads", RAW.name)

        await news.publish(article("last", SANCTIONED))
        await news.audited(2)
        assert await dyads(broker, "show") != new_show
        assert await news.says("show", "--generation", "1", status=2) == (
            "dyads: generation 1 is retired; `dyads replay status` lists them"
        )
        assert await news.says("replay", "switch", "1", status=2) == (
            "dyads: generation 1 is retired; `dyads replay status` lists them"
        )
        made = (await dyads(broker, "topics", "create"))[1].splitlines()[-1]
        assert made.startswith("0 made, 10 there before, ")
        assert await news.topics() == left


async def test_what_goes_home_while_generations_are_switched_goes_once(broker: str, tmp_path: Path) -> None:
    """Strays come all the while, and every third is withdrawn later: a second copy would bring its text back."""
    news = Newsroom(broker, 0)
    await news.keep_every_message()
    assert (await dyads(broker, "replay", "start"))[0] == 0
    workers = [
        WorkerProcess(broker, f"of-{generation}", tmp_path, StoreKind.MEMORY, DYADS_GENERATION=generation)
        for generation in ("1", "2")
    ]
    strays: list[str] = []

    enough = asyncio.Event()

    async def stray() -> None:
        while not enough.is_set():
            name = f"stray/{len(strays)}"
            await news.publish_away(name, SANCTIONED)
            strays.append(name)
            if len(strays) > AGO and not len(strays) % 3:
                await news.withdraw(strays[-AGO])
            await asyncio.sleep(0.1)

    async with kept(workers):
        straying = asyncio.create_task(stray())
        for number in ("2", "1", "2"):
            seen = len(strays)
            assert await news.says("replay", "switch", number, "--force", "--wait", "0") == (
                f"generation {number} is current"
            )
            if number == "1":
                workers[1].kill()

            async def went_on(more: int = seen + 20) -> bool:
                return len(await news.homecomings()) > more

            await eventually(went_on)
        enough.set()
        await straying
        await news.audited(1, 2)
    home = await news.homecomings()
    assert {home[name].count(True) for name in strays} == {1}
    assert any(home[name] == [True, False] for name in strays)
    assert {coded.id for coded in await news.coded(1)} == {coded.id for coded in await news.coded(2)}
    assert {coded.id for coded in await news.coded(2)} == {name for name in strays if home[name][-1]}


async def test_of_a_worker_without_a_generation(broker: str, tmp_path: Path) -> None:
    unknown = WorkerProcess(broker, "unknown", tmp_path, StoreKind.MEMORY, DYADS_GENERATION="2")
    await unknown.start()
    assert await unknown.ended() == EXIT_GENERATION
    assert unknown.tail().endswith(
        "dyads: there is no generation 2 (DYADS_GENERATION); `dyads replay start` begins the next one\n"
    )
    assert (await dyads(broker, "replay", "start", "--coder", NAME))[0] == 0
    other = WorkerProcess(broker, "other", tmp_path, StoreKind.MEMORY, DYADS_GENERATION="2")
    await other.start()
    assert await other.ended() == EXIT_GENERATION
    assert f"generation 2 is coded by {NAME}, and this worker has {CODER}" in other.tail()
    assert DEAD.of(2).name in await admin.partition_counts(broker)
