"""What tokens and phrases name by themselves: states, persons, titles. Whose a phrase is, actors.py says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.mentions import PRESS, Mentions, geographic_code
from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Hit, Kind, lexicon

TITLES = frozenset({Kind.OFFICE, Kind.BODY, Kind.RANK})
CLAUSES = frozenset({"acl", "acl:relcl", "advcl", "ccomp", "csubj", "parataxis", "orphan"})
_LOCATIVE = frozenset({"в", "на", "под", "близ", "у", "возле", "около", "над"})
_PLACES = frozenset({Kind.CAPITAL, Kind.CITY, Kind.REGION, Kind.TERRITORY, Kind.NOUN, Kind.ABBREVIATION})
_FIXED = frozenset({"CENTRASIA", "BALTICS", "SCAUCASUS", "V4", "KOREAS", "BENELUX"})
"""Groups whose few members everyone knows, so that who says the group says each of them."""
_AGAINST = "анти"
SELF_NAMED = ACTORS | {Kind.DEMONYM, Kind.CITY, Kind.REGION}


class Namer:
    """What the phrases of one article name."""

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions

    def is_person(self, sentence: Sentence, index: int) -> bool:
        """Whether the token belongs to a person's name."""
        return self._mentions.person(sentence.index, index) is not None

    def case(self, sentence: Sentence, index: int) -> str:
        """The case of a phrase's head; of a person's name that of its last word, as given names are often misread."""
        person = self._mentions.person(sentence.index, index)
        return sentence[person.end - 1 if person is not None else index].case

    def is_state(self, sentence: Sentence, index: int) -> bool:
        """Whether the token names a state itself."""
        return bool(self._mentions.names[sentence.index].kind(index, ACTORS))

    def can_act(self, sentence: Sentence, index: int) -> bool:
        """Whether the phrase's head is a state, a title or a person, and not a thing of theirs."""
        names = self._mentions.names[sentence.index]
        return bool(names.kind(index, SELF_NAMED | TITLES)) or self._mentions.person(sentence.index, index) is not None

    def by_adjective(self, sentence: Sentence, index: int) -> tuple[Actor, ...]:
        """The states of the adjectives of a noun alone: "российские удары по городам"."""
        names = self._mentions.names[sentence.index]
        found = (
            hit for c in sentence.children(index) if sentence[c].rel == "amod" for hit in names.kind(c, ADJECTIVES)
        )
        return tuple(actor_of(hit, hit.start) for hit in found)

    @staticmethod
    def opposed(sentence: Sentence, index: int) -> tuple[Actor, ...]:
        """The states that adjectives of a noun are against: "антироссийские санкции"."""
        against = (sentence[c] for c in sentence.children(index) if sentence[c].text.lower().startswith(_AGAINST))
        return tuple(
            actor_of(hit, token.index)
            for token in against
            for hit in lexicon().match([token.text.lower().removeprefix(_AGAINST).lstrip("-")])
            if hit.kind in ADJECTIVES
        )

    def named(self, sentence: Sentence, index: int) -> tuple[Actor, ...]:
        """The states that the token `index` begins to name; none where a newspaper or an agency only reports."""
        person = self._mentions.person(sentence.index, index)
        if person is not None:
            return tuple(a for a, _ in self._named(sentence, index)) if person.start == index else ()
        starts = any(h.start == index for h in self._mentions.names[sentence.index].at.get(index, ()))
        return tuple(a for a, _ in self._named(sentence, index) if a.sector != PRESS) if starts else ()

    def within(self, sentence: Sentence, index: int, *, aside: set[int], without: frozenset[str]) -> tuple[Actor, ...]:
        """The states named below `index`, clauses included, but for the tokens `aside`; those after it first."""
        found: list[tuple[int, Actor]] = []
        for i in sentence.subtree(index):
            if i in aside or i == index:
                continue
            for actor, place in self._named(sentence, i):
                if actor.code not in without and not place and not is_topic(sentence, i):
                    found.append((abs(i - index) if i > index else 100 + index - i, actor))
        return unique(actor for _, actor in sorted(found, key=lambda pair: pair[0]))

    def mentioned(self, sentence: Sentence, index: int, *, without: frozenset[str] = frozenset()) -> tuple[Actor, ...]:
        """The states named anywhere in the phrase headed by `index`, nearest its head first; places last."""
        near: list[Actor] = []
        far: list[Actor] = []
        for i in sorted(self.phrase(sentence, index), key=lambda i: (abs(i - index), i)):
            for actor, place in self._named(sentence, i):
                if actor.code not in without and not is_topic(sentence, i):
                    (far if place else near).append(actor)
        return unique(near or far)

    def members(self, sentence: Sentence, index: int) -> tuple[Actor, ...]:
        """The states of a group of fixed membership that the phrase names: "лидеры стран Балтии"."""
        names = self._mentions.names[sentence.index]
        day = self._mentions.document.published.isoformat()
        for i in sorted(self.phrase(sentence, index)):
            for hit in names.at.get(i, ()):
                if hit.code in _FIXED:
                    states = sorted(lexicon().members(hit.code, day))
                    return tuple(Actor(code, "GOV", token=i, via="grammar") for code in states)
        return ()

    @staticmethod
    def phrase(sentence: Sentence, index: int) -> tuple[int, ...]:
        """The tokens of a phrase: the subtree without clauses hanging on it."""
        return sentence.remembered("phrase", index, _phrase)

    def _named(self, sentence: Sentence, index: int) -> Iterator[tuple[Actor, bool]]:
        """The states that one token names, each with whether it is only a place there."""
        person = self._mentions.person(sentence.index, index)
        if person is not None and person.code:
            yield Actor(person.code, person.sector, person.name, person.office, index, "memory"), False
            return
        for hit in self._mentions.names[sentence.index].at.get(index, ()):
            code = geographic_code(hit) or (hit.code if hit.kind is Kind.BODY else "")
            if code and hit.kind is not Kind.GROUP:
                case, preposition = sentence[index].case, sentence.preposition(index)
                place = hit.kind in _PLACES and (
                    case == "Loc" or (preposition in _LOCATIVE and case != "Acc") or (not case and preposition == "в")
                )
                yield actor_of(hit, index), place


def _phrase(sentence: Sentence, index: int) -> tuple[int, ...]:
    found, open_, seen = [], [index], {index}
    while open_:
        current = open_.pop()
        found.append(current)
        for child in sentence.children(current):
            if child not in seen and sentence[child].rel not in CLAUSES:
                seen.add(child)
                open_.append(child)
    return tuple(found)


def is_topic(sentence: Sentence, index: int) -> bool:
    """Whether a place is only spoken of: "кризис в Венесуэле", "конференция по Сирии"."""
    preposition, head = sentence.preposition(index), sentence[index].head
    above = sentence[head].lemma if head >= 0 else ""
    if preposition in ("в", "на"):
        return sentence[index].case == "Loc" and above in words().troubles
    return preposition == "по" and sentence[index].case == "Dat" and above in words().forums


def unique(actors: Iterable[Actor]) -> tuple[Actor, ...]:
    """One actor a state, in order; of two the one that says more."""
    found: dict[str, Actor] = {}
    for actor in actors:
        held = found.get(actor.code)
        if held is None or (not held.name and actor.name):
            found[actor.code] = actor
    return tuple(found.values())


def actor_of(hit: Hit, token: int) -> Actor:
    """The actor that a name stands for."""
    return Actor(hit.code, hit.sector, token=token)
