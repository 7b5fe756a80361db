"""Random histories of articles.raw: few articles, events and outlets, so that stories and revisions meet often."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from models import Event, RawArticle, Status
from tests.aggregation.stories import MEETING, PROTEST_NOTE, TREATY, event
from tests.runtime.model.agents import PARTITIONS
from tests.runtime.model.broker import Place
from topics.catalogue import RAW
from topics.codec import encode
from topics.partition import home_partition

ARTICLES = ("a", "b", "c")
OUTLETS = ("tass", "belta")
EVENTS = {
    "meeting": event("KAZ", "BLR", MEETING, reciprocal=True),
    "protest": event("BLR", "KAZ", PROTEST_NOTE),
    "treaty": event("KAZ", "BLR", TREATY),
    "plan": event("BLR", "KAZ", TREATY, status=Status.PLANNED),
    "elsewhere": event("KAZ", "UZB", MEETING),
    "undated": event("KAZ", "BLR", PROTEST_NOTE, on=None),
}


class News(NamedTuple):
    """One message that a producer sends. `told` are names in `EVENTS`, None withdraws; `home` is whether it comes to
    the partition where it belongs, `readable` whether it is an article at all."""

    article: str
    told: tuple[str, ...] | None
    outlet: str = OUTLETS[0]
    home: bool = True
    readable: bool = True

    @property
    def place(self) -> Place:
        return Place(RAW.name, (home_partition(self.article, PARTITIONS) + (not self.home)) % PARTITIONS)

    @property
    def key(self) -> bytes:
        return self.article.encode()

    @property
    def value(self) -> bytes | None:
        if not self.readable:
            return b"no article"
        if self.told is None:
            return None
        events: tuple[Event, ...] = tuple(EVENTS[name] for name in self.told)
        return encode(RawArticle(id=self.article, text=encode(events).decode(), source=self.outlet))


def news() -> st.SearchStrategy[News]:
    """Mostly articles and revisions that come where they belong."""
    told = st.lists(st.sampled_from(sorted(EVENTS)), max_size=3, unique=True).map(tuple)
    return st.builds(
        News,
        article=st.sampled_from(ARTICLES),
        told=st.one_of(told, told, told, st.none()),
        outlet=st.sampled_from(OUTLETS),
        home=st.sampled_from((True, True, True, True, False)),
        readable=st.sampled_from((True, True, True, True, False)),
    )


def histories() -> st.SearchStrategy[list[News]]:
    """What producers send, in order."""
    return st.lists(news(), min_size=1, max_size=8)


STORY = (
    (
        News("a", ("meeting", "plan")),
        News("b", ("meeting", "protest"), "belta"),
        News("c", None, readable=False),
        News("c", ("treaty", "elsewhere"), home=False),
    ),
    (
        News("a", ("meeting", "treaty")),
        News("b", None),
        News("c", ("protest",), "belta"),
    ),
)
"""A history in two halves that has everything: a story of two outlets, a message that dies, one that came to the wrong
partition, revisions and a withdrawal."""
