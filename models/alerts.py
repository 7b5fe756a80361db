"""What rules make of the tables: one record for each alert that the rows of the moment support."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from models.values import Day, Dyad


class Alert(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule's alert of a dyad's day. `value` is what was counted, `norm` the mean before, `score` by how many
    deviations it lies above.

    `rule` is the rule's name in the file of rules, `kind` what it asks; `id` is a hash of rule, dyad, day and `event`,
    which is the event that it is about, where it is about a single one.
    """

    id: str
    rule: str
    kind: str
    dyad: Dyad
    day: Day
    value: Annotated[int, Meta(ge=0)]
    norm: float | None = None
    score: float | None = None
    event: str | None = None
