"""What the two agents refuse, with the reason and the place."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from models import Contribution, Dyad, Precision, Version, event_id
from tests.aggregation.memory_scope import MemoryScope, coded_message, contribution_message
from tests.aggregation.stories import article, event
from topics.codec import encode
from workers.aggregation.aggregate import aggregate
from workers.aggregation.relate import relate
from workers.runtime.handler import Message, Reject

GOOD = article("a", event("KAZ", "BLR"), version=5)


def coded(**changes: Any) -> Message:
    return replace(coded_message("a", 5, GOOD), **changes)


def recoded(**changes: Any) -> Message:
    """The good article with its event changed after the id was made."""
    return coded(value=encode(replace(GOOD, events=(replace(GOOD.events[0], **changes),))))


def redated(date: str | None, precision: Precision) -> Message:
    """The good article with another date, its id made to fit."""
    odd = GOOD.events[0]
    identity = event_id(
        date=date,
        source="KAZ",
        target="BLR",
        reciprocal=odd.reciprocal,
        type=odd.type,
        cameo=odd.cameo,
        status=odd.status,
    )
    return recoded(id=identity, date=date, date_precision=precision)


@pytest.mark.parametrize(
    ("message", "reason", "error"),
    [
        (coded(key=None), "invalid", "key: the article id has 0 characters"),
        (coded(key=b""), "invalid", "key: the article id has 0 characters"),
        (coded(key=b"a" * 513), "invalid", "key: the article id has 513 characters"),
        (coded(key=b"\xff"), "invalid", "key: not UTF-8"),
        (coded(key=b"b"), "invalid", "key: 'b', but the record's id is 'a'"),
        (coded(headers={}), "invalid", "header version: missing"),
        (coded(headers={}, value=None), "invalid", "header version: missing"),
        (coded(headers={"version": b"five"}), "invalid", "header version: b'five' is not a version"),
        (coded(headers={"version": b"-5"}), "invalid", "header version: b'-5' is not a version"),
        (coded(headers={"version": b"6"}), "invalid", "header version: 6, but the record's version is 5"),
        (coded(value=b"{"), "undecodable", "not JSON"),
        (coded(value=b"[]"), "undecodable", "expected a JSON object"),
        (coded(value=b"\xff\xfe"), "undecodable", "not JSON"),
        (coded(value=b'{"id":"a"}'), "undecodable", "version"),
        (coded(value=encode(GOOD).replace(b"040", b"4x0")), "undecodable", "events[0].cameo"),
        (recoded(id="0" * 16), "invalid", "events[0].id: '0000000000000000' is not the id"),
        (recoded(cameo="041"), "invalid", "events[0].id"),
        (redated("2025-10", Precision.DAY), "invalid", "events[0].date: '2025-10' is no date of precision day"),
        (redated("2025-02-30", Precision.DAY), "invalid", "events[0].date"),
        (redated("2025-13", Precision.MONTH), "invalid", "events[0].date"),
        (redated("0000", Precision.YEAR), "invalid", "events[0].date"),
        (redated("2025", Precision.NONE), "invalid", "events[0].date"),
        (redated(None, Precision.REPORTED), "invalid", "events[0].date: None is no date of precision reported"),
    ],
)
def test_relate_refuses(message: Message, reason: str, error: str) -> None:
    scope = MemoryScope()
    with pytest.raises(Reject) as refused:
        relate(message, scope)
    assert refused.value.reason == reason
    assert error in refused.value.error
    assert (scope.rows, scope.published) == ({}, []), "a refused message leaves no trace"


def test_relate_refuses_a_code_that_cameo_does_not_have() -> None:
    odd = GOOD.events[0]
    identity = event_id(
        date=odd.date, source="KAZ", target="BLR", reciprocal=False, type=odd.type, cameo="999", status=odd.status
    )
    with pytest.raises(Reject, match="cameo: '999' is no CAMEO code"):
        relate(recoded(cameo="999", id=identity), MemoryScope())


def test_relate_takes_the_good_one() -> None:
    scope = MemoryScope()
    relate(coded(), scope)
    assert [sent.key for sent in scope.published] == [b"BLR-KAZ"]


@pytest.mark.parametrize("name", ["@applied", "a|b", "статья-1", " ", "c|BLR-KAZ|x"])
def test_any_text_may_be_an_article_id(name: str) -> None:
    scope = MemoryScope()
    relate(coded_message(name, 1, article(name, event("KAZ", "BLR"), version=1)), scope)
    assert len(scope.rows) == len(scope.published) == 1
    assert not any(key.startswith(b"@") for key in scope.rows), "rows of the runtime begin with @"


CONTRIBUTION = Contribution(dyad=Dyad("BLR-KAZ"), article="a", version=Version(5), events=(event("KAZ", "BLR"),))


@pytest.mark.parametrize(
    ("message", "reason", "error"),
    [
        (contribution_message(b"BLR-KAZ", None), "invalid", "value: missing"),
        (contribution_message(b"BLR-KAZ", b"nonsense"), "undecodable", "not JSON"),
        (contribution_message(b"KAZ-BLR", encode(CONTRIBUTION)), "invalid", "the contribution's dyad is BLR-KAZ"),
        (contribution_message(None, encode(CONTRIBUTION)), "invalid", "key: None"),
        (
            contribution_message(b"BLR-KAZ", encode(CONTRIBUTION).replace(b"BLR-KAZ", b"KAZ-BLR")),
            "undecodable",
            "not in alphabetical order",
        ),
        (
            contribution_message(b"BLR-KAZ", encode(replace(CONTRIBUTION, events=(event("KAZ", "RUS"),)))),
            "invalid",
            "events[0]: not between BLR and KAZ",
        ),
        (
            contribution_message(b"BLR-KAZ", encode(replace(CONTRIBUTION, events=CONTRIBUTION.events * 2))),
            "invalid",
            "events: one event is there twice",
        ),
        (
            contribution_message(
                b"BLR-KAZ", encode(replace(CONTRIBUTION, events=(replace(CONTRIBUTION.events[0], id="odd"),)))
            ),
            "invalid",
            "events[0].id",
        ),
    ],
)
def test_aggregate_refuses(message: Message, reason: str, error: str) -> None:
    scope = MemoryScope()
    with pytest.raises(Reject) as refused:
        aggregate(message, scope)
    assert refused.value.reason == reason
    assert error in refused.value.error
    assert (scope.rows, scope.published) == ({}, [])
