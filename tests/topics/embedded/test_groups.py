"""The group coordinator by a clock that goes when told."""

from __future__ import annotations

import pytest

from tests.topics.embedded.members import DELAY_MS, GROUP, REBALANCE_MS, SESSION_MS, Bench, settle
from tests.topics.embedded.records import FakeClock
from topics.embedded.errors import ErrorCode
from topics.embedded.group import CommittedOffset, GroupState

WHERE = ("topic", 0)


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


# Joining and syncing ----------------------------------------------------------------------------------------------


async def test_first_members_are_gathered_into_one_generation(bench: Bench) -> None:
    first = bench.join()
    await settle()
    await bench.wait(DELAY_MS - 1)
    second = bench.join()
    await settle()
    await bench.wait(1)  # someone came, so the gathering goes on
    assert not first.done()
    await bench.wait(DELAY_MS)
    one, two = await first, await second
    assert one.generation == two.generation == 1
    assert one.leader_id == two.leader_id == one.member_id
    assert [member.member_id for member in one.members] == [one.member_id, two.member_id]
    assert two.members == ()


async def test_members_get_what_the_leader_assigned(bench: Bench) -> None:
    joins = [bench.join() for _ in range(2)]
    await settle()
    await bench.wait(DELAY_MS)
    await bench.wait(DELAY_MS)
    leader, follower = [await join for join in joins]
    early = bench.sync(follower)
    await settle()
    assert not early.done()
    assert (await bench.sync(leader, m0=b"mine", m1=b"yours")).assignment == b"mine"
    assert (await early).assignment == b"yours"
    assert (await bench.sync(follower)).assignment == b"yours"  # asked again, answered again


async def test_newcomer_makes_the_others_join_again(bench: Bench) -> None:
    leader, follower = await bench.stable(2)
    newcomer = bench.join()
    await settle()
    assert bench.beat(leader, follower) == [ErrorCode.REBALANCE_IN_PROGRESS] * 2
    again = [bench.join(leader.member_id), bench.join(follower.member_id)]
    await settle()
    assert {(await each).generation for each in (*again, newcomer)} == {2}
    assert bench.beat(leader) == [ErrorCode.ILLEGAL_GENERATION]


async def test_member_that_does_not_join_again_in_time_is_left_behind(bench: Bench) -> None:
    leader, follower = await bench.stable(2)
    newcomer = bench.join()
    await settle()
    again = bench.join(leader.member_id)
    await settle()
    for _ in range(REBALANCE_MS // 5000):
        bench.beat(follower)  # alive, but it never joins
        await bench.wait(5000)
    assert len((await again).members) == 2
    assert (await newcomer).generation == 2
    assert bench.beat(follower) == [ErrorCode.UNKNOWN_MEMBER_ID]


async def test_leader_that_joins_again_starts_a_rebalance_and_a_follower_does_not(bench: Bench) -> None:
    """The leader does so when what there is to divide has changed; a follower only lost the answer."""
    leader, follower = await bench.stable(2)
    assert (await bench.join(follower.member_id)).generation == 1
    assert bench.beat(leader, follower) == [ErrorCode.NONE] * 2
    again = bench.join(leader.member_id)
    await settle()
    assert bench.beat(follower) == [ErrorCode.REBALANCE_IN_PROGRESS]
    assert not again.done()


async def test_client_that_knows_how_is_given_an_id_first(bench: Bench) -> None:
    refused = await bench.join(id_required=True)
    assert refused.error is ErrorCode.MEMBER_ID_REQUIRED
    assert refused.member_id
    joining = bench.join(refused.member_id, id_required=True)
    await settle()
    await bench.wait(DELAY_MS)
    assert (await joining).member_id == refused.member_id


async def test_id_given_out_and_not_used_holds_up_a_rebalance_only_for_a_session(bench: Bench) -> None:
    [member] = await bench.stable(1)
    await bench.join(id_required=True)
    again = bench.join(member.member_id)
    await settle()
    assert not again.done()
    await bench.wait(SESSION_MS)
    assert (await again).generation == 2


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"member_id": "unheard-of"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"session_ms": 5999}, ErrorCode.INVALID_SESSION_TIMEOUT),
        ({"session_ms": 1_800_001}, ErrorCode.INVALID_SESSION_TIMEOUT),
        ({"protocols": ()}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocols": (("sticky", b""),)}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"kind": "connect"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
    ],
)
async def test_impossible_join_is_refused(bench: Bench, request_: dict[str, str], error: ErrorCode) -> None:
    [member] = await bench.stable(1)
    assert (await bench.join(**request_)).error is error  # type: ignore[arg-type]
    assert bench.beat(member) == [ErrorCode.NONE]


async def test_protocol_is_the_one_that_most_prefer_among_those_that_all_know(bench: Bench) -> None:
    wishes = ["roundrobin range sticky", "sticky range", "range sticky"]
    joins = [bench.join(protocols=tuple((name, b"") for name in wish.split())) for wish in wishes]
    await settle()
    await bench.wait(DELAY_MS)
    await bench.wait(DELAY_MS)
    assert {(await join).protocol for join in joins} == {"range"}


async def test_sync_of_another_generation_or_a_stranger_is_refused(bench: Bench) -> None:
    [member] = await bench.stable(1)
    sync = bench.coordinator.sync
    assert (await sync(GROUP, member.member_id, 7, {})).error is ErrorCode.ILLEGAL_GENERATION
    assert (await sync(GROUP, "stranger", 1, {})).error is ErrorCode.UNKNOWN_MEMBER_ID
    assert (await sync("no group", member.member_id, 1, {})).error is ErrorCode.UNKNOWN_MEMBER_ID


# Leaving and dying ------------------------------------------------------------------------------------------------


async def test_silent_member_is_expelled_after_its_session(bench: Bench) -> None:
    leader, follower = await bench.stable(2)
    await bench.wait(SESSION_MS - 1)
    assert bench.beat(leader) == [ErrorCode.NONE]
    await bench.wait(1)
    assert bench.beat(leader, follower) == [ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.UNKNOWN_MEMBER_ID]
    assert len((await bench.join(leader.member_id)).members) == 1


async def test_leader_that_dies_before_assigning_is_replaced(bench: Bench) -> None:
    joins = [bench.join() for _ in range(2)]
    await settle()
    await bench.wait(DELAY_MS)
    await bench.wait(DELAY_MS)
    _leader, follower = [await join for join in joins]
    waiting = bench.sync(follower)
    await settle()
    await bench.wait(SESSION_MS)
    assert (await waiting).error is ErrorCode.REBALANCE_IN_PROGRESS
    again = await bench.join(follower.member_id)
    assert again.leader_id == follower.member_id


async def test_member_that_lives_and_never_syncs_is_expelled(bench: Bench) -> None:
    joins = [bench.join() for _ in range(2)]
    await settle()
    await bench.wait(DELAY_MS)
    await bench.wait(DELAY_MS)
    leader, follower = [await join for join in joins]
    await bench.sync(leader, m0=b"", m1=b"")
    for _ in range(REBALANCE_MS // 5000):
        bench.beat(leader, follower)
        await bench.wait(5000)
    assert bench.beat(follower) == [ErrorCode.UNKNOWN_MEMBER_ID]


async def test_group_is_empty_when_the_last_has_left_and_keeps_its_offsets(bench: Bench) -> None:
    [member] = await bench.stable(1)
    bench.coordinator.commit(GROUP, member.member_id, 1, {WHERE: CommittedOffset(5, "note")})
    bench.coordinator.leave(GROUP, member.member_id)
    assert bench.state is GroupState.EMPTY
    await bench.wait(10**9)
    assert bench.coordinator.groups[GROUP].offsets == {WHERE: CommittedOffset(5, "note")}
    assert (await bench.stable(1))[0].generation > 1


# Static members ---------------------------------------------------------------------------------------------------


async def test_static_member_that_returns_fences_its_former_self(bench: Bench) -> None:
    joining = bench.join(instance_id="a")
    await settle()
    await bench.wait(DELAY_MS)
    first = await joining
    await bench.sync(first, m0=b"share")
    second = await bench.join(instance_id="a")
    assert (second.error, second.generation, second.leader_id) == (ErrorCode.NONE, 1, first.member_id)
    assert second.member_id != first.member_id
    assert (await bench.sync(second)).assignment == b"share"
    assert (await bench.join(first.member_id, instance_id="a")).error is ErrorCode.FENCED_INSTANCE_ID
    assert bench.beat(second) == [ErrorCode.NONE]


# Offsets ----------------------------------------------------------------------------------------------------------


async def test_commit_needs_the_current_generation(bench: Bench) -> None:
    [member] = await bench.stable(1)
    offsets = {WHERE: CommittedOffset(1, "")}
    commit = bench.coordinator.commit
    assert bench.refusal(commit, member.member_id, 0, offsets) is ErrorCode.ILLEGAL_GENERATION
    assert bench.refusal(commit, "stranger", 1, offsets) is ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.refusal(commit, "", -1, offsets) is ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.coordinator.groups[GROUP].offsets == {}
    assert bench.refusal(commit, member.member_id, 1, offsets) is ErrorCode.NONE


async def test_member_may_commit_before_it_joins_again_and_not_before_it_is_assigned(bench: Bench) -> None:
    [member] = await bench.stable(1)
    newcomer = bench.join()
    await settle()
    offsets = {WHERE: CommittedOffset(1, "")}
    assert bench.refusal(bench.coordinator.commit, member.member_id, 1, offsets) is ErrorCode.NONE
    again = await bench.join(member.member_id)
    await newcomer
    code = bench.refusal(bench.coordinator.commit, member.member_id, again.generation, offsets)
    assert code is ErrorCode.REBALANCE_IN_PROGRESS


async def test_offsets_of_a_deleted_topic_are_forgotten(bench: Bench) -> None:
    bench.coordinator.commit(GROUP, "", -1, {WHERE: CommittedOffset(1, ""), ("other", 0): CommittedOffset(2, "")})
    bench.coordinator.topic_deleted("topic")
    assert bench.coordinator.groups[GROUP].offsets == {("other", 0): CommittedOffset(2, "")}
