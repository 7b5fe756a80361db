"""The first half of a rebalance: gathering the members of a group and starting its next generation."""

from __future__ import annotations

import asyncio
import logging

from topics.embedded.errors import ErrorCode
from topics.embedded.group import Group, GroupState, JoinResult, Member, SyncResult
from topics.embedded.log import Clock

logger = logging.getLogger(__name__)


class Rebalance:
    """What moves a group from one generation to the next."""

    def __init__(self, clock: Clock, initial_delay_ms: int) -> None:
        """`initial_delay_ms` is how long an empty group waits for more members after the first."""
        self._clock = clock
        self._initial_delay_ms = initial_delay_ms

    def heard_of(self, member: Member) -> None:
        """A member gave a sign of life: its session starts anew."""
        member.deadline_ms = self._clock() + member.session_timeout_ms

    def await_join(self, group: Group, member: Member) -> asyncio.Future[JoinResult]:
        """A member wants into the next generation; what is returned is answered when that starts. A rebalance begins
        if none is under way."""
        # An earlier join of the same member, on a connection now dead, is answered so that it does not linger.
        member.answer_join(JoinResult(ErrorCode.REBALANCE_IN_PROGRESS, member_id=member.member_id))
        self.heard_of(member)
        waiting = member.joining = asyncio.get_running_loop().create_future()
        if group.state is not GroupState.PREPARING:
            self._prepare(group)
        self.complete_if_all_joined(group)
        return waiting

    def current_generation(self, group: Group, member: Member) -> JoinResult:
        """The generation as a member is told of it: its leader learns who all the members are."""
        self.heard_of(member)
        return JoinResult(
            generation=group.generation,
            protocol=group.protocol or "",
            leader_id=group.leader_id or "",
            member_id=member.member_id,
            members=group.metadata_of_members() if member.member_id == group.leader_id else (),
        )

    def complete_if_all_joined(self, group: Group) -> None:
        """Start the next generation if nobody is missing, unless an empty group still gathers its first members."""
        if group.state is not GroupState.PREPARING or group.initial or group.pending:
            return
        if all(member.joining is not None for member in group.members.values()):
            self._start_generation(group)

    def join_deadline(self, group: Group, now_ms: int) -> None:
        """The time to join is over: those who did not are left behind. A gathering of first members goes on for as
        long as more keep coming, within the rebalance timeout. Static members are given until their session ends."""
        if group.initial and group.newcomer and now_ms < group.initial_until_ms:
            group.newcomer = False
            delay_ms = self._initial_delay_ms
            group.deadline_ms = min(now_ms + delay_ms, group.initial_until_ms)
            return
        for member in list(group.members.values()):
            if member.joining is None and member.instance_id is None:
                logger.info("group %s: %s did not join in time", group.group_id, member.member_id)
                del group.members[member.member_id]
        if group.members and all(member.joining is None for member in group.members.values()):
            group.deadline_ms = now_ms + group.rebalance_timeout_ms()  # only static members, all away: wait on
            return
        self._start_generation(group)

    def remove(self, group: Group, member: Member) -> None:
        """A member left or was expelled; the others divide its work."""
        del group.members[member.member_id]
        member.answer_join(JoinResult(ErrorCode.UNKNOWN_MEMBER_ID, member_id=member.member_id))
        member.answer_sync(SyncResult(ErrorCode.UNKNOWN_MEMBER_ID))
        if group.leader_id == member.member_id:
            group.leader_id = next(iter(group.members), None)
        if group.state in (GroupState.STABLE, GroupState.COMPLETING):
            self._prepare(group)
        self.complete_if_all_joined(group)

    def _prepare(self, group: Group) -> None:
        now_ms = self._clock()
        for member in group.members.values():
            if member.syncing is not None:
                self.heard_of(member)  # it could not be heard of while it waited for this answer
            member.answer_sync(SyncResult(ErrorCode.REBALANCE_IN_PROGRESS))
        group.initial = group.state is GroupState.EMPTY
        group.state = GroupState.PREPARING
        if group.initial:
            delay_ms = self._initial_delay_ms
            group.deadline_ms = now_ms + delay_ms
            group.initial_until_ms = now_ms + max(group.rebalance_timeout_ms(), delay_ms)
            group.newcomer = False
        else:
            group.deadline_ms = now_ms + group.rebalance_timeout_ms()

    def _start_generation(self, group: Group) -> None:
        group.generation += 1
        group.initial = False
        if not group.members:
            group.state, group.protocol, group.leader_id = GroupState.EMPTY, None, None
            return
        leader = group.members.get(group.leader_id or "")
        if leader is None or leader.joining is None:
            group.leader_id = next(m.member_id for m in group.members.values() if m.joining is not None)
        group.protocol = group.select_protocol()
        group.state = GroupState.COMPLETING
        group.deadline_ms = self._clock() + group.rebalance_timeout_ms()
        for member in group.members.values():
            member.synced, member.assignment = False, b""
            self.heard_of(member)
            member.answer_join(self.current_generation(group, member))
