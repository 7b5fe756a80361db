"""How the workers are doing, seen from outside: how far each agent's group is, and the last audit."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path

from aiokafka.errors import KafkaError
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from topics.catalogue import SOURCES
from topics.errors import BrokerError
from topics.generations import generations
from topics.groups import offsets
from topics.reader import Reader
from workers.runtime.settings import group_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class PartitionLag(Struct, frozen=True):
    """One partition of an agent's source: its end, the offset its group has come to, and what lies between."""

    partition: int
    end: int
    committed: int
    lag: int


class AgentLag(Struct, frozen=True, kw_only=True):
    """How far an agent is behind its source, in offsets, which have gaps. 0 means that everything is handled."""

    agent: str
    source: str
    lag: int
    partitions: list[PartitionLag]


class LastAudit(Struct, frozen=True, kw_only=True):
    """What the last `dyads audit` with a metrics file said, and whether it compared all or some days."""

    at: dt.datetime
    scope: str
    differences: int
    rows: int
    differing_rows: int
    seconds: float


class Pipeline:
    """Looks again and again; keeps what it saw last. `trouble` says why it could not look, None if it could."""

    def __init__(self, broker: str, app_id: str, audit: Path | None) -> None:
        self.agents: list[AgentLag] = []
        self.looked_at: dt.datetime | None = None
        self.trouble: str | None = "not looked at yet"
        self._broker = broker
        self._app_id = app_id
        self._audit = audit

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                self.agents = await self._look()
                self.looked_at, self.trouble = dt.datetime.now(dt.UTC), None
            except (BrokerError, KafkaError) as error:
                self.trouble = str(error)
                log.debug("the lag is looked at later: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    def last_audit(self) -> LastAudit | None:
        """What the metrics file says; None without one, or where it says nothing."""
        try:
            text = self._audit.read_text() if self._audit else ""
        except OSError:
            return None
        return parse_audit(text)

    async def _look(self) -> list[AgentLag]:
        number = (await generations(self._broker)).current
        committed = await offsets(self._broker, group_of(self._app_id, number))
        found = []
        async with Reader(self._broker, number) as reader:
            for agent, source in SOURCES.items():
                ends = await reader.ends(source)
                partitions = [
                    PartitionLag(place.partition, end, at, max(0, end - at))
                    for place, end in sorted(ends.items())
                    for at in [committed.get(place, 0)]
                ]
                name = source.of(number).name
                lag = sum(partition.lag for partition in partitions)
                found.append(AgentLag(agent=agent, source=name, lag=lag, partitions=partitions))
        return found


def parse_audit(text: str) -> LastAudit | None:
    """The metrics of an audit, as `dyads audit --metrics-file` writes them; None where they are not there."""
    values: dict[str, float] = {}
    scope = ""
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                values[sample.name.removeprefix("dyads_audit_last_")] = sample.value
                scope = sample.labels.get("scope", "")
        return LastAudit(
            at=dt.datetime.fromtimestamp(values["timestamp_seconds"], dt.UTC),
            scope=scope,
            differences=int(values["differences"]),
            rows=int(values["rows"]),
            differing_rows=int(values["differing_rows"]),
            seconds=values["seconds"],
        )
    except (KeyError, ValueError):
        return None
