"""Who is who: persons with office, sector and state, from the article itself first, from the table of leaders last.

Token grammar: OFFICE + (adjective | genitive chain) + rank* + PERSON, contiguous, or PERSON, OFFICE ... after a comma.
Under a plural office k states and k names pair up in order. What one sentence says of a surname holds in all others;
spellings that differ in a letter are one surname.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from workers.enrichment.coding.attachments import two_leaders
from workers.enrichment.coding.name_spans import name_spans
from workers.enrichment.coding.nominative import base_name, base_office, is_nominative
from workers.enrichment.coding.offices import closed_up, head_of, office_after, office_before, paired, states_between
from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES, Modifier, Names, modifiers
from workers.enrichment.coding.surnames import same_surname
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Hit, PersonHit, leaders

_LONG = 5
"""Letters of a surname that is hardly another word."""


class Person(Struct, frozen=True):
    """A person's name in a sentence, `tokens[start:end]`, and what is known of its bearer.

    `office` is as the article words it, its head in the nominative; `role` the lexicon's; `code` the state's or the
    organization's.
    `source` says whence: grammar, memory or leaders. `name` is in the nominative, `certain` if the text has it so.
    """

    sentence: int
    start: int
    end: int
    name: str
    surname: str
    code: str = ""
    sector: str = ""
    role: str = ""
    office: str = ""
    source: str = ""
    office_start: int = -1
    certain: bool = False


def persons(
    sentences: Sequence[Sentence], names: Mapping[int, Names], led: Mapping[int, Sequence[PersonHit]], day: str, *,
    former: frozenset[str] = frozenset(),
) -> Mapping[int, tuple[Person, ...]]:  # fmt: skip
    """Every person by sentence. `led` are the names of leaders, `day` is the article's day.

    `former` are the states whose former leaders a surname alone may mean too: an old article does not say its day.
    """
    spans = {s.index: [p for found in name_spans(s, names[s.index]) for p in _parted(s, found)] for s in sentences}
    for s in sentences:
        spans[s.index] = sorted([*spans[s.index], *_untagged(s, names[s.index], spans[s.index], led[s.index], day)])
    introduced = {
        s.index: [_spelt(p, led[s.index]) for p in _introductions(s, names[s.index], spans[s.index], led[s.index])]
        for s in sentences
    }
    memory = Memory([p for found in introduced.values() for p in found])
    result: dict[int, tuple[Person, ...]] = {}
    for sentence in sentences:
        known = [memory.recall(p) for p in introduced[sentence.index]]
        known += _bare_surnames(sentence, names[sentence.index], known, memory)
        known = [p if p.code else _led(p, led[sentence.index], day, former) for p in known]
        result[sentence.index] = tuple(sorted(known, key=lambda p: p.start))
    return result


def _parted(sentence: Sentence, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The span in two where it runs over two leaders' surnames: "с Путиным Макрон"."""
    start, end = span
    apart = end - start == 2 and sentence[start].case != sentence[start + 1].case
    if apart and two_leaders(sentence[start].text, sentence[start + 1].text):
        yield from ((start, start + 1), (start + 1, end))
    else:
        yield span


def _led(person: Person, hits: Iterable[PersonHit], day: str, former: frozenset[str]) -> Person:
    """The person with what the table of leaders says; a surname alone is only taken for one in office on the day."""
    for hit in hits:
        if hit.start < person.end and person.start < hit.end:
            term = leaders().latest(hit.terms, day)
            alone = len({t.code for t in hit.terms}) == 1 and hit.terms[0].code in former
            if term is not None and (hit.full or term.holds(day) or alone):
                return replace(
                    person,
                    code=term.code,
                    sector=person.sector or term.sector,
                    role=person.role or term.role,
                    source="leaders",
                )
    return person


def _untagged(
    sentence: Sentence, names: Names, spans: Iterable[tuple[int, int]], led: Iterable[PersonHit], day: str
) -> Iterator[tuple[int, int]]:
    """Surnames of leaders in office that the tagger took for other words: "Макрон дозвонился"."""
    taken = {i for start, end in spans for i in range(start, end)}
    for hit in led:
        token = sentence[hit.start]
        free = not names.at.get(hit.start) and not taken & set(range(hit.start, hit.end))
        if hit.end - hit.start > 1 or len(token.text) < _LONG or not free or not token.text[0].isupper():
            continue
        term = leaders().latest(hit.terms, day)
        if term is not None and term.holds(day) and len({t.code for t in hit.terms}) == 1:
            yield hit.start, hit.end


def _spelt(person: Person, hits: Iterable[PersonHit]) -> Person:
    """The person with the name as the table of leaders spells it, if the same name stands there."""
    for hit in hits:
        names = {t.name for t in hit.terms}
        if hit.full and hit.start <= person.start and person.end <= hit.end and len(names) == 1:
            name = next(iter(names))
            known = not person.code or any(t.code == person.code for t in hit.terms)
            if known and len(name.split()) == len(person.name.split()):
                return replace(person, name=name, certain=True)
    return person


class Memory:
    """What the article says of each surname, whichever sentence says it."""

    def __init__(self, introductions: Sequence[Person]) -> None:
        self._by: dict[str, Person] = {}
        for person in introductions:
            held = self._find(person.surname)
            if held is None:
                self._by[person.surname] = person
            elif (not held.code and person.code) or (held.code == person.code and not held.office and person.office):
                self._by[held.surname] = replace(person, surname=held.surname)
        for person in introductions:
            held = self._find(person.surname)
            if held is not None and _fuller(person, held):
                self._by[held.surname] = replace(held, name=person.name, certain=person.certain)

    def recall(self, person: Person) -> Person:
        """The person with what the article says of the surname elsewhere, where it says nothing here."""
        held = self._find(person.surname)
        if held is None or held is person:
            return person
        if person.code:
            return replace(person, name=held.name) if held.code == person.code else person
        return replace(
            person, code=held.code, sector=person.sector or held.sector, role=person.role or held.role,
            office=person.office or held.office, name=held.name, source="memory" if held.code else person.source,
        )  # fmt: skip

    def knows(self, surname: str) -> bool:
        """Whether the article names someone of this surname."""
        return self._find(surname) is not None

    def _find(self, surname: str) -> Person | None:
        return self._by.get(surname) or next((p for key, p in self._by.items() if same_surname(key, surname)), None)


def _fuller(one: Person, other: Person) -> bool:
    """Whether the first mention tells the name better: with more words, or with as many and in the nominative."""
    words, held = len(one.name.split()), len(other.name.split())
    if words == held and ("." in one.name) != ("." in other.name):
        return "." in other.name
    return words > held or (words == held and one.certain and not other.certain)


def _introductions(
    sentence: Sentence, names: Names, spans: list[tuple[int, int]], led: Sequence[PersonHit]
) -> list[Person]:
    taken = frozenset(i for start, end in spans for i in range(start, end))
    people = [_bare(sentence, start, end) for start, end in spans]
    for i, person in enumerate(people):
        if person.role:
            continue
        office = office_before(sentence, names, person.start, taken)
        if office is not None and _owned(sentence, office, person, led):
            continue
        if office is not None:
            group = _group(sentence, people, i) if office.plural else [i]
            states = modifiers(sentence, names, office.start, office.end, persons=taken)
            states = states or states_between(sentence, names, office.end, person.start)
            for place, j in enumerate(group):
                chosen = paired(states, place, len(group))
                people[j] = _with_office(sentence, people[j], office, chosen, person.start)
            continue
        after = office_after(sentence, names, person.end)
        if after is not None:
            states = modifiers(sentence, names, after.start, after.end, persons=taken)
            first = next(j for j in range(i + 1) if i in _group(sentence, people, j)) if after.plural else i
            for place, j in enumerate(range(first, i)):  # "Рубинян и Кылыч, представители Армении и Турции"
                if not people[j].code:
                    chosen = paired(states, place, i - first + 1)
                    people[j] = _with_office(sentence, people[j], after, chosen, after.end)
            if first < i:
                people[i] = _with_office(sentence, person, after, paired(states, i - first, i - first + 1), after.end)
                continue
            people[i] = _with_office(sentence, person, after, states[0] if states else None, after.end)
            continue
        before = names.kind(person.start - 1, ADJECTIVES | ACTORS) if person.start else ()
        if before and before[0].kind in ADJECTIVES:
            people[i] = replace(person, code=before[0].code, source="grammar")
    return people


def _owned(sentence: Sentence, office: Hit, person: Person, led: Sequence[PersonHit]) -> bool:
    """Whether the name is a genitive that says whose the office is: "помощник Путина"."""
    head = head_of(sentence, office)
    return (
        head >= 0
        and sentence[head].case not in ("Gen", "Acc")
        and any(hit.start < person.end and person.start < hit.end and hit.cases <= {"Gen", "Acc"} for hit in led)
    )


def _bare(sentence: Sentence, start: int, end: int) -> Person:
    tokens = sentence.tokens[start:end]
    surname = next((t for t in reversed(tokens) if t.feats.get("NameType") == "Sur"), tokens[-1])
    return Person(
        sentence.index, start, end, base_name(sentence, start, end), surname.lemma,
        certain=is_nominative(sentence, start, end),
    )  # fmt: skip


def _group(sentence: Sentence, people: Sequence[Person], first: int) -> list[int]:
    """The names of a list that begins at `first`: "Руслан Жаксылыков и Виктор Хренин"."""
    group = [first]
    for i in range(first + 1, len(people)):
        between = sentence.tokens[people[i - 1].end : people[i].start]
        if not between or any(t.lemma not in ("и", ",") for t in between):
            break
        group.append(i)
    return group


def _with_office(sentence: Sentence, person: Person, office: Hit, state: Modifier | None, end: int) -> Person:
    code = office.code or (state.hit.code if state else "")
    head = head_of(sentence, office) if office.end <= person.start and not office.plural else -1
    title, full = office.entry.name, closed_up(sentence, office)
    stop = max(office.end, min(end, person.start if office.start < person.start else end))
    if not office.plural:
        title = base_office(sentence, office.start, stop)
    return replace(
        person, code=code, sector=full.sector or (state.hit.sector if state else "") or "GOV", role=full.entry.role,
        office=title, source="grammar" if code else "", office_start=office.start,
        name=base_name(sentence, person.start, person.end, head),
        certain=is_nominative(sentence, person.start, person.end, head),
    )  # fmt: skip


def _bare_surnames(sentence: Sentence, names: Names, known: Sequence[Person], memory: Memory) -> list[Person]:
    """Surnames of known persons that the tagger missed."""
    taken = {i for p in known for i in range(p.start, p.end)}
    return [
        memory.recall(_bare(sentence, token.index, token.index + 1))
        for token in sentence
        if token.index not in taken
        and token.pos == "PROPN"
        and token.text[:1].isupper()
        and len(token.lemma) > 3
        and not names.at.get(token.index)
        and memory.knows(token.lemma)
    ]
