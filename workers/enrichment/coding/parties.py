"""Who are the parties of an act: its frame's slots in their order, and where they are empty the discourse."""

from __future__ import annotations

from models.coded import EventType, Quad
from models.ontology import ontology
from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.earlier import behind, recipients
from workers.enrichment.coding.frames import Slot
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.naming import unique
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.speech import agents, speakers
from workers.enrichment.coding.verb_forms import is_attributive, is_verbal
from workers.enrichment.russian.lexicon import Kind

_OF_A_PERSON = frozenset({"он", "она"})
_NO_STATES = frozenset({Kind.GROUP, Kind.ORGANIZATION, Kind.METONYM})
"""Names of those who are no one state: words that go to them go to nobody who was spoken of."""


_UPON = frozenset({"против", "над"})
_WITH = Slot("prep", "с", "Ins")
_OBJECT = Slot("obj")
_DONE_TO = frozenset(
    {EventType.SANCTION, EventType.RETREAT, EventType.PROTEST, EventType.COERCE, EventType.MOBILIZE, EventType.ASSAULT}
)
"""Acts of which the object's victim is the act's own; who condemns anti-Russian sanctions does not condemn Russia."""


class Parties:
    """Finds the parties in one article."""

    def __init__(self, resolver: Resolver, discourse: Discourse) -> None:
        self._resolver, self._talk = resolver, discourse

    def sources(self, view: View, without: frozenset[str] = frozenset()) -> tuple[Actor, ...]:
        """Who acts, none of `without`: by the frame's slots, else whom the discourse gives."""
        for slot in view.frame.source:
            found = view.actors(slot, target=False, without=without)
            if found and not (slot.name == "obj" and all(a.via == "discourse" for a in found)):
                return found
        above = self._above(view)
        if is_attributive(view.sentence[view.trigger.token]):
            return above or _imposed(view)  # "прерванные переговоры": who broke them off is not told
        if above or view.frame.explicit or view.frame.foreign_speaker or not _supported(view):
            return above
        return self._silent(view, without)

    def _above(self, view: View) -> tuple[Actor, ...]:
        """Who passes the paper that acts: "парламент принял резолюцию, осуждающую рейд"."""
        for argument in view.own:
            if argument.slot == "agent" and argument.via == "relative":
                for head in view.sentence.ancestors(argument.token):
                    if is_verbal(view.sentence[head]):
                        return agents(view.sentence, view.names, self._resolver, head)
        return ()

    def _silent(self, view: View, without: frozenset[str]) -> tuple[Actor, ...]:
        """Who acts where the sentence does not say ("20 дипломатов высланы"): the speaker, else the state in focus."""
        sentence = view.sentence
        forceful = view.frame.type in (EventType.ASSAULT, EventType.MOBILIZE, EventType.COERCE)
        if any(
            sentence[t].feats.get("Animacy") == "Anim"
            or sentence[t].pos == "PROPN"
            or (forceful and not view.nominal and sentence[t].pos in ("NOUN", "NUM"))
            for slot in view.frame.source
            if slot.name == "subj"
            for t in view.tokens(slot)
        ):
            return ()  # somebody acts, only it is not known of which state
        said = speakers(sentence, view.names, self._resolver, view.trigger.token)
        spoken = tuple(a for a in said if a.code and a.code not in without)
        if spoken:
            return tuple(_via(a, "discourse") for a in spoken)
        code = self._talk.focus(without)
        return (Actor(code, via="discourse"),) if code else ()

    def targets(self, view: View, sources: tuple[Actor, ...], *, anywhere: bool = True) -> tuple[Actor, ...]:
        """Whom the act is for or against, other than its sources; `anywhere` lets the slot any answer."""
        without = frozenset(a.code for a in sources) | _victims(view)
        if against := _opposed(view, without):
            return against
        for slot in view.frame.target:
            if slot.name == "any" and not anywhere:
                continue
            if slot.name == "any" and (found := behind(view, self._talk, without)):
                return found
            found = tuple(a for a in view.actors(slot, target=True, without=without) if a.code not in without)
            if found:
                return tuple(_via(a, "anywhere") for a in found) if slot.name == "any" else found
        if view.frame.type is EventType.CONSULT and (met := self._group(view, without)):
            return met
        if view.frame.symmetric and view.trigger.relation == "setting" and (there := _addressed(view, without)):
            return there
        if anywhere and without and (told := recipients(view, self._talk, sources)):
            return told
        if (
            view.frame.explicit
            or view.frame.foreign
            or view.frame.foreign_object
            or view.frame.symmetric
            or not without
        ):
            return ()
        if not _supported(view) or _other_addressed(view):
            return ()
        if told := behind(view, self._talk, without):
            return told
        if goes_on := self._goes_on(view, sources):
            return (Actor(goes_on, via="memory"),)
        other = self._talk.partner(sources[0].code)
        return (Actor(other, via="partner"),) if other and other not in without else ()

    def _goes_on(self, view: View, sources: tuple[Actor, ...]) -> str:
        """Whom a coordinated verb without a party of its own is for: "обвинил Чад и потребовал извиниться"."""
        token, here = view.sentence[view.trigger.token], self._talk.here
        if token.rel != "conj" or not is_verbal(token) or len(here) != 2 or here[0] != sources[0].code:
            return ""
        named = view.resolver.within(view.sentence, token.index, aside=set(), without=frozenset(here))
        return "" if named else here[1]

    def domestic(self, view: View, sources: tuple[Actor, ...]) -> bool:
        """Whether one of the doer's own state stands in the other party's place: "суд приговорил экс-премьера"."""
        codes = {a.code for a in sources if a.via != "discourse"}
        for slot in view.frame.target if codes and not view.frame.symmetric else ():
            for token in view.tokens(slot):
                owners = self._one_of(view, token)
                if owners and all(a.via != "discourse" and a.code in codes for a in owners):
                    return True
        return False

    def _one_of(self, view: View, token: int) -> tuple[Actor, ...]:
        """The states of the person or the people at `token`; nothing where that is neither."""
        sentence = view.sentence
        if sentence[token].lemma in _OF_A_PERSON:  # "признал экс-премьера виновным и приговорил его"
            doers = {t for slot in view.frame.source for t in view.tokens(slot)}
            before = (i for i in range(token - 1, -1, -1) if self._resolver.is_person(sentence, i) and i not in doers)
            token = next(before, token)
        if sentence[token].feats.get("Animacy") == "Anim" or self._resolver.is_person(sentence, token):
            return self._resolver.owner(sentence, token, guess=False)
        return ()

    def pooled(
        self, view: View, sources: tuple[Actor, ...], targets: tuple[Actor, ...]
    ) -> tuple[tuple[Actor, ...], tuple[Actor, ...]]:
        """The parties of a symmetric event: whoever is named on either side."""
        met = self._group(view, frozenset(a.code for a in sources)) if view.frame.type is EventType.CONSULT else ()
        if met and met == targets:
            return sources, met  # the members of a group met whoever met the group
        everyone = unique((*sources, *targets))
        with_whom = view.tokens(_WITH) if view.nominal else []
        met_with = [a for t in with_whom for a in self._resolver.owner(view.sentence, t, guess=False)]
        if len(met_with) > 1 and {a.code for a in sources} <= {a.code for a in met_with}:
            said = speakers(view.sentence, view.names, self._resolver, view.trigger.token)
            everyone = unique((*said, *sources, *targets))  # "напомнил, что на переговорах с Чадом и Мали ..."
        if view.frame.type is EventType.SUPPORT:  # who signs a paper is not told by who signed the last one
            signed = unique(a for a in everyone if not (a.via == "discourse" and _joint(view, a)))
            everyone = signed if len(signed) > 1 else everyone
        if len(everyone) == 1 and not view.frame.explicit and _supported(view) and not _other_addressed(view):
            other = self._talk.partner(everyone[0].code)
            everyone = (*everyone, Actor(other, via="partner")) if other else everyone
        if not everyone and not view.frame.explicit and view.trigger.relation in ("plain", "existential"):
            everyone = tuple(Actor(code, via="discourse") for code in self._talk.parties(frozenset()))
        return (everyone, everyone) if len(everyone) > 1 else ((), ())

    def _group(self, view: View, without: frozenset[str]) -> tuple[Actor, ...]:
        """The members of a group that is met as such: "принял лидеров стран Балтии"."""
        for slot in view.frame.target:
            for token in view.tokens(slot):
                if found := self._resolver.members(view.sentence, token):
                    return tuple(a for a in found if a.code not in without)
        return ()

    def personal(self, view: View, sources: tuple[Actor, ...]) -> bool:
        """Whether an official, a delegation or another body acts, and not the state or its things."""
        return any(a.name or a.office or a.sector for a in sources) or any(
            self._resolver.can_act(view.sentence, t) and not self._resolver.is_state(view.sentence, t)
            for slot in view.frame.source
            for t in view.tokens(slot)
        )


def _imposed(view: View) -> tuple[Actor, ...]:
    """Whose act it is that a passive participle stands by: "санкции Чада, введённые весной"."""
    return view.resolver.of(view.sentence, view.act_done) if view.act_done is not None else ()


def _victims(view: View) -> frozenset[str]:
    """Whom the deed was done to that is judged: Chad in "осудил военные действия против Чада"."""
    if view.frame.type is not EventType.ACCUSE:
        return frozenset()
    deeds = view.genitives() if view.nominal else [a.token for a in view.own if a.slot == "patient"]
    return frozenset(
        actor.code
        for deed in deeds
        for i in view.sentence.children(deed)
        if view.sentence.preposition(i) in _UPON and view.sentence[deed].pos == "NOUN"
        for actor in view.resolver.owner(view.sentence, i, guess=False)
    )


def _opposed(view: View, without: frozenset[str]) -> tuple[Actor, ...]:
    """Whom the act, or what is done with it, is against by an adjective: "ввёл антироссийские санкции"."""
    if view.nominal:
        nouns = [view.trigger.token]
    elif view.frame.type in _DONE_TO:
        nouns = [t for slot in (_OBJECT, *view.frame.target) for t in view.tokens(slot)]
    else:
        nouns = []
    found = (a for noun in nouns for a in view.resolver.opposed(view.sentence, noun))
    return unique(a for a in found if a.code not in without)


def _addressed(view: View, without: frozenset[str]) -> tuple[Actor, ...]:
    """Whom the clause is said or done to that happens at the act: "поблагодарил премьера Чада в разговоре"."""
    tokens = [a.token for a in view.support if not a.preposition and (a.slot == "patient" or a.case == "Dat")]
    found = unique(a for t in tokens for a in view.resolver.owner(view.sentence, t, guess=False))
    return tuple(a for a in found if a.code not in without)


def _joint(view: View, actor: Actor) -> bool:
    """Whether a party was only found by words for what two have made: "договор"."""
    return actor.token >= 0 and view.sentence[actor.token].lemma in words().joint


def _other_addressed(view: View) -> bool:
    """Whether words go to somebody of no known state: then they are not for the last party that was spoken of."""
    if any(
        hit.kind in _NO_STATES
        for slot in view.frame.target
        if slot.name not in ("any", "subj")
        for token in view.tokens(slot)
        for t in view.resolver.phrase(view.sentence, token)
        for hit in view.names.at.get(t, ())
    ):
        return True
    if ontology().quads[view.frame.type] in (Quad.MATERIAL_COOPERATION, Quad.MATERIAL_CONFLICT):
        return False
    return any(
        (view.sentence[token].pos in ("NOUN", "PROPN") and view.sentence[token].feats.get("Animacy") == "Anim")
        or view.sentence[token].lemma in words().family
        for slot in view.frame.target
        if slot.name not in ("any", "subj")
        for token in view.tokens(slot)
    )


def _supported(view: View) -> bool:
    """Whether a verb tells of the act, so that a silent party may be looked for."""
    return not view.nominal or view.trigger.support is not None


def _via(actor: Actor, via: str) -> Actor:
    if actor.via == "discourse":
        return actor
    return Actor(actor.code, actor.sector, actor.name, actor.office, actor.token, via)
