"""Keeps `relations.alerts` equal to what the rules make of the tables.

1. Fence: start the producer of the deployment's one publisher. No earlier one can publish from here on.
2. Read what is published: nobody changes it but this process.
3. Read the tables to their end, and only then judge: half of the rows would make alerts that are none.
4. Publish the difference in a transaction: what is new or reads otherwise, null for an alert whose rows are gone.
5. Follow the tables; judge again the dyads that changed, and go on at 4.

What is published is its own memory: no position is kept, a start judges everything and publishes what is missing. So an
alert is published once for each time that it changes, whatever the process dies at.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from msgspec.structs import replace

from models import Alert, DailyRelation, Day, Dyad, RelationEvent, Tally
from topics.address import checked
from topics.admin import require
from topics.catalogue import ALERTS, DAILY, EVENTS, Topic
from topics.closing import stopped
from topics.codec import Undecodable, decode, encode
from topics.errors import BrokerError, translated
from topics.generations import generations
from topics.headers import SCHEMA, SCHEMA_VERSION, pack
from topics.message import Message
from topics.reader import Positions, Reader
from workers.monitoring.alerts.judge import alerts, signed
from workers.monitoring.alerts.rules import Agreement, Rule
from workers.runtime.settings import group_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
"""How often it is looked which generation is current."""
GATHER_SECONDS = 0.2
"""How long changes are gathered before they are judged."""
TRANSACTION_ALERTS = 1_000
_NOTHING = Tally()


class Superseded(Exception):
    """Another publisher of the same deployment has begun: this one must end."""


class Publisher:
    """One generation's publisher. `published` is what the topic holds, by alert id."""

    def __init__(self, address: str, app_id: str, number: int, rules: Sequence[Rule]) -> None:
        self.published: dict[bytes, bytes] = {}
        self.unreadable = 0
        self._address = address
        self._number = number
        self._rules = rules
        self._codes = frozenset(code for rule in rules if isinstance(rule, Agreement) for code in rule.cameo)
        self._topic = ALERTS.of(number).name
        self._of: defaultdict[Dyad, set[bytes]] = defaultdict(set)
        self._days: defaultdict[Dyad, dict[Day, DailyRelation]] = defaultdict(dict)
        self._events: defaultdict[Dyad, dict[str, RelationEvent]] = defaultdict(dict)
        self._dyads: dict[str, Dyad] = {}
        self._changed: set[Dyad] = set()
        self._news = asyncio.Event()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=checked(address), transactional_id=f"{group_of(app_id, number)}-alerts", acks="all"
        )

    async def run(self) -> None:
        """Publish until another generation is current, then return. Raises `Superseded` and what `Reader` raises."""
        await require(self._address, self._topic)
        following: list[asyncio.Task[None]] = []
        try:
            with translated(self._address, f"writing {self._topic}"):
                await self._producer.start()  # 1
            ends = await self._catch_up()  # 2, 3
            await self._publish(set(self._days) | set(self._events) | set(self._of))  # 4
            log.info("%d alerts of generation %d", len(self.published), self._number)
            following = [asyncio.create_task(self._follow(topic, since)) for topic, since in ends.items()]
            while (await generations(self._address)).current == self._number:  # 5
                waiting = asyncio.create_task(self._news.wait())
                await asyncio.wait({waiting, *following}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                for task in following:
                    if task.done():
                        task.result()
                if self._news.is_set():
                    await asyncio.sleep(GATHER_SECONDS)
                    self._news.clear()
                    changed, self._changed = self._changed, set()
                    await self._publish(changed)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            await stopped(self._producer.stop())

    async def _catch_up(self) -> dict[Topic, Positions]:
        ends: dict[Topic, Positions] = {}
        async with Reader(self._address, self._number) as reader:
            for id, message in (await reader.latest(ALERTS)).items():
                self.published[id] = message.value or b""
                self._of[decode(Alert, message.value or b"").dyad].add(id)
            for topic in (DAILY, EVENTS):
                ends[topic] = {place.partition: end for place, end in (await reader.ends(topic)).items()}
                async for message in reader.read(topic, until=ends[topic]):
                    self._take(topic, message)
        self._changed.clear()
        self._news.clear()
        return ends

    async def _follow(self, topic: Topic, since: Positions) -> None:
        async with Reader(self._address, self._number) as reader:
            async for message in reader.read(topic, follow=True, since=since):
                self._take(topic, message)

    def _take(self, topic: Topic, message: Message) -> None:
        """Keep what the rules ask of a row, and that its dyad is to be judged."""
        if message.key is None or message.key.startswith((b"\xff", b"@")):
            return
        try:
            dyad = self._day(message) if topic is DAILY else self._event(message)
        except (Undecodable, UnicodeDecodeError) as error:
            self.unreadable += 1
            log.warning("%s, partition %d, offset %d: %s", topic.name, message.partition, message.offset, error)
            return
        if dyad is not None:
            self._changed.add(dyad)
            self._news.set()

    def _day(self, message: Message) -> Dyad:
        name, _, day = (message.key or b"").decode().partition("|")
        dyad = Dyad(name)
        if message.value is None:
            self._days[dyad].pop(Day(day), None)
        else:
            row = decode(DailyRelation, message.value)
            both = row.together
            kept = Tally(events=both.events, sources=both.sources, by_quad=both.by_quad)
            self._days[dyad][row.day] = replace(row, together=kept, a_to_b=_NOTHING, b_to_a=_NOTHING)
        return dyad

    def _event(self, message: Message) -> Dyad | None:
        key = (message.key or b"").decode()
        event = None if message.value is None else decode(RelationEvent, message.value)
        if event is not None and signed(event, self._codes):
            self._events[event.dyad][key] = event
            self._dyads[key] = event.dyad
            return event.dyad
        dyad = self._dyads.pop(key, None)
        if dyad is not None:
            del self._events[dyad][key]
        return dyad

    async def _publish(self, dyads: Iterable[Dyad]) -> None:
        """Make what is published of these dyads what the rules make of them."""
        changes: dict[bytes, bytes | None] = {}
        for dyad in sorted(dyads):
            days, events = self._days[dyad].values(), self._events[dyad].values()
            made = {alert.id.encode(): encode(alert) for alert in alerts(self._rules, dyad, days, events)}
            changes |= {id: value for id, value in made.items() if self.published.get(id) != value}
            changes |= dict.fromkeys(sorted(self._of[dyad] - made.keys()))
            self._of[dyad] = set(made)
        rows = list(changes.items())
        for first in range(0, len(rows), TRANSACTION_ALERTS):
            await self._commit(rows[first : first + TRANSACTION_ALERTS])
        for id, value in rows:
            if value is None:
                self.published.pop(id, None)
            else:
                self.published[id] = value

    async def _commit(self, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
        headers = pack({SCHEMA: SCHEMA_VERSION})
        with translated(self._address, f"writing {self._topic}"):
            sending = []
            try:
                async with self._producer.transaction():
                    for id, value in rows:
                        sending.append(await self._producer.send(self._topic, value, id, headers=headers))
                    await asyncio.gather(*sending)
            except (ProducerFenced, InvalidProducerEpoch):
                raise Superseded("another `dyads alerts run` of this deployment has begun") from None
            finally:
                for future in sending:  # each fails with the same error, which is told once
                    future.add_done_callback(lambda done: done.cancelled() or done.exception())


async def publish(address: str, app_id: str, rules: Sequence[Rule]) -> None:
    """Publish for the current generation, after each switch for the next, until cancelled. Raises `Superseded`.

    A broker that is away is waited for. What it had been sent may be published or not, so all is read anew.
    """
    while True:
        try:
            await Publisher(address, app_id, (await generations(address)).current, rules).run()
        except (BrokerError, KafkaError) as error:
            log.warning("%s", error)
            await asyncio.sleep(LOOK_SECONDS)
