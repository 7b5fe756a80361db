"""Consumer groups: whether one has ever committed, how far it has come, and its end."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupIdNotFound, KafkaError, NoError, NonEmptyGroup, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from topics.admin import connected
from topics.errors import Refused


async def has_offsets(address: str, group: str, name: str) -> bool:
    """Whether a consumer group has committed an offset in a topic. Raises `Unreachable`, `Refused`."""
    async with connected(address, f"reading the offsets of {group}") as admin:
        offsets = await admin.list_consumer_group_offsets(group, await _coordinator(admin, group))
    return any(partition.topic == name for partition in offsets)


async def offsets(address: str, group: str) -> dict[TopicPartition, int]:
    """Up to where a group has come in each partition in which it has committed. Raises `Unreachable`, `Refused`."""
    async with connected(address, f"reading the offsets of {group}") as admin:
        found = await admin.list_consumer_group_offsets(group, await _coordinator(admin, group))
    return {partition: committed.offset for partition, committed in found.items() if committed.offset >= 0}


async def delete_group(address: str, group: str) -> bool:
    """Delete a consumer group with its offsets, if it is there; False while it has members.

    Raises `Unreachable`, `Refused`.
    """
    async with connected(address, f"deleting the group {group}") as admin:
        node = await _coordinator(admin, group)
        # aiokafka's administrator knows the request and has no method for it.
        response = await admin._send_request_to_node(node, DeleteGroupsRequest([group]))
        error = for_code(response.results[0][1])
    if error not in (NoError, GroupIdNotFound, NonEmptyGroup):
        raise Refused(f"deleting the group {group}: {error.__name__}")
    return error is not NonEmptyGroup


async def _coordinator(admin: AIOKafkaAdminClient, group: str) -> int:
    while True:
        try:
            return int(await admin.find_coordinator(group))
        except KafkaError as error:
            if not error.retriable:  # a broker makes its topic of offsets when a coordinator is first asked for
                raise
        await asyncio.sleep(0.1)
