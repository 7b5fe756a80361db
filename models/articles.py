"""What a message producer publishes: one news article, as received."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from msgspec import Meta, Struct

MAX_ID_CHARS = 512
ArticleId = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Moment = Annotated[dt.datetime, Meta(tz=True)]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

MAX_TEXT_CHARS = 400_000
"""Longest text taken, in characters: a broker's default limit is 1 MiB a message, a Russian letter takes two bytes."""


class RawArticle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One news article. Publishing the same `id` again revises it; a null message under the id withdraws it.

    `published_at` is RFC 3339 with a time zone, or a day alone, which is read as its midnight in UTC; `language` is
    BCP 47 (`ru`); `source` names the outlet.
    """

    id: ArticleId
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    title: Annotated[str, Meta(max_length=4_000)] | None = None
    url: Annotated[str, Meta(max_length=4_000)] | None = None
    source: Annotated[str, Meta(max_length=256)] | None = None
    language: Annotated[str, Meta(max_length=64)] | None = None
    published_at: Moment | None = None

    @staticmethod
    def accept(value: dict[str, Any]) -> dict[str, Any]:
        """The JSON object as this record reads it: archives often know the day of an article and no hour."""
        day = value.get("published_at")
        if isinstance(day, str) and _DAY.fullmatch(day):
            return {**value, "published_at": f"{day}T00:00:00Z"}
        return value
