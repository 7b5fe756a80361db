"""What enrich makes of a message before it reads the article."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from models import Version
from topics.headers import MOVED
from topics.message import Message
from topics.partition import home_partition
from workers.enrichment.intake import Code, Forward, Ignore, Withdraw, receive
from workers.runtime.handler import Reject

ID = "steppe/1"
HOME = home_partition(ID, 4)
VALUE = b'{"id": "steppe/1", "text": "x"}'
NOON = 1_772_452_800_000  # 2026-03-02T12:00:00Z


def message(
    key: bytes | None = ID.encode(),
    value: bytes | None = VALUE,
    partition: int = HOME,
    headers: Mapping[str, bytes] = MappingProxyType({}),
) -> Message:
    return Message(
        topic="articles.raw", partition=partition, offset=41, timestamp=NOON, key=key, value=value, headers=headers
    )


def test_an_article_at_home_is_coded_under_its_offset() -> None:
    assert receive(message(), 4) == Code(ID.encode(), Version(41), dt.date(2026, 3, 2))


def test_a_null_message_withdraws() -> None:
    assert receive(message(value=None), 4) == Withdraw(ID.encode(), Version(41))


@pytest.mark.parametrize("value", [VALUE, None], ids=["article", "withdrawal"])
def test_what_is_not_at_home_is_forwarded(value: bytes | None) -> None:
    assert receive(message(value=value, partition=(HOME + 1) % 4), 4) == Forward(ID.encode(), HOME)


def test_the_tombstone_that_clears_a_foreign_place_withdraws_nothing() -> None:
    cleared = message(value=None, partition=(HOME + 1) % 4, headers={MOVED: b"%d" % HOME})
    assert receive(cleared, 4) == Ignore()


@pytest.mark.parametrize("partition", range(4))
def test_an_article_without_a_key_is_sent_home_with_one(partition: int) -> None:
    assert receive(message(key=None, partition=partition), 4) == Forward(ID.encode(), HOME)


@pytest.mark.parametrize(
    ("key", "value", "reason", "error"),
    [
        (None, None, "invalid", "no key"),
        (b"\xff", VALUE, "invalid", "not UTF-8"),
        (b"", VALUE, "invalid", "0 characters"),
        (b"other", VALUE, "invalid", "the key is 'other' but the article's id is 'steppe/1'"),
        (ID.encode(), b"{", "undecodable", "not JSON"),
        (ID.encode(), b'{"id": "steppe/1"}', "undecodable", "text"),
        (ID.encode(), b'{"id": "steppe/1", "text": 5}', "undecodable", "text: Expected `str`"),
    ],
)
def test_bad_messages_are_refused_with_the_reason(
    key: bytes | None, value: bytes | None, reason: str, error: str
) -> None:
    with pytest.raises(Reject) as refused:
        receive(message(key, value), 4)
    assert refused.value.reason == reason
    assert error in refused.value.error
