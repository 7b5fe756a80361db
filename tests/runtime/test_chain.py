"""What the transport knows of what was fetched before what."""

from __future__ import annotations

from types import SimpleNamespace

from faust.types import TP

from workers.runtime.transport import Chain

A = TP("articles.raw", 0)


def fetched(*offsets: int) -> dict[object, list[object]]:
    return {A: [SimpleNamespace(offset=offset) for offset in offsets]}


def test_each_message_knows_the_one_before_it_over_honest_gaps() -> None:
    chain = Chain()
    chain.link(fetched(4, 5, 9), chain.cuts)
    chain.link(fetched(12), chain.cuts)
    assert [chain.previous(A, offset) for offset in (4, 5, 9, 12)] == [None, 4, 5, 9]


def test_after_a_seek_the_first_message_has_no_known_predecessor() -> None:
    chain = Chain()
    chain.link(fetched(4, 5), chain.cuts)
    chain.cut()
    chain.link(fetched(9, 10), chain.cuts)
    assert [chain.previous(A, offset) for offset in (9, 10)] == [None, 9]


def test_a_fetch_that_a_seek_overlapped_is_not_linked_to_what_came_before() -> None:
    chain = Chain()
    chain.link(fetched(4), chain.cuts)
    before = chain.cuts
    chain.cut()
    chain.link(fetched(50), before)
    chain.link(fetched(51), chain.cuts)
    assert chain.previous(A, 50) is None
    assert chain.previous(A, 51) == 50
