"""The group coordinator: who is in a group, and when its work is divided anew (the classic protocol).

A rebalance has two halves. In the first all members join: each sends what it can do, the broker gathers them, starts
a generation and names one the leader. In the second all sync: the leader sends who gets what, the others get it. A
member that is heard of no more within its session is expelled, and the rest divide its work. The rules are those of
Apache Kafka's GroupCoordinator. Nothing here waits by itself: `tick` is called every few milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Mapping

from topics.embedded.errors import ErrorCode, Refused, coordinating
from topics.embedded.group import (
    CommittedOffset,
    Group,
    GroupState,
    JoinRequest,
    JoinResult,
    Member,
    SyncResult,
    TopicPartition,
)
from topics.embedded.journal import offset_changes
from topics.embedded.log import Clock
from topics.embedded.memory_storage import MemoryStorage
from topics.embedded.rebalance import Rebalance
from topics.embedded.settings import BrokerSettings
from topics.embedded.storage import Storage

logger = logging.getLogger(__name__)

MAX_METADATA_BYTES = 4096
"""Longest note beside a committed offset (offset.metadata.max.bytes)."""
MAX_NAME_CHARS = 249
"""Most of a client's name or a static member's that goes into its member id."""


class GroupCoordinator:
    """All groups of the broker."""

    def __init__(self, clock: Clock, settings: BrokerSettings, storage: Storage | None = None) -> None:
        """Groups and their offsets are kept in memory by default; members always are, and join again after a start."""
        self._storage = storage or MemoryStorage(clock)
        self.groups: dict[str, Group] = {}
        self._clock = clock
        self._settings = settings
        self._rebalance = Rebalance(clock, settings.initial_rebalance_delay_ms)

    # Joining -----------------------------------------------------------------------------------------------------

    async def join(self, request: JoinRequest) -> JoinResult:
        """Take a member into the next generation; returns when that has begun."""
        outcome = self._join(request)
        return await outcome if isinstance(outcome, asyncio.Future) else outcome

    def _join(self, request: JoinRequest) -> JoinResult | asyncio.Future[JoinResult]:
        settings = self._settings
        if not request.group_id:
            return _refuse_join(ErrorCode.INVALID_GROUP_ID, request)
        if not settings.min_session_timeout_ms <= request.session_timeout_ms <= settings.max_session_timeout_ms:
            return _refuse_join(ErrorCode.INVALID_SESSION_TIMEOUT, request)
        group = self.groups.get(request.group_id)
        if group is None:
            if request.member_id:
                return _refuse_join(ErrorCode.UNKNOWN_MEMBER_ID, request)
            group = self.groups[request.group_id] = Group(request.group_id)
        if not group.supports(request.protocol_type, request.protocols):
            return _refuse_join(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request)
        if not request.member_id:
            return self._join_first(group, request)
        return self._join_again(group, request)

    def _join_first(self, group: Group, request: JoinRequest) -> JoinResult | asyncio.Future[JoinResult]:
        """A member without an id. A static one (with an instance id of its own) takes its predecessor's place; a
        dynamic one is given an id and told to come back with it, so that a client that tries again after a lost
        answer does not leave a ghost behind (KIP-394)."""
        if request.instance_id is not None:
            member_id = _new_member_id(request.instance_id)
            predecessor = group.static_member(request.instance_id)
            if predecessor is not None:
                return self._replace_static(group, predecessor, member_id, request)
            return self._add_member(group, member_id, request)
        member_id = _new_member_id(request.client_id)
        if request.member_id_required:
            group.pending[member_id] = self._clock() + request.session_timeout_ms
            return JoinResult(ErrorCode.MEMBER_ID_REQUIRED, member_id=member_id)
        return self._add_member(group, member_id, request)

    def _join_again(self, group: Group, request: JoinRequest) -> JoinResult | asyncio.Future[JoinResult]:
        """A member that has an id already."""
        if request.member_id in group.pending:
            return self._add_member(group, request.member_id, request)
        refusal = group.refusal_of(request.member_id, request.instance_id)
        if refusal is not None:
            return _refuse_join(refusal, request)
        member = group.members[request.member_id]
        unchanged = member.protocols == request.protocols
        if group.state is GroupState.COMPLETING and unchanged:
            return self._rebalance.current_generation(group, member)  # it missed the answer to its join
        if group.state is GroupState.STABLE and unchanged and member.member_id != group.leader_id:
            return self._rebalance.current_generation(group, member)
        return self._update_member(group, member, request)

    def _add_member(self, group: Group, member_id: str, request: JoinRequest) -> asyncio.Future[JoinResult]:
        group.pending.pop(member_id, None)
        member = Member(
            member_id,
            request.instance_id,
            request.client_id,
            request.client_host,
            request.session_timeout_ms,
            request.rebalance_timeout_ms,
            request.protocols,
            deadline_ms=0,
        )
        group.members[member_id] = member
        group.protocol_type = request.protocol_type
        group.leader_id = group.leader_id or member_id
        group.newcomer = True
        return self._rebalance.await_join(group, member)

    def _update_member(self, group: Group, member: Member, request: JoinRequest) -> asyncio.Future[JoinResult]:
        member.protocols = request.protocols
        member.session_timeout_ms = request.session_timeout_ms
        member.rebalance_timeout_ms = request.rebalance_timeout_ms
        return self._rebalance.await_join(group, member)

    def _replace_static(
        self, group: Group, predecessor: Member, member_id: str, request: JoinRequest
    ) -> JoinResult | asyncio.Future[JoinResult]:
        """A static member came back, under a new id. If the group is stable and what it can do is the same, it goes
        on with its assignment and nobody else notices: the point of static membership (KIP-345)."""
        fenced = ErrorCode.FENCED_INSTANCE_ID
        predecessor.answer_join(JoinResult(fenced, member_id=predecessor.member_id))
        predecessor.answer_sync(SyncResult(fenced))
        old_leader = group.leader_id
        del group.members[predecessor.member_id]
        predecessor.member_id = member_id
        predecessor.client_id, predecessor.client_host = request.client_id, request.client_host
        predecessor.protocols = request.protocols
        predecessor.session_timeout_ms = request.session_timeout_ms
        predecessor.rebalance_timeout_ms = request.rebalance_timeout_ms
        group.members[member_id] = predecessor
        if old_leader not in group.members:
            group.leader_id = member_id
        if group.state is GroupState.STABLE and group.select_protocol() == group.protocol:
            self._rebalance.heard_of(predecessor)
            # The old leader's id, so that the newcomer does not take itself for a leader who has to divide the work.
            return JoinResult(
                generation=group.generation,
                protocol=group.protocol or "",
                leader_id=old_leader or "",
                member_id=member_id,
            )
        return self._rebalance.await_join(group, predecessor)

    # Syncing -----------------------------------------------------------------------------------------------------

    async def sync(
        self,
        group_id: str,
        member_id: str,
        generation: int,
        assignments: Mapping[str, bytes],
        instance_id: str | None = None,
    ) -> SyncResult:
        """Give a member its assignment; returns when the leader has sent it. `assignments` is the leader's."""
        try:
            group, member = self._current_member(group_id, member_id, generation, instance_id)
        except Refused as refused:
            return SyncResult(refused.code)
        if group.state is GroupState.PREPARING:
            return SyncResult(ErrorCode.REBALANCE_IN_PROGRESS)
        member.synced = True
        if group.state is GroupState.STABLE:
            return SyncResult(assignment=member.assignment)
        member.answer_sync(SyncResult(ErrorCode.REBALANCE_IN_PROGRESS))
        waiting: asyncio.Future[SyncResult] = asyncio.get_running_loop().create_future()
        member.syncing = waiting
        if member.member_id == group.leader_id:
            group.state = GroupState.STABLE
            for each in group.members.values():
                each.assignment = assignments.get(each.member_id, b"")
                if each.syncing is not None:
                    self._rebalance.heard_of(each)
                each.answer_sync(SyncResult(assignment=each.assignment))
        return await waiting

    # Staying, leaving, expiring ----------------------------------------------------------------------------------

    def heartbeat(self, group_id: str, member_id: str, generation: int) -> None:
        """A sign of life. Raises `Refused`: REBALANCE_IN_PROGRESS tells the member to join again."""
        group, _ = self._current_member(group_id, member_id, generation)
        if group.state is GroupState.PREPARING:
            raise Refused(ErrorCode.REBALANCE_IN_PROGRESS)

    def leave(self, group_id: str, member_id: str) -> None:
        """A member goes. Raises `Refused` if it is not there."""
        group = self.groups.get(group_id)
        if group is not None and group.pending.pop(member_id, None) is not None:
            self._rebalance.complete_if_all_joined(group)
        elif group is not None and member_id in group.members:
            self._rebalance.remove(group, group.members[member_id])
        else:
            raise Refused(ErrorCode.UNKNOWN_MEMBER_ID)

    def tick(self) -> None:
        """Act on every deadline that has passed."""
        now_ms = self._clock()
        for group in self.groups.values():
            for member_id in [one for one, until_ms in group.pending.items() if until_ms <= now_ms]:
                del group.pending[member_id]
                self._rebalance.complete_if_all_joined(group)
            for member in list(group.members.values()):
                if member.joining is None and member.syncing is None and member.deadline_ms <= now_ms:
                    logger.info("group %s: the session of %s is over", group.group_id, member.member_id)
                    self._rebalance.remove(group, member)
            if (not group.members and group.state is not GroupState.PREPARING) or group.deadline_ms > now_ms:
                continue
            if group.state is GroupState.PREPARING:
                self._rebalance.join_deadline(group, now_ms)
            elif group.state in (GroupState.COMPLETING, GroupState.STABLE):
                for member in [one for one in group.members.values() if not one.synced]:
                    logger.info("group %s: %s did not sync in time", group.group_id, member.member_id)
                    self._rebalance.remove(group, member)

    def _current_member(
        self, group_id: str, member_id: str, generation: int, instance_id: str | None = None
    ) -> tuple[Group, Member]:
        """A member of the current generation, now heard of. Raises `Refused`."""
        group = self.groups.get(group_id)
        if group is None:
            raise Refused(ErrorCode.UNKNOWN_MEMBER_ID)
        refusal = group.refusal_of(member_id, instance_id)
        if refusal is not None:
            raise Refused(refusal)
        if generation != group.generation:
            raise Refused(ErrorCode.ILLEGAL_GENERATION, f"{generation}, not {group.generation}")
        member = group.members[member_id]
        self._rebalance.heard_of(member)
        return group, member

    # Offsets -----------------------------------------------------------------------------------------------------

    def commit(
        self, group_id: str, member_id: str, generation: int, offsets: Mapping[TopicPartition, CommittedOffset]
    ) -> None:
        """Keep a group's offsets. A consumer without a group membership commits with generation -1, and only while
        the group has no members. Raises `Refused`."""
        group = self.groups.get(group_id)
        if generation < 0 and (group is None or not group.members) and not member_id:
            self._keep(group_id, offsets)
            self.apply_offsets(group_id, offsets)
            return
        if group is None:
            raise Refused(ErrorCode.ILLEGAL_GENERATION)
        if generation < 0:
            raise Refused(ErrorCode.UNKNOWN_MEMBER_ID, "the group has members, and this is none of them")
        group, _ = self._current_member(group_id, member_id, generation)
        if group.state is GroupState.COMPLETING:
            raise Refused(ErrorCode.REBALANCE_IN_PROGRESS)
        self._keep(group_id, offsets)
        group.offsets.update(offsets)

    def _keep(self, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset | None]) -> None:
        if self._storage.journal is not None and offsets:
            with coordinating():
                self._storage.record(offset_changes(group_id, offsets))

    def apply_offsets(self, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        """Take over offsets that a transaction committed and kept."""
        self.groups.setdefault(group_id, Group(group_id)).offsets.update(offsets)

    def delete(self, group_id: str) -> None:
        """Delete a group and its offsets. Raises `Refused` if it has members or does not exist."""
        group = self.groups.get(group_id)
        if group is None:
            raise Refused(ErrorCode.GROUP_ID_NOT_FOUND)
        if group.members or group.pending:
            raise Refused(ErrorCode.NON_EMPTY_GROUP)
        self._keep(group_id, dict.fromkeys(group.offsets))
        del self.groups[group_id]

    def topic_deleted(self, topic: str) -> None:
        """Forget offsets in a topic that is no more."""
        for group in self.groups.values():
            gone = [partition for partition in group.offsets if partition[0] == topic]
            for partition in gone:
                del group.offsets[partition]
            # Where there is no room to keep that, the next start forgets them: `restore`.
            with contextlib.suppress(Refused):
                self._keep(group.group_id, dict.fromkeys(gone))


def _new_member_id(name: str) -> str:
    """An id that says whose it is; a long name is cut, since it must still fit in a string on the wire."""
    return f"{name[:MAX_NAME_CHARS]}-{uuid.uuid4()}"


def _refuse_join(code: ErrorCode, request: JoinRequest) -> JoinResult:
    return JoinResult(code, member_id=request.member_id)
