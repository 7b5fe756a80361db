"""Members of a consumer group, and the coordinator that they talk to, by a clock that goes when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.topics.embedded.records import FakeClock
from topics.embedded.coordinator import GroupCoordinator
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group import GroupState, JoinRequest, JoinResult, SyncResult
from topics.embedded.settings import BrokerSettings

GROUP = "group"
SESSION_MS = 10_000
REBALANCE_MS = 30_000
DELAY_MS = BrokerSettings().initial_rebalance_delay_ms


class Bench:
    """A coordinator, and members that talk to it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.coordinator = GroupCoordinator(clock, BrokerSettings())

    @property
    def state(self) -> GroupState:
        return self.coordinator.groups[GROUP].state

    async def wait(self, milliseconds: int) -> None:
        """Let time pass and the deadlines in it take effect."""
        self.clock.now_ms += milliseconds
        self.coordinator.tick()
        await settle()

    def join(
        self,
        member_id: str = "",
        *,
        instance_id: str | None = None,
        protocols: tuple[tuple[str, bytes], ...] = (("range", b"meta"),),
        session_ms: int = SESSION_MS,
        kind: str = "consumer",
        id_required: bool = False,
    ) -> asyncio.Task[JoinResult]:
        request = JoinRequest(
            GROUP, member_id, instance_id, "client", "host", session_ms, REBALANCE_MS, kind, protocols, id_required
        )
        return asyncio.create_task(self.coordinator.join(request))

    def sync(self, member: JoinResult, **assignments: bytes) -> asyncio.Task[SyncResult]:
        """Sync a member; the leader's assignments go by position: m0 for the first member, m1 for the next."""
        by_id = {each.member_id: assignments[f"m{n}"] for n, each in enumerate(member.members) if assignments}
        return asyncio.create_task(self.coordinator.sync(GROUP, member.member_id, member.generation, by_id))

    async def stable(self, count: int) -> list[JoinResult]:
        """A stable group of `count` members, its leader first."""
        joins = [self.join() for _ in range(count)]
        await settle()
        await self.wait(DELAY_MS)
        await self.wait(DELAY_MS)
        members = sorted([await join for join in joins], key=lambda member: not member.members)
        syncs = [self.sync(member, **{f"m{n}": b"%d" % n for n in range(count)}) for member in members]
        await asyncio.gather(*syncs)
        assert self.state is GroupState.STABLE
        return members

    def beat(self, *members: JoinResult) -> list[ErrorCode]:
        return [self.refusal(self.coordinator.heartbeat, each.member_id, each.generation) for each in members]

    @staticmethod
    def refusal(action: Callable[..., object], *args: object) -> ErrorCode:
        try:
            action(GROUP, *args)
        except Refused as refused:
            return refused.code
        return ErrorCode.NONE


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)
