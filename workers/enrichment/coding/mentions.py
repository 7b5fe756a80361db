"""The table of mentions: every state, organization, person, place and date named, and what it resolves to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from models.coded import Entity, EntityKind
from workers.enrichment.coding.persons import Person, persons
from workers.enrichment.coding.phrases import Names, modifiers
from workers.enrichment.document import Document
from workers.enrichment.russian.lexicon import GEOGRAPHIC, Guard, Hit, Kind, leaders, lexicon, settle
from workers.enrichment.russian.lexicon.leaders import Leader

_STATE_KINDS = frozenset(
    {Kind.NOUN, Kind.ADJECTIVE, Kind.DEMONYM, Kind.ABBREVIATION, Kind.COMBINING, Kind.SEAT, Kind.FORMER, Kind.TERRITORY}
)
_PLACE_KINDS = frozenset({Kind.CAPITAL, Kind.CITY, Kind.REGION})


class Mentions(Struct, frozen=True, dict=True):
    """What an article names: the lexicon's hits and the persons, by sentence."""

    document: Document
    names: Mapping[int, Names]
    people: Mapping[int, tuple[Person, ...]]

    @classmethod
    def of(cls, document: Document) -> Mentions:
        """Find and resolve all mentions of a document."""
        raw = {s.index: lexicon().match([t.text for t in s]) for s in document.sentences}
        present = {
            hit.code
            for hits in raw.values()
            for hit in hits
            if hit.code and not hit.ambiguous and hit.entry.guard is Guard.NONE
        }
        day = document.published.isoformat()
        present |= {term.code for s in document.sentences for term in _leading([t.text for t in s], day)}
        names = {index: Names.of(_kept(settle(hits, present), present)) for index, hits in raw.items()}
        people = persons(document.sentences, names, day)
        return cls(document, names, people)

    @cached_property
    def _person_at(self) -> Mapping[tuple[int, int], Person]:
        return {(p.sentence, i): p for people in self.people.values() for p in people for i in range(p.start, p.end)}

    @cached_property
    def person_tokens(self) -> Mapping[int, frozenset[int]]:
        """The tokens of persons' names, by sentence."""
        return {s: frozenset(i for p in people for i in range(p.start, p.end)) for s, people in self.people.items()}

    def person(self, sentence: int, token: int) -> Person | None:
        """The person whose name covers a token."""
        return self._person_at.get((sentence, token))

    def states(self) -> Iterator[tuple[bool, frozenset[str]]]:
        """The actors that each sentence names, with whether it is a headline."""
        for sentence in self.document.sentences:
            hits = self.names[sentence.index].hits
            codes = {
                geographic_code(h) or (h.code if h.kind is Kind.BODY else "") for h in hits if h.kind is not Kind.GROUP
            }
            codes |= {p.code for p in self.people[sentence.index]}
            yield sentence.part == "title" or sentence.kind == "headline", frozenset(filter(None, codes))

    def entities(self) -> tuple[Entity, ...]:
        """The entities of the article's text in its order. The title's are not told: offsets count in the text."""
        found = {(e.start, e.end, e.kind, e.country): e for e in self._entities()}
        return tuple(sorted(found.values(), key=lambda e: (e.start, e.end, e.kind, e.country or "")))

    def _entities(self) -> Iterator[Entity]:
        for sentence in self.document.sentences:
            if sentence.part != "text":
                continue
            names, people = self.names[sentence.index], self.people[sentence.index]
            for hit in names.hits:
                kind = _entity_kind(hit)
                if kind is None:
                    continue
                code = hit.code
                if not code and hit.kind is Kind.BODY:
                    owners = modifiers(sentence, names, hit.start, hit.end, persons=self.person_tokens[sentence.index])
                    code = owners[0].hit.code if owners else ""
                first, last = sentence[hit.start], sentence[hit.end - 1]
                yield Entity(
                    kind=kind, text=self.document.text[first.start : last.end], start=first.start, end=last.end,
                    country=code if code and hit.kind is not Kind.GROUP else None, name=hit.entry.name,
                    sector=hit.sector or None,
                )  # fmt: skip
            for person in people:
                first, last = sentence[person.start], sentence[person.end - 1]
                yield Entity(
                    kind=EntityKind.PERSON, text=self.document.text[first.start : last.end], start=first.start,
                    end=last.end, country=person.code or None, name=person.name, office=person.office or None,
                    sector=person.sector or None,
                )  # fmt: skip
            for date in self.document.dates_in(sentence.index):
                first, last = sentence[date.start], sentence[date.end - 1]
                yield Entity(
                    kind=EntityKind.DATE, text=self.document.text[first.start : last.end], start=first.start,
                    end=last.end, date=date.date,
                )  # fmt: skip


def _leading(words: list[str], day: str) -> Iterator[Leader]:
    """The terms of the leaders in office who are named: their states are spoken of."""
    for hit in leaders().match(words):
        term = leaders().latest(hit.terms, day)
        if term is not None and term.holds(day):
            yield term


def _kept(hits: list[Hit], present: set[str]) -> list[Hit]:
    """The hits that the document confirms: РБ is Belarus where Belarus is named."""
    return [h for h in hits if h.entry.guard is not Guard.DOCUMENT or not h.code or h.code in present or not present]


def _entity_kind(hit: Hit) -> EntityKind | None:
    if hit.kind in _STATE_KINDS:
        return EntityKind.STATE
    if hit.kind in _PLACE_KINDS:
        return EntityKind.PLACE
    if hit.kind in (Kind.ORGANIZATION, Kind.METONYM, Kind.BODY):
        return EntityKind.ORGANIZATION
    return None


def geographic_code(hit: Hit) -> str:
    """The state that a name stands for or lies in, empty where none."""
    return hit.code if hit.kind in GEOGRAPHIC or hit.kind in (Kind.ORGANIZATION, Kind.METONYM) else ""
