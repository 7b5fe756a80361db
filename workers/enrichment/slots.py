"""Filling a frame's slots: which dependents stand where a frame looks, and which states they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from models.coded import Quad
from models.ontology import ontology
from workers.enrichment.actors import Resolver, unique
from workers.enrichment.discourse import Actor
from workers.enrichment.document import Sentence
from workers.enrichment.frames import ANIMATE, ANY, PERSON, Frame, Need, Slot, frames
from workers.enrichment.grammar import words
from workers.enrichment.phrases import ACTORS, STATES, Names, coordinated
from workers.enrichment.predicates import Argument, agree, arguments, is_infinitive, is_verbal
from workers.enrichment.russian.lexicon import Kind
from workers.enrichment.speech import impersonal, speakers
from workers.enrichment.status import negated
from workers.enrichment.triggers import Trigger, carriers_below

_PLACES = ACTORS | {Kind.CITY, Kind.REGION}


class View:
    """A trigger's arguments as a frame sees them."""

    def __init__(self, sentence: Sentence, names: Names, resolver: Resolver, trigger: Trigger, frame: Frame) -> None:
        self.sentence, self.names, self.resolver, self.trigger, self.frame = sentence, names, resolver, trigger, frame
        control = words().control
        self.hostile = hostile_acts()
        self.own = arguments(sentence, trigger.token, control, reflexive=trigger.reflexive)
        self.support = (
            tuple(a for a in arguments(sentence, trigger.support, control) if a.token != trigger.token)
            if trigger.support is not None
            else ()
        )
        self.support += tuple(
            a for inner in carriers_below(sentence, trigger.token, frame) if inner != trigger.support
            for a in arguments(sentence, inner, control) if a.token != trigger.token
        )  # fmt: skip
        self.nominal = sentence[trigger.token].pos in ("NOUN", "PROPN")

    def tokens(self, slot: Slot) -> list[int]:
        """The heads of the phrases in a slot."""
        if slot.name == "subj":
            return self._agents()
        if slot.name == "obj":
            return self._patients()
        case = {"dat": "Dat", "ins": "Ins", "gen": "Gen"}.get(slot.name, slot.case)
        if slot.name == "topic":
            return [c for c in self.sentence.children(self.trigger.token) if self.sentence[c].rel.startswith("nsubj")]
        if slot.name in ("dat", "ins", "gen", "prep"):
            found = [
                a.token for a in (*self.own, *self._lent())
                if a.preposition == slot.preposition and self._marked(a, case)
            ]  # fmt: skip
            return found or self._deeper(slot, case)
        return []

    def _marked(self, argument: Argument, case: str) -> bool:
        """Whether the argument stands in a case; of names whose forms fall together the lexicon knows the cases."""
        uninflected = not argument.case and bool(argument.preposition)
        if argument.slot == "other" and (not case or argument.case == case or uninflected):
            return True
        if case != "Dat" or argument.preposition:
            return False
        if self.nominal and self.frame.gen == "source" and argument.case == "Gen":
            return False
        hits = self.names.kind(argument.token, STATES)
        sure = bool(hits) and argument.case not in hits[0].cases
        return any("Dat" in h.cases for h in hits) and (sure or argument.slot == "other" or not argument.case)

    def _deeper(self, slot: Slot, case: str) -> list[int]:
        """Phrases so marked that hang on other words of the clause: "по телефону с президентом", "помощь Сомали"."""
        top = (
            self.trigger.token
            if self.trigger.relation != "plain" or self.trigger.support is None
            else self.trigger.support
        )
        found = [i for i in self.resolver.phrase(self.sentence, top) if i != self.trigger.token]
        if slot.name == "dat":
            return [
                i
                for i in found
                if (self.sentence[i].rel == "iobj" or self.sentence[i].case == "Dat")
                and not self.sentence.preposition(i)
                and any("Dat" in h.cases for h in self.names.kind(i, STATES))
            ]
        if slot.preposition in words().partner_prepositions:
            return [
                i for i in found if self.sentence.preposition(i) == slot.preposition and self.sentence[i].case == case
            ]
        return [
            i for i in found
            if case != "Loc" and self.sentence.preposition(i) == slot.preposition and self.names.kind(i, STATES)
            and self.sentence[i].case in ("", case)
        ]  # fmt: skip

    def actors(self, slot: Slot, *, target: bool, without: frozenset[str] = frozenset()) -> tuple[Actor, ...]:
        """The states in a slot. A target may be named anywhere in its phrase, a source must own it."""
        if slot.name == "speaker":
            return speakers(self.sentence, self.names, self.resolver, self.trigger.token)
        if slot.name == "place":
            return self._place()
        if slot.name == "any":
            return self._anywhere(without)
        found: list[Actor] = []
        borrowed = self.trigger.relation == "plain" and any(a.slot == "agent" for a in self.support)
        if slot.name == "subj" and self.nominal and self.frame.gen != "target":
            if self.frame.symmetric or not borrowed:
                found += self.resolver.of(self.sentence, self.trigger.token)
        elif slot.name == "obj" and self.nominal and self.frame.gen != "source":
            found += self.resolver.of(self.sentence, self.trigger.token)
        for token in self.tokens(slot) if not found or self.frame.symmetric or slot.name != "subj" else []:
            owners = self.resolver.owner(self.sentence, token, without=without)
            if not target:
                found += owners
                continue
            if self.sentence[token].lemma in self.hostile and not owners:
                continue  # "назвал удары по Ирану агрессией" is not against Iran
            sure = [a for a in owners if a.via != "discourse" and a.code not in without]
            found += (
                sure
                or self.resolver.mentioned(self.sentence, token, without=without)
                or [a for a in owners if a.code not in without]
            )
        if slot.name == "subj" and not found and (body := self._body()) is not None:
            found += self.resolver.owner(self.sentence, body)
        return unique(found)

    def satisfied(self) -> bool:
        """Whether the frame's needs hold: all of them, those marked or: with self as one."""
        alternatives = [n for n in self.frame.needs if n.alternative]
        selves = [n for n in self.frame.needs if any(s.name == "self" for s in n.slots) and not n.negated]
        group = [*alternatives, *selves] if alternatives else []
        if group and not any(self._holds(n) for n in group):
            return False
        return all(self._holds(n) != n.negated for n in self.frame.needs if n not in group)

    def _holds(self, need: Need) -> bool:
        return any(need.words == ANY or lemma in need.words for slot in need.slots for lemma in self._lemmas(slot))

    def _lemmas(self, slot: Slot) -> Iterator[str]:
        sentence, token = self.sentence, self.trigger.token
        match slot.name:
            case "self":
                yield sentence[token].lemma
            case "neg":
                if negated(sentence, token):
                    yield "не"
            case "light":
                if self.trigger.support is not None:
                    yield sentence[self.trigger.support].lemma
            case "fut":
                if sentence[token].feats.get("Tense") == "Fut":
                    yield "будет"
            case "pred":
                yield from (sentence[c].lemma for c in sentence.children(token) if sentence[c].rel.startswith("nsubj"))
            case "inf":
                yield from (sentence[c].lemma for c in sentence.children(token) if is_infinitive(sentence[c]))
            case "adj":
                yield from (sentence[c].lemma for c in sentence.children(token) if sentence[c].rel in ("amod", "acl"))
            case "any":
                for top in {token, self.trigger.support if self.trigger.support is not None else token}:
                    yield from (sentence[i].lemma for i in sentence.subtree(top) if i != token)
            case _:
                yield from self._phrase_lemmas(slot)

    def _phrase_lemmas(self, slot: Slot) -> Iterator[str]:
        """The heads of the phrases in a slot with the words that hang on them; markers for persons and the animate."""
        sentence, tokens = self.sentence, self.tokens(slot)
        if slot.name == "obj" and self.nominal:
            tokens = tokens or self._chain()
        elif slot.name == "obj":
            tokens = tokens + [a.token for a in self.own if not a.preposition and a.case == "Gen"]
        for found in tokens:
            yield sentence[found].lemma
            if self.resolver.is_person(sentence, found):
                yield PERSON
            if sentence[found].feats.get("Animacy") == "Anim":
                yield ANIMATE
            yield from (
                sentence[c].lemma for c in sentence.children(found)
                if sentence[c].rel not in ("acl", "acl:relcl", "punct", "case")
            )  # fmt: skip
            if sentence[found].pos == "NUM" and 0 <= sentence[found].head < len(sentence):
                yield sentence[sentence[found].head].lemma

    def _chain(self) -> list[int]:
        """The genitives right after a noun whose tree lost them."""
        index = self.trigger.token + 1
        found: list[int] = []
        while index < len(self.sentence) and self.sentence[index].case == "Gen" and len(found) < 4:
            found.append(index)
            index += 1
        return found

    def _agents(self) -> list[int]:
        if not self.nominal:
            return [a.token for a in self.own if a.slot == "agent"] or self._named_subject()
        own = [a.token for a in self.own if (not a.preposition and a.case == "Ins") or a.preposition == "со стороны"]
        if self.frame.gen != "target":
            own += self._genitives()
        lent = (
            [a.token for a in self.support if a.slot == "agent"]
            if self.trigger.relation in ("plain", "setting", "existential")
            else []
        )
        if self.frame.symmetric:
            return own + lent
        return lent if self.trigger.relation == "plain" and lent else own or lent

    def _genitives(self) -> list[int]:
        """The bare genitives of a noun, also those that the parser made its conjuncts: "встреча A, B и главы C"."""
        sentence, token = self.sentence, self.trigger.token
        found = [
            a.token for a in self.own if not a.preposition and "Gen" in (a.case, self.resolver.case(sentence, a.token))
        ]
        if found and sentence[token].case != "Gen":
            found += [c for c in sentence.children(token) if sentence[c].rel == "conj" and sentence[c].case == "Gen"]
        return found

    def _named_subject(self) -> list[int]:
        """A state's name beside an active verb that can be its subject by form: "помощь оказал Катар"."""
        verb = self.sentence[self.trigger.token]
        if verb.feats.get("VerbForm") != "Fin" or self.trigger.reflexive:
            return []
        return [
            a.token for a in self.own
            if not a.preposition and a.slot != "agent" and agree(verb, self.sentence[a.token])
            and any("Nom" in h.cases and "Dat" not in h.cases for h in self.names.kind(a.token, STATES))
        ][:1]  # fmt: skip

    def _patients(self) -> list[int]:
        if self.trigger.relation == "inverse":
            return [a.token for a in self.support if a.slot in ("agent", "patient")]
        if not self.nominal:
            return [a.token for a in self.own if a.slot == "patient"]
        own = self._genitives() if self.frame.gen != "source" else []
        lent = [a.token for a in self.support if a.slot == "patient"] if self.trigger.relation == "plain" else []
        return own or lent

    def _lent(self) -> Iterable[Argument]:
        return self.support if self.trigger.relation in ("plain", "setting", "existential") else ()

    def _body(self) -> int | None:
        verb = self.trigger.token if is_verbal(self.sentence[self.trigger.token]) else self.trigger.support
        if verb is None or self.trigger.relation in ("existential", "inverse"):
            return None
        return impersonal(self.sentence, self.names, verb)

    def _place(self) -> tuple[Actor, ...]:
        for i, token in enumerate(self.sentence):
            for hit in self.names.kind(i, _PLACES):
                if hit.start == i and token.case == "Loc" and self.sentence.preposition(i) in ("в", "на"):
                    return (Actor(hit.code, "CVL", token=i, via="grammar"),)
        for i, token in enumerate(self.sentence):
            if token.pos == "NOUN" and token.case == "Loc" and self.sentence.preposition(i) in ("в", "на"):
                for owner in self.resolver.of(self.sentence, i):
                    return (Actor(owner.code, "CVL", token=i, via="grammar"),)
        return ()

    def _anywhere(self, without: frozenset[str]) -> tuple[Actor, ...]:
        tops = [self.trigger.token, *([self.trigger.support] if self.trigger.support is not None else [])]
        aside = {
            t
            for slot in self.frame.source
            if slot.name == "subj"
            for a in self.tokens(slot)
            for t in self.sentence.subtree(a)
            if a not in self.sentence.ancestors(self.trigger.token)
        }
        for top in tops:
            found = self.resolver.within(self.sentence, top, aside=aside, without=without)
            if found:
                return found if self.frame.symmetric else self._listed(found)
        return ()

    def _listed(self, found: tuple[Actor, ...]) -> tuple[Actor, ...]:
        """The first, and those in one list with it: "между Венесуэлой и Гайаной"."""
        tokens = {m.token for m in coordinated(self.sentence, self.names, found[0].token)}
        return tuple(a for a in found if a is found[0] or a.token in tokens)


@cache
def hostile_acts() -> frozenset[str]:
    """Nouns of force and penalties: the state named after them with по, на or против is their victim."""
    return frozenset(
        noun for noun, held in frames().by_noun.items()
        if any(f.gen == "source" and ontology().quads[f.type] is Quad.MATERIAL_CONFLICT for f in held)
    )  # fmt: skip
