"""The oracle: the tables of relations computed from scratch, as plainly as their definition reads.

Nothing here is incremental and nothing is shared with the live algebra but the identity of events and the keys, so
that `dyads audit` compares two computations and not one with itself.

`fold` makes the tables of articles that are all at hand. Each row of theirs is a function of its own, of the tellings
it is made of and of nothing else: so whoever has the tellings in the order of a key needs no more than one row's share
of them at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from models import CodedArticle, DailyRelation, Day, Dyad, Event, Mention, RelationEvent, Status, Tally, Version
from models.ontology import ontology
from workers.aggregation import keys
from workers.aggregation.identity import check_events, dyad_of, outlet_of, precedence


class Tables(Struct, frozen=True, kw_only=True):
    """The rows of `relations.daily`, `relations.events` and `relations.mentions`, by key."""

    daily: dict[bytes, DailyRelation]
    events: dict[bytes, RelationEvent]
    mentions: dict[bytes, Mention]


class Telling(Struct, frozen=True):
    """One event as one article tells it."""

    dyad: Dyad
    article: CodedArticle
    event: Event


def last_revisions(revisions: Iterable[tuple[str, Version, CodedArticle | None]]) -> dict[str, CodedArticle]:
    """What is in force after a stream of revisions in any order: each article's highest version, by article id.

    A revision is article id, version and article; None withdraws. Withdrawn articles are left out.
    """
    last: dict[str, tuple[Version, CodedArticle | None]] = {}
    for article_id, version, article in revisions:
        if article_id not in last or version > last[article_id][0]:
            last[article_id] = (version, article)
    return {article_id: article for article_id, (_, article) in sorted(last.items()) if article is not None}


def fold(articles: Iterable[CodedArticle]) -> Tables:
    """The tables of these articles, one revision of each.

    Raises `InvalidValue`, naming event and field, where an article's events do not hold together.
    """
    told: dict[str, list[Telling]] = {}
    for article in articles:
        for telling in tellings(article):
            told.setdefault(telling.event.id, []).append(telling)

    by_day: dict[tuple[Dyad, Day], list[list[Telling]]] = {}
    for same in told.values():
        day = same[0].event.day
        if day is not None:
            by_day.setdefault((same[0].dyad, day), []).append(same)

    return Tables(
        daily={keys.daily(dyad, day): daily_row(dyad, day, events) for (dyad, day), events in by_day.items()},
        events={keys.event(event_id): event_row(same) for event_id, same in told.items()},
        mentions={
            keys.mention(event_id, telling.article.id): mention_row(telling)
            for event_id, same in told.items()
            for telling in same
        },
    )


def tellings(article: CodedArticle) -> list[Telling]:
    """An article's events between states, each once: of several tellings of one event the first in precedence.

    Raises `InvalidValue`, naming event and field, where its events do not hold together.
    """
    check_events(article.events)
    first: dict[str, Telling] = {}
    for event in sorted(article.events, key=precedence):
        dyad = dyad_of(event)
        if dyad is not None and event.id not in first:
            first[event.id] = Telling(dyad, article, event)
    return list(first.values())


def event_row(told: list[Telling]) -> RelationEvent:
    """One event; `told` are its tellings, at least one."""
    dyad, event = told[0].dyad, told[0].event
    return RelationEvent(
        id=event.id,
        dyad=dyad,
        source=dyad.a if event.reciprocal else event.source.code,
        target=dyad.b if event.reciprocal else event.target.code,
        reciprocal=event.reciprocal,
        type=event.type,
        cameo=event.cameo,
        quad=ontology().quads[event.type],
        goldstein=ontology().cameo[event.cameo].goldstein,
        intensity=ontology().intensity(event.type),
        status=event.status,
        date=event.date,
        mentions=len(told),
        outlets=len({outlet_of(telling.article.source) for telling in told}),
    )


def mention_row(telling: Telling) -> Mention:
    """One article's mention of one event."""
    article, event = telling.article, telling.event
    return Mention(
        event=event.id,
        article=article.id,
        version=article.version,
        dyad=telling.dyad,
        source=event.source,
        target=event.target,
        date_precision=event.date_precision,
        evidence=event.evidence,
        trigger=event.trigger,
        confidence=event.confidence,
        rule=event.rule,
        mode=event.mode,
        contexts=event.contexts,
        place=event.place,
        outlet=article.source,
        url=article.url,
        published_at=article.published_at,
        coder=article.coder,
    )


def daily_row(dyad: Dyad, day: Day, events: list[list[Telling]]) -> DailyRelation:
    """One dyad on one day; `events` are the joined events, each as its tellings."""
    return DailyRelation(
        dyad=dyad,
        day=day,
        together=_tally(events),
        a_to_b=_tally([told for told in events if _acts(dyad.a, told[0].event)]),
        b_to_a=_tally([told for told in events if _acts(dyad.b, told[0].event)]),
    )


def _acts(state: str, event: Event) -> bool:
    return event.reciprocal or event.source.code == state


def _tally(events: list[list[Telling]]) -> Tally:
    happened = [told for told in events if told[0].event.status is Status.HAPPENED]
    apart = Counter(told[0].event.status for told in events)
    types = [told[0].event.type for told in happened]
    return Tally(
        events=len(happened),
        mentions=sum(len(told) for told in happened),
        sources=len({outlet_of(telling.article.source) for told in happened for telling in told}),
        by_type=Counter(types),
        by_quad=Counter(ontology().quads[type_] for type_ in types),
        goldstein=_sum(ontology().cameo[told[0].event.cameo].goldstein for told in happened),
        intensity=_sum(ontology().intensity(type_) for type_ in types),
        planned=apart[Status.PLANNED],
        hypothetical=apart[Status.HYPOTHETICAL],
        denied=apart[Status.DENIED],
    )


def _sum(scores: Iterable[float]) -> float:
    return float(sum((Decimal(str(score)) for score in scores), Decimal(0)))
