"""Which generations of the tables there are: everything coded anew by another coder is a generation of its own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from models.articles import Moment

Number = Annotated[int, Meta(ge=1)]


class Stage(StrEnum):
    """What a record says of its generation."""

    BUILDING = "building"
    """It is coded from the articles, beside the current one."""
    NEXT = "next"
    """It is about to become current: until it is, nobody writes to articles.raw what follows from messages there."""
    CURRENT = "current"
    """From here on readers use it. Of several generations whose record says so, the last record counts."""
    RETIRED = "retired"
    """It is given up and its topics are deleted."""


class Generation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of the topic `generations`, keyed by the number.

    `coder` is the name and version of the coder that makes it, None where nobody wrote that down. `upkeep` is of a
    current one: up to which offset of each partition of `articles.raw` the generation before it kept that topic.
    """

    number: Number
    stage: Stage
    at: Moment
    coder: str | None = None
    upkeep: Mapping[int, int] = field(default_factory=dict)
