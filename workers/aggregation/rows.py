"""The rows that the two agents keep for themselves.

Events and daily rows are kept as they are published (`RelationEvent`, `DailyRelation`), outlets as bare numbers: how
many articles refer to one. So a story with thousands of mentions costs the same for each.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from models import Dyad, Version
from topics.codec import Undecodable, decode
from workers.runtime.handler import DAMAGED_ROW, Reject, Scope

R = TypeVar("R", bound=Struct)


class ArticleRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """relate's: the last revision of an article and the dyads it speaks of, sorted.

    A withdrawn article stays as a grave, a row without dyads, so that a late revision of lower version stays stale.
    """

    version: Version
    dyads: tuple[Dyad, ...] = ()
    withdrawn: bool = False


class ContributionRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """aggregate's: what the last revision of an article says of a dyad, as the ids of its events, sorted.

    All else that is counted follows from an event's id and the outlet; `coder` is for corrections, None where it is not
    known. One without events stays as a grave.
    """

    version: Version
    outlet: str = ""
    events: tuple[str, ...] = ()
    coder: str | None = None


def read_row(kind: type[R], scope: Scope, key: bytes) -> R | None:
    """The row under `key`, None where there is none. Raises `Reject` where it is not what an agent writes there."""
    held = scope.get(key)
    try:
        return decode(kind, held) if held is not None else None
    except Undecodable as error:
        raise damaged(key, str(error)) from None


def read_count(scope: Scope, key: bytes) -> int:
    """The number under `key`, 0 where there is none. Raises `Reject` where it is not what an agent writes there."""
    held = scope.get(key) or b"0"
    if not held.isdigit():
        raise damaged(key, f"{held[:40]!r} is not a number")
    return int(held)


def damaged(key: bytes, fault: str) -> Reject:
    """What to raise about a row that is not as it must be."""
    return Reject(DAMAGED_ROW, f"row {key.decode(errors='replace')}: {fault}")
