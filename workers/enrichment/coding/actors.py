"""From a noun phrase to the states that act in it.

A phrase resolves to its owner: "министр обороны России" is Russia, "посол Франции в Нигере" France, "власти Ирана"
Iran. Words without a state of their own are looked for in what was said before (references.py). `mentioned` asks less:
any state that the phrase names.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.mentions import Mentions
from workers.enrichment.coding.naming import CLAUSES, SELF_NAMED, TITLES, Namer, actor_of, unique
from workers.enrichment.coding.nominative import base_office
from workers.enrichment.coding.persons import Person
from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES, Modifier, modifiers
from workers.enrichment.coding.references import POSTS, described, post, pronoun, spoken_of
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Hit, Kind

_DEPTH = 6


class Resolver(Namer):
    """Resolves the phrases of one article against its mentions and its discourse."""

    def __init__(self, mentions: Mentions, discourse: Discourse) -> None:
        super().__init__(mentions)
        self._discourse = discourse

    def owner(
        self,
        sentence: Sentence,
        index: int,
        *,
        depth: int = 0,
        guess: bool = True,
        without: frozenset[str] = frozenset(),
    ) -> tuple[Actor, ...]:
        """Who acts in the phrase headed by `index`, its conjuncts included.

        `guess` lets the discourse answer; what it answers is none of the states `without`.
        """
        found = list(self._one(sentence, index, depth, guess, without))
        if depth < _DEPTH:
            for child in sentence.children(index):
                token = sentence[child]
                if token.pos in ("NOUN", "PROPN", "PRON", "X", "ADJ") and self._coordinated(sentence, index, child):
                    found += self.owner(sentence, child, depth=depth + 1, guess=guess, without=without)
        return unique(found)

    def of(self, sentence: Sentence, index: int) -> tuple[Actor, ...]:
        """The states that modify the noun `index`: "российский удар", "визит Путина". Nothing is guessed."""
        return self._modifiers(sentence, index, index + 1, index, 0)

    def offices(self, sentence: Sentence, index: int) -> Iterator[tuple[str, Actor]]:
        """The roles held at the token `index`, with who holds them, as far as the sentence itself tells."""
        person = self._mentions.person(sentence.index, index)
        if person is not None and person.start == index and person.role in POSTS and person.code:
            yield person.role, Actor(person.code, person.sector, person.name, person.office, index, "memory")
        for hit in self._mentions.names[sentence.index].at.get(index, ()):
            if hit.kind in (Kind.OFFICE, Kind.BODY) and hit.start == index:
                owners = self._modifiers(sentence, hit.start, hit.end, index, _DEPTH)
                if len(owners) == 1:
                    yield post(hit), _with_title(owners[0], hit, sentence, hit.start, hit.end)

    @staticmethod
    def _coordinated(sentence: Sentence, index: int, child: int) -> bool:
        """Whether `child` is a conjunct of `index` in one clause: no verb between them, no а or но."""
        if sentence[child].rel != "conj" or child < index:
            return False
        if any(sentence[c].lemma in ("а", "но") for c in sentence.children(child)):
            return False
        if child + 1 < len(sentence) and sentence[child + 1].text in ("—", "–"):
            return False  # "помог Казахстану, Узбекистан — Таджикистану"
        return not any(t.feats.get("VerbForm") == "Fin" for t in sentence.tokens[index:child])

    def _one(
        self, sentence: Sentence, index: int, depth: int, guess: bool, without: frozenset[str]
    ) -> tuple[Actor, ...]:
        token, names = sentence[index], self._mentions.names[sentence.index]
        person = self._mentions.person(sentence.index, index)
        if person is not None:
            return self._of_person(sentence, person, depth, guess, without)
        hits = names.at.get(index, ())
        plain = tuple(h for h in hits if h.kind in SELF_NAMED and h.code)
        if plain:
            society = next((h for h in plain if h.sector == "NGO"), None)  # "Египетский Красный Полумесяц"
            national = self._modifiers(sentence, society.start, society.end, index, depth) if society else ()
            return national or tuple(actor_of(h, index) for h in plain)
        if token.pos == "ADJ" and names.kind(index, ADJECTIVES) and not any(h.kind in TITLES for h in hits):
            return tuple(actor_of(h, index) for h in names.kind(index, ADJECTIVES))
        group = next((h for h in hits if h.kind is Kind.GROUP), None)
        if group is not None:
            return ()
        title = next((h for h in hits if h.kind in TITLES), None)
        if title is not None and title.code:
            return (actor_of(title, index),)
        if token.lemma in words().both:
            return spoken_of(self._discourse.parties(without), index) if guess else ()
        if token.pos == "PRON" or token.lemma in words().they:
            return pronoun(self._discourse, token, without) if guess else ()
        holders = [
            p for p in self._mentions.people[sentence.index] if title is not None and p.office_start == title.start
        ]
        if any(p.code for p in holders):
            return unique(a for p in holders for a in self._of_person(sentence, p, depth, guess, without))
        start, end = (title.start, title.end) if title is not None else (index, index + 1)
        owners = self._modifiers(sentence, start, end, index, depth, without)
        if owners:
            return tuple(_with_title(o, title, sentence, start, end) for o in owners)
        if listed := self._enumerated(sentence, index, depth):
            return listed
        return described(self._discourse, sentence, token, title, without) if guess else ()

    def _enumerated(self, sentence: Sentence, index: int, depth: int) -> tuple[Actor, ...]:
        """Who is told after a colon: "прибыли гости: президент Чада и король Лесото"."""
        if depth or index + 1 >= len(sentence) or sentence[index + 1].text != ":":
            return ()
        told = (c for c in sentence.children(index) if c > index and sentence[c].rel in ("parataxis", "appos"))
        return next((found for c in told if (found := self.owner(sentence, c, depth=1, guess=False))), ())

    def _of_person(
        self, sentence: Sentence, person: Person, depth: int, guess: bool, without: frozenset[str]
    ) -> tuple[Actor, ...]:
        if person.code:
            via = "name" if person.source == "grammar" else "memory"
            return (Actor(person.code, person.sector, person.name, person.office, person.start, via),)
        if depth < _DEPTH and person.office_start >= 0:
            office = sentence[person.office_start]
            hit = next(
                (h for h in self._mentions.names[sentence.index].at.get(office.index, ()) if h.kind is Kind.OFFICE),
                None,
            )
            if hit is not None and guess:
                return described(self._discourse, sentence, office, hit, without)
        return ()

    def _modifiers(
        self, sentence: Sentence, start: int, end: int, head: int, depth: int, without: frozenset[str] = frozenset()
    ) -> tuple[Actor, ...]:
        names = self._mentions.names[sentence.index]
        taken = self._mentions.person_tokens[sentence.index]
        linear = modifiers(sentence, names, start, end, persons=taken)
        if linear:
            return unique(_of_modifier(m) for m in linear)
        if depth >= _DEPTH:
            return ()
        if (whose := self._whose(sentence, head)) is not None:
            return self.owner(sentence, whose, depth=depth + 1, guess=False, without=without)
        lemma = sentence[head].lemma
        envoy = lemma in words().envoys
        for inside in range(start, end):
            for child in sentence.children(inside):
                token = sentence[child]
                if start <= child < end or token.rel in CLAUSES or token.pos in ("ADP", "PUNCT", "CCONJ"):
                    continue
                preposition = sentence.preposition(child)
                if token.lemma in words().neighbour | words().own:
                    continue
                if token.rel in ("amod", "det") and names.kind(child, ADJECTIVES):
                    return tuple(actor_of(h, child) for h in names.kind(child, ADJECTIVES))
                genitive = not preposition and (token.case == "Gen" or token.rel in ("appos", "flat", "flat:name"))
                origin = preposition in ("из", "от", "со стороны", "под") or (
                    preposition == "в" and not envoy and lemma in words().people and bool(names.kind(child, ACTORS))
                )
                if (genitive or origin) and token.rel not in ("conj",):
                    meant = token.lemma in words().people | words().countries or self._both(sentence, child)
                    found = self.owner(sentence, child, depth=depth + 1, guess=meant, without=without)
                    if found:
                        return found
        return ()

    @staticmethod
    def _whose(sentence: Sentence, index: int) -> int | None:
        """The noun that чей refers to: Чад in "Чад, чьи солдаты ушли", None without чей."""
        if any(sentence[c].lemma == "чей" for c in sentence.children(index)):
            return next((sentence[i].head for i in sentence.ancestors(index) if sentence[i].rel == "acl:relcl"), None)
        return None

    @staticmethod
    def _both(sentence: Sentence, index: int) -> bool:
        """Whether both parties are spoken of: "шаги обеих сторон"."""
        return sentence[index].lemma in words().parties and any(
            sentence[c].lemma in words().both for c in sentence.children(index)
        )


def _of_modifier(modifier: Modifier) -> Actor:
    return Actor(modifier.hit.code, modifier.hit.sector, token=modifier.token, via="grammar")


def _with_title(actor: Actor, title: Hit | None, sentence: Sentence, start: int, end: int) -> Actor:
    if title is None or actor.name:
        return actor
    office = base_office(sentence, start, end) if title.kind is Kind.OFFICE and not title.plural else ""
    return Actor(actor.code, title.sector or actor.sector, actor.name, office, actor.token, actor.via)
