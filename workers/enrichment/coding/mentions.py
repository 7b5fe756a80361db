"""The table of mentions: every state, organization, person, place and date named, and what it resolves to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.persons import Person, persons
from workers.enrichment.coding.phrases import ADJECTIVES, Names
from workers.enrichment.document import Document, Sentence
from workers.enrichment.russian.lexicon import GEOGRAPHIC, Guard, Hit, Kind, PersonHit, leaders, lexicon, settle
from workers.enrichment.russian.lexicon.leaders import Leader

PRESS = "JRN"
"""The sector of those who report: CAMEO's code for the media."""


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
        led = {s.index: leaders().match([t.text for t in s]) for s in document.sentences}
        present |= {term.code for hits in led.values() for term in _leading(hits, day)}
        names = {
            s.index: Names.of(_meant(_kept(settle(raw[s.index], present), present), s)) for s in document.sentences
        }
        former = frozenset() if document.dated else frozenset(present)
        people = persons(document.sentences, names, led, day, former=former)
        names = {index: _unpersonal(found, people[index]) for index, found in names.items()}
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
        """The actors that each sentence names, but for the press, with whether it is a headline."""
        for sentence in self.document.sentences:
            hits = self.names[sentence.index].hits
            acting = [h for h in hits if h.kind is not Kind.GROUP and h.sector != PRESS]
            codes = {geographic_code(h) or (h.code if h.kind is Kind.BODY else "") for h in acting}
            codes |= {p.code for p in self.people[sentence.index]}
            yield sentence.part == "title" or sentence.kind == "headline", frozenset(filter(None, codes))


def _leading(hits: Sequence[PersonHit], day: str) -> Iterator[Leader]:
    """The terms of the leaders in office who are named: their states are spoken of."""
    for hit in hits:
        term = leaders().latest(hit.terms, day)
        if term is not None and term.holds(day):
            yield term


def _kept(hits: list[Hit], present: set[str]) -> list[Hit]:
    """The hits that the document confirms: РБ is Belarus where Belarus is named."""
    return [h for h in hits if h.entry.guard is not Guard.DOCUMENT or not h.code or h.code in present or not present]


def _meant(hits: list[Hit], sentence: Sentence) -> list[Hit]:
    """The hits but for names of a currency, of a treaty or of an age: "миллион долларов США" speaks of no America,
    "Бернская конвенция" of no Switzerland, "турецкое иго" of no Turkey."""

    def money(hit: Hit) -> bool:
        noun = hit.kind in (Kind.NOUN, Kind.ABBREVIATION) and hit.start > 0
        return noun and sentence[hit.start - 1].lemma in words().currency

    def signed(hit: Hit) -> bool:
        place = hit.kind is Kind.PLACE_ADJECTIVE and hit.end < len(sentence)
        return place and sentence[hit.end].lemma in words().treaties

    def bygone(hit: Hit) -> bool:
        return hit.kind in ADJECTIVES and hit.end < len(sentence) and sentence[hit.end].lemma in words().bygone

    return [hit for hit in hits if not money(hit) and not signed(hit) and not bygone(hit)]


def _unpersonal(names: Names, people: Sequence[Person]) -> Names:
    """The names without those that are part of a person's: Куба in Мартин Куба, Сальвадор in Сальвадор Дали."""

    def personal(hit: Hit) -> bool:
        return hit.kind in GEOGRAPHIC and any(
            p.start <= hit.start and hit.end <= p.end and hit.end - hit.start < p.end - p.start for p in people
        )

    kept = [hit for hit in names.hits if not personal(hit)]
    return names if len(kept) == len(names.hits) else Names.of(kept)


def geographic_code(hit: Hit) -> str:
    """The state that a name stands for or lies in, empty where none."""
    return hit.code if hit.kind in GEOGRAPHIC or hit.kind in (Kind.ORGANIZATION, Kind.METONYM) else ""
