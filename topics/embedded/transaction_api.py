"""The requests of transactional and idempotent producers."""

from __future__ import annotations

from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.group_api import answer_offsets, read_offsets
from topics.embedded.handling import Handlers, Request, error_code
from topics.embedded.topics import TopicRegistry
from topics.embedded.transaction import ProducerIdentity
from topics.embedded.transactions import TransactionCoordinator
from topics.embedded.wire import ApiKey, Fields


class TransactionApi:
    """Producer ids, and the opening, filling and ending of transactions."""

    def __init__(self, transactions: TransactionCoordinator, topics: TopicRegistry) -> None:
        self._transactions = transactions
        self._topics = topics

    def handlers(self) -> Handlers:
        return {
            ApiKey.INIT_PRODUCER_ID: self.init_producer,
            ApiKey.ADD_PARTITIONS_TO_TXN: self.add_partitions,
            ApiKey.ADD_OFFSETS_TO_TXN: self.add_offsets,
            ApiKey.TXN_OFFSET_COMMIT: self.commit_offsets,
            ApiKey.END_TXN: self.end,
        }

    async def init_producer(self, request: Request) -> Fields:
        fields = request.fields
        try:
            identity = self._transactions.init_producer(fields["transactional_id"], fields["transaction_timeout_ms"])
        except Refused as refused:
            return {"error_code": refused.code, "producer_id": -1, "producer_epoch": -1}
        return {
            "error_code": ErrorCode.NONE,
            "producer_id": identity.producer_id,
            "producer_epoch": identity.epoch,
        }

    async def add_partitions(self, request: Request) -> Fields:
        """All partitions or none: if one does not exist, the others are not attempted."""
        fields = request.fields
        partitions = [(topic["topic"], number) for topic in fields["topics"] for number in topic["partitions"]]
        errors = {
            partition: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            for partition in partitions
            if self._topics.find_partition(*partition) is None
        }
        if errors:
            otherwise = ErrorCode.OPERATION_NOT_ATTEMPTED
        else:
            otherwise = error_code(
                self._transactions.add_partitions, fields["transactional_id"], _identity(fields), partitions
            )
        topics = [
            {"topic": topic["topic"], "partitions": [{"partition": number} for number in topic["partitions"]]}
            for topic in fields["topics"]
        ]
        return {"errors": answer_offsets(topics, errors, otherwise, "partition_errors")}

    async def add_offsets(self, request: Request) -> Fields:
        fields = request.fields
        code = error_code(
            self._transactions.add_group, fields["transactional_id"], _identity(fields), fields["group_id"]
        )
        return {"error_code": code}

    async def commit_offsets(self, request: Request) -> Fields:
        fields = request.fields
        offsets, errors = read_offsets(
            fields["topics"], lambda partition: self._topics.find_partition(*partition) is not None
        )
        refusal = error_code(
            self._transactions.commit_offsets,
            fields["transactional_id"],
            _identity(fields),
            fields["group_id"],
            offsets,
        )
        return {"errors": answer_offsets(fields["topics"], errors, refusal, "partition_errors")}

    async def end(self, request: Request) -> Fields:
        fields = request.fields
        commit: bool = fields["transaction_result"]
        code = error_code(self._transactions.end, fields["transactional_id"], _identity(fields), commit=commit)
        return {"error_code": code}


def _identity(fields: Fields) -> ProducerIdentity:
    return ProducerIdentity(fields["producer_id"], fields["producer_epoch"])
