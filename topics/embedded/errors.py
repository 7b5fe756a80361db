"""Kafka's error codes, and the exceptions by which the broker's parts refuse a request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import IntEnum


class ErrorCode(IntEnum):
    """The codes this broker answers with, as numbered by the Kafka protocol."""

    UNKNOWN_SERVER_ERROR = -1
    NONE = 0
    OFFSET_OUT_OF_RANGE = 1
    CORRUPT_MESSAGE = 2
    UNKNOWN_TOPIC_OR_PARTITION = 3
    MESSAGE_TOO_LARGE = 10
    OFFSET_METADATA_TOO_LARGE = 12
    COORDINATOR_NOT_AVAILABLE = 15
    NOT_COORDINATOR = 16
    INVALID_TOPIC = 17
    NOT_ENOUGH_REPLICAS = 19
    INVALID_REQUIRED_ACKS = 21
    ILLEGAL_GENERATION = 22
    INCONSISTENT_GROUP_PROTOCOL = 23
    INVALID_GROUP_ID = 24
    UNKNOWN_MEMBER_ID = 25
    INVALID_SESSION_TIMEOUT = 26
    REBALANCE_IN_PROGRESS = 27
    INVALID_TIMESTAMP = 32
    UNSUPPORTED_VERSION = 35
    TOPIC_ALREADY_EXISTS = 36
    INVALID_PARTITIONS = 37
    INVALID_REPLICATION_FACTOR = 38
    INVALID_REPLICA_ASSIGNMENT = 39
    INVALID_CONFIG = 40
    INVALID_REQUEST = 42
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43
    POLICY_VIOLATION = 44
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45
    INVALID_PRODUCER_EPOCH = 47
    INVALID_TXN_STATE = 48
    INVALID_PRODUCER_ID_MAPPING = 49
    INVALID_TRANSACTION_TIMEOUT = 50
    CONCURRENT_TRANSACTIONS = 51
    OPERATION_NOT_ATTEMPTED = 55
    KAFKA_STORAGE_ERROR = 56
    NON_EMPTY_GROUP = 68
    GROUP_ID_NOT_FOUND = 69
    MEMBER_ID_REQUIRED = 79
    FENCED_INSTANCE_ID = 82
    INVALID_RECORD = 87


class EmbeddedBrokerError(Exception):
    """The broker cannot start as asked, or cannot go on."""


class NotLoopback(EmbeddedBrokerError):
    """The address to listen on is open to other machines; the broker has no security and refuses."""


class PortTaken(EmbeddedBrokerError):
    """Another process listens on the port."""


class DataDirTaken(EmbeddedBrokerError):
    """Another broker uses the data directory."""


class NotADataDir(EmbeddedBrokerError):
    """The directory holds something else; the broker would not tell its own files from those."""


class BrokenLog(EmbeddedBrokerError):
    """A file of the log is not what was written, and not merely cut off at its end."""


class DiskFailed(EmbeddedBrokerError):
    """What was written could not be brought to disk; nothing more can be promised."""


class Refused(Exception):
    """A request, or one item of it, is answered with an error code; the connection goes on."""

    def __init__(self, code: ErrorCode, reason: str = "") -> None:
        super().__init__(f"{code.name}: {reason}" if reason else code.name)
        self.code = code
        self.reason = reason


@contextlib.contextmanager
def coordinating() -> Iterator[None]:
    """Around what a coordinator keeps: when that fails, clients are told as Apache Kafka tells them, to look for the
    coordinator and to try again."""
    try:
        yield
    except Refused as refused:
        if refused.code is not ErrorCode.KAFKA_STORAGE_ERROR:
            raise
        raise Refused(ErrorCode.NOT_COORDINATOR, refused.reason) from refused


class CloseConnection(Exception):
    """The connection cannot go on; the message says why. Other connections are untouched."""


class MalformedRequest(CloseConnection):
    """Bytes that are no request of the Kafka protocol, or one that this broker does not serve."""
