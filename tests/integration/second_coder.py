"""A worker with a coder of another version: python -m tests.integration.second_coder

It reads as the project's coder does, and leaves out what is only said: accusations.
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from models import CodedArticle, EventType, RawArticle, Version
from workers.aggregation.agent import Aggregate, Relate
from workers.enrichment.agent import Enrich
from workers.enrichment.coder import Coder
from workers.runtime.settings import Settings
from workers.runtime.worker import run

NAME = "dyads-ru/0.4.0-deeds"


class DeedsOnly(Coder):
    """Codes no accusations."""

    def code(self, article: RawArticle, *, version: Version, received: dt.date) -> CodedArticle:
        coded = super().code(article, version=version, received=received)
        deeds = tuple(event for event in coded.events if event.type is not EventType.ACCUSE)
        return replace(coded, coder=NAME, events=deeds)


def main() -> None:
    settings = Settings()
    run(settings, [Enrich(settings, DeedsOnly, NAME), Relate(settings), Aggregate(settings)])


if __name__ == "__main__":
    main()
