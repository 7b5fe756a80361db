"""Which generations there are and which is current, as the topic `generations` says.

A switch is one message: of all records that say `current` the last one counts. Where there is no topic, or no record,
generation 1 is current. docs/adr/0019-replay.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from aiokafka import AIOKafkaProducer
from msgspec import Struct

from models import Generation, Stage
from topics.address import checked
from topics.admin import require
from topics.catalogue import FIRST_GENERATION, GENERATIONS
from topics.closing import stopped
from topics.codec import Undecodable, decode, encode
from topics.errors import MissingTopics, Refused, translated
from topics.headers import SCHEMA, SCHEMA_VERSION, pack
from topics.message import Message
from topics.reader import Reader


class Standing(StrEnum):
    """What a generation is at present, all records considered."""

    UNKNOWN = "unknown"
    """There is none of that number."""
    BUILDING = "building"
    """It has never been current."""
    CURRENT = "current"
    """Readers use it."""
    STANDBY = "standby"
    """It was current, and can be again."""
    RETIRED = "retired"
    """Its topics are deleted."""


class Generations(Struct, frozen=True):
    """All records, the last of each number, in the order in which they were written."""

    records: tuple[Generation, ...] = ()

    @property
    def current(self) -> int:
        """The number of the current generation."""
        return self._current.number if self._current else FIRST_GENERATION

    @property
    def pending(self) -> int | None:
        """The number of the generation to which a switch was begun and not finished, if so."""
        later = self.records[self._place + 1 :]
        return next((record.number for record in reversed(later) if record.stage is Stage.NEXT), None)

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that there ever were, in order."""
        return tuple(sorted({FIRST_GENERATION, *(record.number for record in self.records)}))

    @property
    def live(self) -> tuple[int, ...]:
        """Those whose topics are there, in order: all but the retired ones."""
        return tuple(number for number in self.numbers if self.standing(number) is not Standing.RETIRED)

    @property
    def upkeep(self) -> dict[int, int]:
        """Up to which offset of each partition of articles.raw the generation before the current one kept it."""
        return dict(self._current.upkeep) if self._current else {}

    def record(self, number: int) -> Generation | None:
        """The last record of a generation; generation 1 may have none."""
        return next((record for record in self.records if record.number == number), None)

    def standing(self, number: int) -> Standing:
        """What the generation of this number is."""
        if number == self.current:
            return Standing.CURRENT
        record = self.record(number)
        if record is None:
            return Standing.STANDBY if number == FIRST_GENERATION else Standing.UNKNOWN
        match record.stage:
            case Stage.RETIRED:
                return Standing.RETIRED
            case Stage.CURRENT:
                return Standing.STANDBY
            case _:
                return Standing.BUILDING

    @property
    def _place(self) -> int:
        """Where the record of the current generation is; -1 if it has none."""
        places = [place for place, record in enumerate(self.records) if record.stage is Stage.CURRENT]
        return max(places, default=-1)

    @property
    def _current(self) -> Generation | None:
        return self.records[self._place] if self._place >= 0 else None

    @classmethod
    def of(cls, messages: Iterable[Message]) -> Generations:
        """What the messages of the topic say, given the last of each key. Raises `Refused` where one is no record."""
        try:
            told = sorted(messages, key=lambda message: message.offset)
            return cls(tuple(decode(Generation, message.value or b"") for message in told))
        except Undecodable as error:
            raise Refused(f"{GENERATIONS.name}: {error}") from None


async def generations(address: str) -> Generations:
    """Which generations the broker at `address` has. Raises `Unreachable`, `Refused`."""
    try:
        async with Reader(address) as reader:
            return Generations.of((await reader.latest(GENERATIONS)).values())
    except MissingTopics:
        return Generations()


async def write(address: str, record: Generation) -> None:
    """Write a record; from then on readers find it. Raises `Unreachable`, `MissingTopics`, `Refused`."""
    await require(address, GENERATIONS.name)
    with translated(address, f"writing {GENERATIONS.name}"):
        producer = AIOKafkaProducer(bootstrap_servers=checked(address), enable_idempotence=True, acks="all")
        try:
            await producer.start()
            headers = pack({SCHEMA: SCHEMA_VERSION})
            await producer.send_and_wait(GENERATIONS.name, encode(record), b"%d" % record.number, 0, headers=headers)
        finally:
            await stopped(producer.stop())
