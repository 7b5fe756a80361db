"""Who belonged to which organization or group of states when."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from msgspec import Struct

from models.data import BrokenData, rows
from models.states import states
from workers.enrichment.russian.lexicon.names import group_names
from workers.enrichment.russian.lexicon.organizations import organizations

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")


class Membership(Struct, frozen=True):
    """A state in an organization or group. Dates are ISO 8601, as exact as known; empty is open."""

    state: str
    since: str
    until: str

    def holds(self, day: str) -> bool:
        """Whether it held on a day (`2025-10-31`); a year or month counts from its first day to its last."""
        return (not self.since or self.since <= day) and (
            not self.until or day <= self.until or day.startswith(self.until)
        )


@cache
def memberships() -> Mapping[str, tuple[Membership, ...]]:
    """Who belonged when, by the code of the organization or group. Raises `BrokenData`."""
    known = organizations().keys() | {entry.code for entry, _ in group_names()}
    found: dict[str, list[Membership]] = defaultdict(list)
    file = "members.csv"
    for line, row in rows(__package__, file, ("organization", "state", "since", "until")):
        code, member = row["organization"], Membership(row["state"], row["since"], row["until"])
        if code not in known:
            raise BrokenData(file, line, f"{code!r} is no organization or group")
        if member.state not in states():
            raise BrokenData(file, line, f"{member.state!r} is no state's code")
        if not all(_DATE.match(date) for date in (member.since, member.until) if date):
            raise BrokenData(file, line, f"{member.since!r} or {member.until!r} is no date such as 2002-05-14 or 2002")
        if member.until and member.until < member.since and not member.since.startswith(member.until):
            raise BrokenData(file, line, "it ends before it begins")
        if any(m.state == member.state and (not m.until or m.until > member.since) for m in found[code]):
            raise BrokenData(file, line, f"{member.state} is in {code} already")
        found[code].append(member)
    return MappingProxyType({code: tuple(members) for code, members in found.items()})


def members(code: str, day: str) -> frozenset[str]:
    """The states that belonged to an organization or group on a day (`2025-10-31`); empty where not known."""
    return frozenset(m.state for m in memberships().get(code, ()) if m.holds(day))
