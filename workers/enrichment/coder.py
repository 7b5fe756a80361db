"""The coder: a raw article in, a coded article out. Pure and deterministic: the same bytes give the same events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from models import Actor as EventActor
from models import CodedArticle, Event, RawArticle, Span, Version, event_id
from models.ontology import ontology
from models.states import states
from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.content import Found
from workers.enrichment.coding.discourse import Actor, Discourse, Overview
from workers.enrichment.coding.engine import Engine
from workers.enrichment.coding.entities import entities
from workers.enrichment.coding.findings import Tried, Weighed
from workers.enrichment.coding.frames import frames
from workers.enrichment.coding.look import may_tell
from workers.enrichment.coding.mentions import Mentions
from workers.enrichment.coding.repair import repaired
from workers.enrichment.coding.timing import place, when
from workers.enrichment.coding.topics import topics
from workers.enrichment.document import Document, Sentence
from workers.enrichment.russian.lexicon import leaders, lexicon, professions
from workers.enrichment.russian.lexicon.organizations import organizations
from workers.enrichment.russian.reader import Reader
from workers.enrichment.version import CODER

_CODING = ("mentions", "events")
_SKIPPED = frozenset({"caption", "boilerplate"})


class Trace(Struct, frozen=True):
    """How an article was coded, for `explain`: what was read, named and tried, and why an event fell away."""

    document: Document
    mentions: Mentions | None
    tried: tuple[Tried, ...]
    weighed: tuple[Weighed, ...]
    coded: CodedArticle


class Coder:
    """Codes articles; holds the models and the data (a second or two to load), so one object a process.

    Articles in a language that it does not read come back without entities and events, `depth` ending at "language".
    With `look` so do those that name no two parties (look.py), `depth` ending at "look": they have no events anyway.
    """

    def __init__(self, reader: Reader | None = None, *, look: bool = False) -> None:
        self._reader = reader or Reader()
        self._looks = look
        self._frames = frames()
        lexicon(), professions(), ontology(), states(), leaders()

    def code(self, article: RawArticle, *, version: Version, received: dt.date) -> CodedArticle:
        """The article coded. `received` is the day of the message, for articles that do not say when they came out."""
        return self._code(article, version, received, trace=False).coded

    def code_with_trace(self, article: RawArticle, *, version: Version, received: dt.date) -> Trace:
        """As `code`, with what was found and tried on the way."""
        return self._code(article, version, received, trace=True)

    def _code(self, article: RawArticle, version: Version, received: dt.date, *, trace: bool) -> Trace:
        day = article.published_at.date() if article.published_at is not None else received
        dated = article.published_at is not None
        worth = partial(may_tell, article.title or "", article.text, day.isoformat(), dated=dated)
        document = repaired(self._reader.read(article, day, worth if self._looks else None))
        mentions = Mentions.of(document) if document.sentences else None
        events: tuple[Event, ...] = ()
        tried: list[Tried] = []
        weighed: list[Weighed] = []
        if mentions is not None:
            events, tried, weighed = self._events(document, mentions, trace=trace)
        coded = CodedArticle(
            id=article.id,
            version=version,
            language=document.language,
            coder=CODER,
            depth=document.depth if mentions is None else (*document.depth, *_CODING),
            entities=entities(mentions) if mentions is not None else (),
            events=tuple(e for e in events if e.source.country and e.target.country),
            organization_events=tuple(e for e in events if e.source.organization or e.target.organization),
            published_at=article.published_at,
            source=article.source,
            url=article.url,
            title=article.title,
        )
        return Trace(document, mentions, tuple(tried), tuple(weighed), coded)

    def _events(
        self, document: Document, mentions: Mentions, *, trace: bool
    ) -> tuple[tuple[Event, ...], list[Tried], list[Weighed]]:
        overview = Overview.of(mentions.states(), topics(document))
        engine = self._engine(document, mentions, overview)
        sure = [f for s in _read(document) for f in engine.read(s, mentions.names[s.index])]
        acts = frozenset((f.source.code, f.target.code, f.frame.type.value) for f in sure)
        engine.again(replace(overview, acts=acts), trace=trace)
        events: list[Event] = []
        for sentence in _read(document):
            found = engine.read(sentence, mentions.names[sentence.index])
            if sentence.part == "text":  # what only the title says has no evidence in the text: it sets the focus only
                events += [e for f in found if (e := self._event(document, mentions, sentence, f)) is not None]
        return merged(events), engine.tried, engine.weighed

    def _engine(self, document: Document, mentions: Mentions, overview: Overview) -> Engine:
        talk = Discourse(overview)
        if document.dateline is not None and document.dateline.place:
            talk.home = _home(document.dateline.place)
        return Engine(self._frames, Resolver(mentions, talk), talk)

    def _event(self, document: Document, mentions: Mentions, sentence: Sentence, found: Found) -> Event | None:
        source, target = _party(found.source), _party(found.target)
        if source is None or target is None:
            return None
        known, frame = ontology(), found.frame
        time = when(document, sentence, found.trigger.token, found.status)
        word = sentence[found.trigger.token]
        return Event(
            id=event_id(date=time.date, source=found.source.code, target=found.target.code, reciprocal=found.reciprocal,
                        type=frame.type, cameo=frame.cameo, status=found.status),
            source=source, target=target, type=frame.type, mode=frame.mode,
            contexts=frame.contexts, cameo=frame.cameo, quad=known.quads[frame.type],
            goldstein=known.cameo[frame.cameo].goldstein, intensity=known.intensity(frame.type), status=found.status,
            reciprocal=found.reciprocal, date=time.date, date_precision=time.precision,
            place=place(sentence, mentions.names[sentence.index], found.trigger.token),
            evidence=Span(sentence.text, sentence.start, sentence.end), trigger=Span(word.text, word.start, word.end),
            confidence=found.confidence, rule=frame.rule,
        )  # fmt: skip


def _read(document: Document) -> Iterator[Sentence]:
    return (s for s in document.sentences if s.kind not in _SKIPPED)


def merged(events: Iterable[Event]) -> tuple[Event, ...]:
    """One event an id, the surest; and no general code where the same pair, type and day has a finer one."""
    best: dict[str, Event] = {}
    for event in events:
        held = best.get(event.id)
        if held is None or event.confidence > held.confidence:
            best[event.id] = event
    kept = list(best.values())
    fine = {_sort(e) for e in kept if not e.cameo.endswith("0")}
    kept = [e for e in kept if not e.cameo.endswith("0") or _sort(e) not in fine]
    return tuple(sorted(kept, key=lambda e: (e.trigger.start, e.id)))


def _sort(event: Event) -> tuple[object, ...]:
    pair = (event.source.code, event.target.code)
    return (*(sorted(pair) if event.reciprocal else pair), event.reciprocal, event.type, event.date, event.status)


def _party(actor: Actor) -> EventActor | None:
    """The actor as a record says it; None for what is neither a state nor an intergovernmental organization."""
    agent = {"sector": actor.sector or None, "name": actor.name or None, "office": actor.office or None}
    if actor.code in states():
        return EventActor(country=actor.code, **agent)
    organization = organizations().get(actor.code)
    return EventActor(organization=actor.code, **agent) if organization and organization.sector == "IGO" else None


def _home(written: str) -> str:
    words = re.findall(r"[\w-]+", written.title() if written.isupper() else written)
    hits = lexicon().match(words)
    return hits[0].code if hits else ""
