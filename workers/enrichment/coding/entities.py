"""The entities of an article: what it names and where, for who reads the coded article rather than the tables.

Beside the mentions that the coder works with these hold what plays no part in events: the states inside the names of
bodies and organizations (Банк России), and professions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from models.coded import Entity, EntityKind
from models.states import states
from workers.enrichment.coding.mentions import Mentions
from workers.enrichment.coding.phrases import Names, modifiers
from workers.enrichment.document import Sentence
from workers.enrichment.russian.calendar import calendar
from workers.enrichment.russian.lexicon import Guard, Hit, Kind, lexicon, professions

_STATES = frozenset(
    {Kind.NOUN, Kind.ADJECTIVE, Kind.DEMONYM, Kind.ABBREVIATION, Kind.COMBINING, Kind.FORMER, Kind.RELATED}
)
_PLACES = frozenset({Kind.CAPITAL, Kind.CITY, Kind.REGION})
_ORGANIZATIONS = frozenset({Kind.ORGANIZATION, Kind.METONYM, Kind.BODY, Kind.SEAT})
_OFFICES = frozenset({Kind.OFFICE, Kind.RANK, Kind.PROFESSION})
_OWNED = frozenset({Kind.BODY, Kind.OFFICE})
"""Kinds that belong to the state that the words around them name."""
_HOLDERS = frozenset({Kind.ORGANIZATION, Kind.BODY, Kind.OFFICE})
"""Kinds whose names may hold the name of a state."""


def entities(mentions: Mentions) -> tuple[Entity, ...]:
    """The entities of the article's text in its order. The title's are not told: offsets count in the text."""
    found = {(e.start, e.end, e.kind, e.country): e for e in _entities(mentions)}
    return tuple(sorted(found.values(), key=lambda e: (e.start, e.end, e.kind, e.country or "")))


def _entities(mentions: Mentions) -> Iterator[Entity]:
    text = mentions.document.text
    for sentence in mentions.document.sentences:
        if sentence.part != "text":
            continue
        names, persons = mentions.names[sentence.index], mentions.person_tokens[sentence.index]
        words = [token.text for token in sentence]
        for hit in (*names.hits, *_inside(names.hits, words), *_professions(names, words, persons)):
            kind = _kind(hit)
            if kind is None or (kind is EntityKind.OFFICE and _thing(sentence, hit)):
                continue
            code = hit.code
            if not code and hit.kind in _OWNED:
                owners = modifiers(sentence, names, hit.start, hit.end, persons=persons)
                code = owners[0].hit.code if owners else ""
            start, end = _span(sentence, hit.start, hit.end)
            yield Entity(
                kind=kind, text=text[start:end], start=start, end=end,
                country=code if code and hit.kind is not Kind.GROUP else None, name=hit.entry.name,
                sector=hit.sector or None,
            )  # fmt: skip
        for person in mentions.people[sentence.index]:
            start, end = _span(sentence, person.start, person.end)
            yield Entity(
                kind=EntityKind.PERSON, text=text[start:end], start=start, end=end, country=person.code or None,
                name=person.name, office=person.office or None, sector=person.sector or None,
            )  # fmt: skip
        for date in mentions.document.dates_in(sentence.index):
            start, end = _span(sentence, _date_start(sentence, date.start), date.end)
            yield Entity(kind=EntityKind.DATE, text=text[start:end], start=start, end=end, date=date.date)


def _span(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    return sentence[start].start, sentence[end - 1].end


def _date_start(sentence: Sentence, start: int) -> int:
    """Where a date begins with the part of it that is meant: в начале мая, в конце 2017 года."""
    return start - calendar().has("part", sentence[start - 1].text.lower() if start else "")


def _kind(hit: Hit) -> EntityKind | None:
    if hit.kind in _STATES:
        union = hit.code in states() and states()[hit.code].standing == "union"
        return EntityKind.ORGANIZATION if union else EntityKind.STATE
    if hit.kind is Kind.TERRITORY:
        return EntityKind.STATE if hit.entry.note == "statehood" else EntityKind.PLACE
    if hit.kind in _PLACES:
        return EntityKind.PLACE
    if hit.kind in _ORGANIZATIONS:
        return EntityKind.ORGANIZATION
    return EntityKind.OFFICE if hit.kind in _OFFICES else None


def _inside(hits: Sequence[Hit], words: Sequence[str]) -> Iterator[Hit]:
    """The states named inside longer names: Россия in Банк России, российский in Российская академия наук."""
    for hit in hits:
        if hit.kind not in _HOLDERS or hit.end - hit.start < 2:
            continue
        for begin, end in ((hit.start, hit.start + 1), (hit.start + 1, hit.end)):
            for inner in lexicon().match(words[begin:end]):
                if inner.kind in _STATES and inner.entry.guard is Guard.NONE:
                    yield Hit(begin + inner.start, begin + inner.end, inner.entry, inner.grammemes)


def _professions(names: Names, words: Sequence[str], persons: frozenset[int]) -> Iterator[Hit]:
    """The professions that are no part of another name or of a person's; of солдат-срочник either half tells."""
    found = professions().match(words)
    held = {i for hit in found for i in range(hit.start, hit.end)}
    for index, word in enumerate(words):
        if "-" in word.strip("-") and index not in held and not word.isupper():
            halves = [
                h for half in word.split("-") for known in (professions(), lexicon()) for h in known.match([half])
            ]
            found += [replace(h, start=index, end=index + 1) for h in halves if h.kind in _OFFICES][:1]
    for hit in found:
        covered = range(hit.start, hit.end)
        if not any(i in persons or names.kind(i, _OFFICES) for i in covered):
            yield hit


def _thing(sentence: Sentence, hit: Hit) -> bool:
    """Whether an office's word is read as another word here: о политике, премьера фильма."""
    token = sentence[hit.start]
    return hit.end - hit.start == 1 and token.pos == "NOUN" and token.feats.get("Animacy") == "Inan"
