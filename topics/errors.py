"""What can go wrong between us and a broker.

    BrokerError              catch this one to catch them all
    ├── Unreachable          nobody answers at the address, or the broker stopped answering
    ├── MissingTopics        the broker lacks topics of the catalogue
    └── Refused              the broker answered, and said no

Bytes that are no valid record are `topics.codec.Undecodable`: the fault of a message, not of a broker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    BrokerResponseError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
    UnknownTopicOrPartitionError,
)


class BrokerError(Exception):
    """Something went wrong between us and a broker; the message is one line for people."""


class Unreachable(BrokerError):
    """No broker answers at `address`."""

    def __init__(self, address: str, reason: str = "") -> None:
        super().__init__(f"no Kafka broker answers at {address}" + (f": {reason}" if reason else ""))
        self.address = address


class MissingTopics(BrokerError):
    """The broker at `address` lacks `topics`."""

    def __init__(self, address: str, topics: Iterable[str]) -> None:
        self.address = address
        self.topics = tuple(sorted(topics))
        super().__init__(f"the broker at {address} has no topic {', '.join(self.topics)}")


class Refused(BrokerError):
    """The broker answered with an error; the message says to what, and its reason."""


@contextmanager
def translated(address: str, doing: str) -> Iterator[None]:
    """Turn what aiokafka raises while `doing` something at `address` into the errors above."""
    try:
        yield
    except (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError) as error:
        raise Unreachable(address, _first_line(error)) from error
    except UnknownTopicOrPartitionError as error:
        raise Refused(f"{doing}: the broker at {address} does not know the topic") from error
    except BrokerResponseError as error:
        raise Refused(f"{doing}: the broker at {address} refused: {_first_line(error)}") from error
    except (KafkaError, TimeoutError, OSError) as error:
        raise Unreachable(address, _first_line(error)) from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    # aiokafka's words for "nobody answers", with the address once more as a Python list
    return "" if "Unable to bootstrap" in text or text == type(error).__name__ else text
