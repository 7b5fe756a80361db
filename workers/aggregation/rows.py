"""The rows that the two agents keep for themselves.

Events and daily rows are kept as they are published (`RelationEvent`, `DailyRelation`), outlets as bare numbers: how
many articles refer to one. So a story with thousands of mentions costs the same for each.
"""

from __future__ import annotations

from msgspec import Struct

from models import Dyad, Version


class ArticleRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """relate's: the last revision of an article and the dyads it speaks of, sorted.

    A withdrawn article stays as a grave, a row without dyads, so that a late revision of lower version stays stale.
    """

    version: Version
    dyads: tuple[Dyad, ...] = ()
    withdrawn: bool = False


class ContributionRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """aggregate's: what the last revision of an article says of a dyad, as the ids of its events, sorted.

    All else that is counted follows from an event's id and the outlet. One without events stays as a grave.
    """

    version: Version
    outlet: str = ""
    events: tuple[str, ...] = ()
