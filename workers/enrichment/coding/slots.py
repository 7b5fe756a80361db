"""Filling a frame's slots: which dependents stand where a frame looks, and which states they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property

from models.coded import Quad
from models.ontology import ontology
from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.agreement import uninflected
from workers.enrichment.coding.anywhere import anywhere, content
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.frames import Frame, Slot, frames
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.naming import unique
from workers.enrichment.coding.needs import satisfied
from workers.enrichment.coding.phrases import ACTORS, STATES, Names
from workers.enrichment.coding.places import grounds, instruments, named_place
from workers.enrichment.coding.predicates import Argument, arguments
from workers.enrichment.coding.speech import impersonal, speakers
from workers.enrichment.coding.triggers import Trigger, carriers_below
from workers.enrichment.coding.unnamed import compound, decided, ruling
from workers.enrichment.coding.verb_forms import agree, is_attributive, is_infinitive, is_passive, is_verbal
from workers.enrichment.document import Sentence


class View:
    """A trigger's arguments as a frame sees them."""

    def __init__(self, sentence: Sentence, names: Names, resolver: Resolver, trigger: Trigger, frame: Frame) -> None:
        self.sentence, self.names, self.resolver, self.trigger, self.frame = sentence, names, resolver, trigger, frame
        self.hostile = hostile_acts()
        self.nominal = sentence[trigger.token].pos in ("NOUN", "PROPN")
        self._tokens: dict[Slot, list[int]] = {}

    @cached_property
    def own(self) -> tuple[Argument, ...]:
        """The trigger's arguments."""
        control = words().control
        own = arguments(self.sentence, self.trigger.token, control, reflexive=self.trigger.reflexive)
        if self.act_done is not None:  # "санкции против Чада, введённые весной"
            beside = arguments(self.sentence, self.act_done, control)
            own += tuple(a for a in beside if a.preposition and a.token != self.trigger.token)
        return own

    @cached_property
    def support(self) -> tuple[Argument, ...]:
        """The arguments of the verbs that carry the trigger."""
        trigger = self.trigger
        carriers = [] if trigger.support is None else [trigger.support]
        below = carriers_below(self.sentence, trigger.token, self.frame)
        carriers += [inner for inner in below if inner != trigger.support]
        return tuple(
            a for verb in carriers for a in arguments(self.sentence, verb, words().control)
            if a.token != trigger.token
        )  # fmt: skip

    @cached_property
    def content(self) -> frozenset[int]:
        """The tokens of what somebody of no known state is asked to do or charged with: no party stands there."""
        return content(self)

    @cached_property
    def act_done(self) -> int | None:
        """The noun of force or of a penalty that the trigger stands by as a passive participle."""
        token = self.sentence[self.trigger.token]
        if not is_attributive(token) or token.feats.get("Voice") != "Pass" or not 0 <= token.head < len(self.sentence):
            return None
        return token.head if self.sentence[token.head].lemma in self.hostile else None

    def tokens(self, slot: Slot) -> list[int]:
        """The heads of the phrases in a slot; not to be changed."""
        held = self._tokens.get(slot)
        if held is None:
            held = self._tokens[slot] = self._held(slot)
        return held

    def _held(self, slot: Slot) -> list[int]:
        if slot.name == "subj":
            return self.agents()
        if slot.name == "obj":
            return self._patients()
        case = {"dat": "Dat", "ins": "Ins", "gen": "Gen"}.get(slot.name, slot.case)
        if slot.name == "topic":
            return [c for c in self.sentence.children(self.trigger.token) if self.sentence[c].rel.startswith("nsubj")]
        if slot.name in ("dat", "ins", "gen", "prep"):
            found = [
                a.token for a in (*self.own, *self._lent())
                if (a.preposition == slot.preposition or self._other_way(slot, a.preposition)) and self._marked(a, case)
            ]  # fmt: skip
            return found or self._deeper(slot, case)
        return []

    def _marked(self, argument: Argument, case: str) -> bool:
        """Whether the argument stands in a case; of names whose forms fall together the lexicon knows the cases."""
        caseless = not argument.case and bool(argument.preposition)
        if argument.slot == "other" and (not case or self._in_case(argument.token, argument.case, case) or caseless):
            return True
        if case != "Dat" or argument.preposition:
            return False
        if self.nominal and self.frame.gen == "source" and argument.case == "Gen":
            return False
        hits = self.names.kind(argument.token, STATES)
        sure = bool(hits) and argument.case not in hits[0].cases
        return any("Dat" in h.cases for h in hits) and (sure or argument.slot == "other" or not argument.case)

    def _other_way(self, slot: Slot, preposition: str) -> bool:
        """Whether a frame takes в and на alike: of some states one says на, "на Украину, в Латвию и Литву"."""
        wanted = {slot.preposition, preposition} == {"в", "на"} and slot in self.frame.target
        return wanted and any(s.preposition == preposition and s.case == slot.case for s in self.frame.target)

    def _in_case(self, token: int, seen: str, wanted: str) -> bool:
        """Whether a word stands in a case; "в Сомали" is a direction as well as a place."""
        either = self.sentence.preposition(token) in ("в", "на") and uninflected(self.sentence[token])
        return seen == wanted or (either and {seen, wanted} == {"Acc", "Loc"})

    def _deeper(self, slot: Slot, case: str) -> list[int]:
        """Phrases so marked that hang on other words of the clause: "по телефону с президентом", "помощь Сомали"."""
        top = (
            self.trigger.token
            if self.trigger.relation != "plain" or self.trigger.support is None
            else self.trigger.support
        )
        below = self.resolver.phrase(self.sentence, top)
        found = [i for i in below if i != self.trigger.token and i not in self.content]
        if slot.name == "dat":
            return [
                i
                for i in found
                if (self.sentence[i].rel == "iobj" or self.sentence[i].case == "Dat")
                and not self.sentence.preposition(i)
                and not is_infinitive(self.sentence[self.sentence[i].head])
                and any("Dat" in h.cases for h in self.names.kind(i, STATES))
            ]
        if slot.preposition in words().partner_prepositions:
            return [
                i for i in found if self.sentence.preposition(i) == slot.preposition and self.sentence[i].case == case
            ]
        return [
            i for i in found
            if (case != "Loc" or self._seat(i)) and self.sentence.preposition(i) == slot.preposition
            and self.names.kind(i, STATES)
            and (not self.sentence[i].case or self._in_case(i, self.sentence[i].case, case))
        ]  # fmt: skip

    def _seat(self, index: int) -> bool:
        """Whether the place is where an envoy serves: "посол в Испании"."""
        return self.sentence[self.sentence[index].head].lemma in words().envoys

    def actors(self, slot: Slot, *, target: bool, without: frozenset[str] = frozenset()) -> tuple[Actor, ...]:
        """The states in a slot. A target may be named anywhere in its phrase, a source must own it."""
        if slot.name == "speaker":
            return speakers(self.sentence, self.names, self.resolver, self.trigger.token)
        if slot.name == "place":
            return named_place(self.sentence, self.names, self.resolver)
        if slot.name == "any":
            return anywhere(self, without)
        found: list[Actor] = []
        borrowed = self.trigger.relation == "plain" and any(a.slot == "agent" for a in self.support)
        if slot.name == "subj" and self.nominal and self.frame.gen != "target":
            if self.frame.symmetric or not borrowed:
                found += self._made()
            if self.frame.symmetric:
                found += compound(self)
        elif slot.name == "obj" and self.nominal and self.frame.gen != "source":
            told = any(self._by(t) for t in self.genitives())  # "осуждение вывоза Чадом чужих судов"
            found += () if told else self.resolver.of(self.sentence, self.trigger.token)
        for token in self.tokens(slot) if not found or self.frame.symmetric or slot.name != "subj" else []:
            owners = self._doers(token, without)
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
        if slot.name == "subj" and not found and not target:
            found += decided(self)
        if slot.name == "subj" and not found and not target:
            body = self._body()
            found += self.resolver.owner(self.sentence, body) if body is not None else ruling(self)
        return unique(found)

    def _doers(self, token: int, without: frozenset[str]) -> tuple[Actor, ...]:
        """Whose the phrase is; an act of force is his who does it, not the land's that it strikes."""
        if self.sentence[token].lemma in self.hostile and (ground := grounds(self.sentence, self.names, token)):
            for doer in instruments(self.sentence, token, ground):
                return self.resolver.owner(self.sentence, doer, without=without)
            return self.resolver.by_adjective(self.sentence, token)
        if by := self._by(token):
            return by
        return self.resolver.owner(self.sentence, token, without=without)

    def _by(self, noun: int) -> tuple[Actor, ...]:
        """Who does what a noun names, in the instrumental: "вывоз Чадом судов"."""
        if self.sentence[noun].pos != "NOUN" or self.sentence[noun].feats.get("Animacy") == "Anim":
            return ()
        for doer in instruments(self.sentence, noun, ()):
            if self.sentence[doer].rel in ("appos", "conj", "amod"):
                continue
            if found := self.resolver.owner(self.sentence, doer, guess=False):
                return found
        return ()

    def satisfied(self) -> bool:
        """Whether the frame's needs hold: all of them, those marked or: with self as one."""
        return satisfied(self)

    def agents(self) -> list[int]:
        """Who does the act: the heads of the phrases in the subject's place."""
        if not self.nominal:
            return [a.token for a in self.own if a.slot == "agent"] or self._named_subject()
        own = [a.token for a in self.own if (not a.preposition and a.case == "Ins") or a.preposition == "со стороны"]
        if ground := self._struck():
            own += [c for c in instruments(self.sentence, self.trigger.token, ground) if c not in own]
        elif self.frame.gen != "target":
            own += self.genitives()
        lent = (
            [a.token for a in self.support if a.slot == "agent"]
            if self.trigger.relation in ("plain", "setting", "existential")
            else []
        )
        if self.frame.symmetric:
            return own + lent
        return lent if self.trigger.relation == "plain" and lent else own or lent

    def genitives(self) -> list[int]:
        """The bare genitives of a noun, also those that the parser made its conjuncts: "встреча A, B и главы C"."""
        sentence, token = self.sentence, self.trigger.token
        found = [
            a.token for a in self.own if not a.preposition and "Gen" in (a.case, self.resolver.case(sentence, a.token))
        ]
        if found and sentence[token].case != "Gen":
            found += [c for c in sentence.children(token) if sentence[c].rel == "conj" and sentence[c].case == "Gen"]
        return found

    def _struck(self) -> list[int]:
        """What the trigger strikes, if it is a noun of force with a genitive of the ground."""
        noun = self.trigger.token
        return grounds(self.sentence, self.names, noun) if self.sentence[noun].lemma in self.hostile else []

    def _made(self) -> tuple[Actor, ...]:
        """The states that modify the trigger as its doers: by adjectives alone where it strikes its genitive."""
        if self._struck():
            return self.resolver.by_adjective(self.sentence, self.trigger.token)
        return self.resolver.of(self.sentence, self.trigger.token)

    def _named_subject(self) -> list[int]:
        """A state's name beside an active verb that can be its subject by form: "помощь оказал Катар"."""
        verb = self.sentence[self.trigger.token]
        if is_passive(verb, reflexive=False) and not any(slot.name == "dat" for slot in self.frame.target):
            return [
                a.token for a in self.own
                if not a.preposition and a.slot == "other" and uninflected(self.sentence[a.token])
                and self.names.kind(a.token, ACTORS)
            ][:1]  # fmt: skip
        if verb.feats.get("VerbForm") != "Fin" or self.trigger.reflexive:
            return []
        return [
            a.token for a in self.own
            if not a.preposition and a.slot != "agent" and agree(verb, self.sentence[a.token])
            and any(
                "Nom" in h.cases and ("Dat" not in h.cases or self.sentence[a.token].rel == "nsubj")
                for h in self.names.kind(a.token, STATES)
            )
        ][:1]  # fmt: skip

    def _patients(self) -> list[int]:
        if self.trigger.relation == "inverse":
            return [a.token for a in self.support if a.slot in ("agent", "patient")]
        if not self.nominal:
            return [a.token for a in self.own if a.slot == "patient"]
        own = self._struck() or (self.genitives() if self.frame.gen != "source" else [])
        lent = [a.token for a in self.support if a.slot == "patient"] if self.trigger.relation == "plain" else []
        return own or lent

    def _lent(self) -> Iterable[Argument]:
        return self.support if self.trigger.relation in ("plain", "setting", "existential") else ()

    def _body(self) -> int | None:
        verb = self.trigger.token if is_verbal(self.sentence[self.trigger.token]) else self.trigger.support
        if verb is None or self.trigger.relation in ("existential", "inverse"):
            return None
        return impersonal(self.sentence, self.names, verb)


@cache
def hostile_acts() -> frozenset[str]:
    """Nouns of force and penalties: the state named after them with по, на or против is their victim."""
    return frozenset(
        noun for noun, held in frames().by_noun.items()
        if any(f.gen == "source" and ontology().quads[f.type] is Quad.MATERIAL_CONFLICT for f in held)
    )  # fmt: skip
