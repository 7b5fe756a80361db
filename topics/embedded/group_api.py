"""The requests of consumer groups."""

from __future__ import annotations

from collections.abc import Callable

from topics.embedded.coordinator import MAX_METADATA_BYTES, GroupCoordinator
from topics.embedded.errors import ErrorCode
from topics.embedded.group import CommittedOffset, Group, GroupState, JoinRequest, TopicPartition
from topics.embedded.handling import Handlers, Request, error_code
from topics.embedded.topics import TopicRegistry
from topics.embedded.wire import ApiKey, Fields

NO_OFFSET = CommittedOffset(-1, "")


class GroupApi:
    """Joining, syncing, heartbeats, leaving, offsets, and looking at groups."""

    def __init__(self, groups: GroupCoordinator, topics: TopicRegistry) -> None:
        self._groups = groups
        self._topics = topics

    def handlers(self) -> Handlers:
        return {
            ApiKey.JOIN_GROUP: self.join,
            ApiKey.SYNC_GROUP: self.sync,
            ApiKey.HEARTBEAT: self.heartbeat,
            ApiKey.LEAVE_GROUP: self.leave,
            ApiKey.OFFSET_COMMIT: self.offset_commit,
            ApiKey.OFFSET_FETCH: self.offset_fetch,
            ApiKey.DESCRIBE_GROUPS: self.describe,
            ApiKey.LIST_GROUPS: self.list_groups,
            ApiKey.DELETE_GROUPS: self.delete,
        }

    async def join(self, request: Request) -> Fields:
        fields = request.fields
        result = await self._groups.join(
            JoinRequest(
                group_id=fields["group"],
                member_id=fields["member_id"],
                instance_id=fields.get("group_instance_id"),
                client_id=request.client_id,
                client_host=request.client_host,
                session_timeout_ms=fields["session_timeout"],
                rebalance_timeout_ms=fields["rebalance_timeout" if request.version >= 1 else "session_timeout"],
                protocol_type=fields["protocol_type"],
                protocols=tuple(
                    (protocol["protocol_name"], protocol["protocol_metadata"]) for protocol in fields["group_protocols"]
                ),
                member_id_required=request.version >= 4,
            )
        )
        return {
            "error_code": result.error,
            "generation_id": result.generation,
            "group_protocol": result.protocol,
            "leader_id": result.leader_id,
            "member_id": result.member_id,
            "members": [
                {
                    "member_id": member.member_id,
                    "group_instance_id": member.instance_id,
                    "member_metadata": member.metadata,
                }
                for member in result.members
            ],
        }

    async def sync(self, request: Request) -> Fields:
        fields = request.fields
        assignments = {each["member_id"]: each["member_metadata"] for each in fields["group_assignment"]}
        result = await self._groups.sync(
            fields["group"],
            fields["member_id"],
            fields["generation_id"],
            assignments,
            fields.get("group_instance_id"),
        )
        return {"error_code": result.error, "member_assignment": result.assignment}

    async def heartbeat(self, request: Request) -> Fields:
        group, member, generation = (request.fields[name] for name in ("group", "member_id", "generation_id"))
        return {"error_code": error_code(self._groups.heartbeat, group, member, generation)}

    async def leave(self, request: Request) -> Fields:
        group, member = request.fields["group"], request.fields["member_id"]
        return {"error_code": error_code(self._groups.leave, group, member)}

    # Offsets -----------------------------------------------------------------------------------------------------

    async def offset_commit(self, request: Request) -> Fields:
        fields = request.fields
        offsets, errors = read_offsets(fields["topics"], self._exists)
        refusal = error_code(
            self._groups.commit,
            fields["consumer_group"],
            fields.get("consumer_id", ""),
            fields.get("consumer_group_generation_id", -1),
            offsets,
        )
        return {"topics": answer_offsets(fields["topics"], errors, refusal, "partitions")}

    def _exists(self, partition: TopicPartition) -> bool:
        return self._topics.find_partition(*partition) is not None

    async def offset_fetch(self, request: Request) -> Fields:
        group = self._groups.groups.get(request.fields["consumer_group"])
        offsets = {} if group is None else group.offsets
        wanted: list[Fields] | None = request.fields["topics"]
        if wanted is None:  # all that there are
            by_topic: dict[str, list[int]] = {}
            for topic, partition in sorted(offsets):
                by_topic.setdefault(topic, []).append(partition)
            wanted = [{"topic": topic, "partitions": partitions} for topic, partitions in by_topic.items()]
        topics = []
        for each in wanted:
            partitions = []
            for partition in each["partitions"]:
                found = offsets.get((each["topic"], partition), NO_OFFSET)
                partitions.append(
                    {
                        "partition": partition,
                        "offset": found.offset,
                        "metadata": found.metadata,
                        "error_code": ErrorCode.NONE,
                    }
                )
            topics.append({"topic": each["topic"], "partitions": partitions})
        return {"topics": topics, "error_code": ErrorCode.NONE}

    # Looking at groups -------------------------------------------------------------------------------------------

    async def describe(self, request: Request) -> Fields:
        return {"groups": [self._describe_one(group_id) for group_id in request.fields["groups"]]}

    def _describe_one(self, group_id: str) -> Fields:
        group = self._groups.groups.get(group_id, Group(group_id, state=GroupState.DEAD))
        stable = group.state is GroupState.STABLE
        return {
            "error_code": ErrorCode.NONE,
            "group": group_id,
            "state": group.state.value,
            "protocol_type": group.protocol_type,
            "protocol": (group.protocol or "") if stable else "",
            "members": [
                {
                    "member_id": member.member_id,
                    "client_id": member.client_id,
                    "client_host": f"/{member.client_host}",
                    "member_metadata": member.metadata(group.protocol) if stable else b"",
                    "member_assignment": member.assignment if stable else b"",
                }
                for member in group.members.values()
            ],
        }

    async def list_groups(self, _request: Request) -> Fields:
        groups = [
            {"group": group.group_id, "protocol_type": group.protocol_type} for group in self._groups.groups.values()
        ]
        return {"error_code": ErrorCode.NONE, "groups": groups}

    async def delete(self, request: Request) -> Fields:
        return {
            "results": [
                {"group_id": group_id, "error_code": error_code(self._groups.delete, group_id)}
                for group_id in request.fields["groups_names"]
            ]
        }


def read_offsets(
    topics: list[Fields], exists: Callable[[TopicPartition], bool]
) -> tuple[dict[TopicPartition, CommittedOffset], dict[TopicPartition, ErrorCode]]:
    """The offsets of a request that can be kept, and what is wrong with the others."""
    offsets: dict[TopicPartition, CommittedOffset] = {}
    errors: dict[TopicPartition, ErrorCode] = {}
    for topic in topics:
        for each in topic["partitions"]:
            partition = (topic["topic"], each["partition"])
            metadata = each["metadata"] or ""
            if not exists(partition):
                errors[partition] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            elif len(metadata) > MAX_METADATA_BYTES:
                errors[partition] = ErrorCode.OFFSET_METADATA_TOO_LARGE
            else:
                offsets[partition] = CommittedOffset(each["offset"], metadata)
    return offsets, errors


def answer_offsets(
    topics: list[Fields], errors: dict[TopicPartition, ErrorCode], otherwise: ErrorCode, partitions_field: str
) -> list[Fields]:
    """An error code for each partition of a request: its own, or what the request as a whole came to."""
    return [
        {
            "topic": topic["topic"],
            partitions_field: [
                {
                    "partition": each["partition"],
                    "error_code": errors.get((topic["topic"], each["partition"]), otherwise),
                }
                for each in topic["partitions"]
            ],
        }
        for topic in topics
    ]
