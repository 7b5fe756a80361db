"""A consumer group: its members, the generation they agreed on, the offsets it committed."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from topics.embedded.errors import ErrorCode

TopicPartition = tuple[str, int]


class GroupState(StrEnum):
    """States as DescribeGroups names them."""

    EMPTY = "Empty"
    PREPARING = "PreparingRebalance"
    """Waiting for the members to join the next generation."""
    COMPLETING = "CompletingRebalance"
    """Waiting for the leader to say who gets what."""
    STABLE = "Stable"
    DEAD = "Dead"


class CommittedOffset(NamedTuple):
    """Where a group goes on in a partition."""

    offset: int
    metadata: str


class MemberMetadata(NamedTuple):
    """What the leader is told of a member."""

    member_id: str
    instance_id: str | None
    metadata: bytes


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A member's wish to join; an empty member id is a member's first."""

    group_id: str
    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocol_type: str
    protocols: tuple[tuple[str, bytes], ...]
    member_id_required: bool
    """Whether the client knows to come back with the id that it is given (join group 4 and later)."""


@dataclass(frozen=True, slots=True)
class JoinResult:
    """The answer to a join: the generation, and for its leader all members."""

    error: ErrorCode = ErrorCode.NONE
    generation: int = -1
    protocol: str = ""
    leader_id: str = ""
    member_id: str = ""
    members: tuple[MemberMetadata, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The answer to a sync: what the member is to consume, in the client's own encoding."""

    error: ErrorCode = ErrorCode.NONE
    assignment: bytes = b""


@dataclass(slots=True)
class Member:
    """One member. While `joining` or `syncing` is set its client waits for an answer and cannot send heartbeats."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocols: tuple[tuple[str, bytes], ...]
    deadline_ms: int
    """When its session is over, if nothing is heard of it."""
    assignment: bytes = b""
    joining: asyncio.Future[JoinResult] | None = None
    syncing: asyncio.Future[SyncResult] | None = None
    synced: bool = False
    """Whether it asked for its assignment in this generation."""

    def metadata(self, protocol: str | None) -> bytes:
        return dict(self.protocols).get(protocol or "", b"")

    def answer_join(self, result: JoinResult) -> None:
        if self.joining is not None and not self.joining.done():
            self.joining.set_result(result)
        self.joining = None

    def answer_sync(self, result: SyncResult) -> None:
        if self.syncing is not None and not self.syncing.done():
            self.syncing.set_result(result)
        self.syncing = None


@dataclass(slots=True)
class Group:
    """One group. A group without members lives on for its offsets."""

    group_id: str
    state: GroupState = GroupState.EMPTY
    generation: int = 0
    protocol_type: str = ""
    protocol: str | None = None
    leader_id: str | None = None
    members: dict[str, Member] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    """Member ids given out and not yet used, with the time until which they hold."""
    offsets: dict[TopicPartition, CommittedOffset] = field(default_factory=dict)
    deadline_ms: int = 0
    """While preparing: when those that have not joined are left behind. Later: when those that have not synced are."""
    initial: bool = False
    """While preparing: an empty group gathers its first members, for a set time."""
    initial_until_ms: int = 0
    """The most that this gathering may be prolonged to."""
    newcomer: bool = False
    """Someone joined since the gathering was last prolonged."""

    def static_member(self, instance_id: str) -> Member | None:
        return next((member for member in self.members.values() if member.instance_id == instance_id), None)

    def refusal_of(self, member_id: str, instance_id: str | None) -> ErrorCode | None:
        """Why a member is refused, if it is not in the group; a static one that was replaced is fenced."""
        if instance_id is not None:
            static = self.static_member(instance_id)
            if static is not None and static.member_id != member_id:
                return ErrorCode.FENCED_INSTANCE_ID
        return None if member_id in self.members else ErrorCode.UNKNOWN_MEMBER_ID

    def supports(self, protocol_type: str, protocols: tuple[tuple[str, bytes], ...]) -> bool:
        """Whether a member with these protocols can be in the group."""
        if not protocol_type or not protocols:
            return False
        if not self.members:
            return True
        common = self._common_protocols()
        return protocol_type == self.protocol_type and any(name in common for name, _ in protocols)

    def select_protocol(self) -> str:
        """The protocol that most members put first among those that all of them know."""
        common = self._common_protocols()
        votes = Counter(
            next(name for name, _ in member.protocols if name in common) for member in self.members.values()
        )
        return votes.most_common(1)[0][0]

    def rebalance_timeout_ms(self) -> int:
        return max((member.rebalance_timeout_ms for member in self.members.values()), default=0)

    def metadata_of_members(self) -> tuple[MemberMetadata, ...]:
        return tuple(
            MemberMetadata(member.member_id, member.instance_id, member.metadata(self.protocol))
            for member in self.members.values()
        )

    def _common_protocols(self) -> set[str]:
        return set.intersection(*({name for name, _ in member.protocols} for member in self.members.values()))
