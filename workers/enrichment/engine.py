"""The engine: each sentence's triggers against the frames, slots to actors, status, and what is content of what.

One generic way for all events: (1) each trigger and frame whose needs hold, (2) its source and target from the frame's
slots in their order, else from the discourse, (3) its status, (4) acts that are only the content of a demand, promise,
charge or threat fall away. What fell away and why is kept in the trace.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import Struct

from models.coded import Quad, Status
from models.ontology import ontology
from workers.enrichment.actors import Resolver, unique
from workers.enrichment.discourse import Actor, Discourse
from workers.enrichment.document import Sentence
from workers.enrichment.frames import Frame, Frames, Slot
from workers.enrichment.grammar import words
from workers.enrichment.phrases import Names
from workers.enrichment.predicates import is_verbal
from workers.enrichment.slots import View
from workers.enrichment.speech import agents, speakers
from workers.enrichment.status import status
from workers.enrichment.triggers import Trigger, triggers

_SURE = 0.92
_FIRM = 0.6
"""Events less sure than this do not move the focus."""
_VIA = {"name": 1.0, "grammar": 1.0, "memory": 0.95, "discourse": 0.7, "partner": 0.6, "anywhere": 0.85}
_CONTENT = frozenset({"xcomp", "ccomp", "obj", "obl", "nmod", "nsubj:pass", "iobj", "csubj", "csubj:pass"})


class Found(Struct, frozen=True):
    """An event as told by one trigger: one source, one target."""

    sentence: int
    trigger: Trigger
    frame: Frame
    source: Actor
    target: Actor
    status: Status
    reciprocal: bool
    confidence: float


class Tried(Struct, frozen=True):
    """For the trace: a frame tried on a trigger, and what came of it."""

    sentence: int
    token: int
    rule: str
    source: str
    target: str
    outcome: str


class Engine:
    """Reads the sentences of one article in order; `tried` collects the trace if asked to."""

    def __init__(self, known: Frames, resolver: Resolver, discourse: Discourse, *, trace: bool = False) -> None:
        self._frames, self._resolver, self._talk = known, resolver, discourse
        self._trace = trace
        self.tried: list[Tried] = []

    def read(self, sentence: Sentence, names: Names) -> list[Found]:
        """The events of one sentence; the discourse moves on."""
        found: list[Found] = []
        spoken = speakers(sentence, names, self._resolver, -1) if len(sentence) else ()
        if spoken:
            self._talk.speaker = spoken[0].code
        position = 0
        for token, tries in itertools.groupby(triggers(sentence, self._frames), key=lambda pair: pair[0].token):
            position = self._move(sentence, names, position, token)
            events = self._first(sentence, names, list(tries))
            found += events
            sure = [e for e in events if e.confidence >= _FIRM]
            if sure:
                self._talk.event(tuple(dict.fromkeys(c for e in sure for c in (e.source.code, e.target.code))))
                self._talk.acts(sure[0].source.code)
        self._move(sentence, names, position, len(sentence))
        return self._settled(sentence, found)

    def _first(self, sentence: Sentence, names: Names, tries: list[tuple[Trigger, Frame]]) -> list[Found]:
        """The events of one trigger: by the frame that asks most of the sentence and is satisfied."""
        for trigger, frame in sorted(tries, key=lambda pair: -pair[1].strictness):
            events = self._try(sentence, names, trigger, frame)
            if events:
                return events
        return []

    def _move(self, sentence: Sentence, names: Names, start: int, end: int) -> int:
        """Take in what is named between two tokens."""
        for index in range(start, end):
            for actor in self._resolver.named(sentence, index):
                self._talk.mention(actor.code)
                if not self._talk.home:
                    self._talk.home = actor.code
            for role, actor in self._resolver.offices(sentence, index):
                self._talk.office(role, actor)
            token = sentence[index]
            if token.lemma in words().speech_nouns and sentence.preposition(index) == "по":
                who = self._resolver.owner(sentence, index, guess=False)
                if len(who) == 1:
                    self._talk.acts(who[0].code)
            if token.feats.get("VerbForm") == "Fin" and token.lemma in words().speech:
                who = agents(sentence, names, self._resolver, index)
                if len(who) == 1 and who[0].via != "discourse":
                    self._talk.speaker = who[0].code
                    self._talk.acts(who[0].code)
            elif token.rel == "nsubj" and self._resolver.can_act(sentence, index):
                who = self._resolver.owner(sentence, index, guess=False)
                if len(who) == 1 and who[0].code:
                    self._talk.acts(who[0].code)
        return end

    def _try(self, sentence: Sentence, names: Names, trigger: Trigger, frame: Frame) -> list[Found]:
        view = View(sentence, names, self._resolver, trigger, frame)
        carried = trigger.support is not None and sentence[trigger.support].lemma in frame.light | frame.inverse_light
        carried = carried or (frame.borrows and trigger.relation == "plain")
        if frame.light_only and view.nominal and not carried:
            return self._none(sentence, trigger, frame, "no light verb carries the noun")
        if not view.satisfied():
            return self._none(sentence, trigger, frame, "its needs are not met")
        sources = self._sources(view)
        if sources and all(a.via == "discourse" for a in sources) and not frame.symmetric:
            named = self._targets(view, (), anywhere=False)
            if len(sources) == 1 and sources[0].code in {a.code for a in named if a.via != "discourse"}:
                sources = self._sources(view, frozenset(a.code for a in named))
        targets = self._targets(view, sources)
        if frame.symmetric:
            sources, targets = self._parties(view, sources, targets)
        mutual = frame.symmetric
        if not targets and len(sources) > 1 and words().mutual & {sentence[i].lemma for i in sentence.subtree(trigger.token)}:
            targets, mutual = sources, True
        if not sources or not targets:
            missing = "source" if not sources else "target"
            return self._none(sentence, trigger, frame, f"no {missing}", sources, targets)
        if frame.person and not self._personal(view, sources):
            return self._none(sentence, trigger, frame, "no person acts", sources, targets)
        if frame.foreign_speaker:
            sources = tuple(a for a in sources if a.via != "discourse")
            if not sources:
                return self._none(sentence, trigger, frame, "nobody says it", sources, targets)
        state = status(sentence, trigger.token, trigger.support if trigger.relation != "setting" else None)
        if frame.needs and any(s.name == "neg" for n in frame.needs for s in n.slots) and state is Status.DENIED:
            state = Status.HAPPENED
        pairs = self._pairs(mutual, sources, targets)
        events = [
            Found(sentence.index, trigger, frame, s, t, state, mutual, self._confidence(view, s, t, state))
            for s, t in pairs
        ]
        self._note(sentence, trigger, frame, sources, targets, "taken" if events else "one state only")
        return events

    def _sources(self, view: View, without: frozenset[str] = frozenset()) -> tuple[Actor, ...]:
        for slot in view.frame.source:
            found = view.actors(slot, target=False, without=without)
            if found:
                return found
        above = self._above(view)
        if above or view.frame.explicit or view.frame.foreign_speaker or not self._supported(view):
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
        """Who acts where the sentence does not say: "20 дипломатов высланы" by the speaker, else by whom we spoke of."""
        sentence = view.sentence
        if any(
            sentence[t].feats.get("Animacy") == "Anim" or sentence[t].pos == "PROPN"
            for slot in view.frame.source if slot.name == "subj" for t in view.tokens(slot)
        ):  # fmt: skip
            return ()  # somebody acts, only it is not known of which state
        said = speakers(sentence, view.names, self._resolver, view.trigger.token)
        spoken = tuple(a for a in said if a.code and a.code not in without)
        if spoken:
            return tuple(_via(a, "discourse") for a in spoken)
        code = self._talk.focus(without)
        return (Actor(code, via="discourse"),) if code else ()

    def _targets(self, view: View, sources: tuple[Actor, ...], *, anywhere: bool = True) -> tuple[Actor, ...]:
        without = frozenset(a.code for a in sources)
        for slot in view.frame.target:
            if slot.name == "any" and not anywhere:
                continue
            found = tuple(a for a in view.actors(slot, target=True, without=without) if a.code not in without)
            if found:
                if slot.name == "any":
                    found = tuple(_via(a, "anywhere") for a in found)
                return found
        if (
            view.frame.explicit
            or view.frame.foreign
            or view.frame.foreign_object
            or view.frame.symmetric
            or not without
        ):
            return ()
        if not self._supported(view) or len(sources) > 1 or self._other_addressed(view, view.frame.target):
            return ()
        other = self._talk.partner(sources[0].code)
        return (Actor(other, via="partner"),) if other else ()

    def _parties(
        self, view: View, sources: tuple[Actor, ...], targets: tuple[Actor, ...]
    ) -> tuple[tuple[Actor, ...], tuple[Actor, ...]]:
        """The parties of a symmetric event: whoever is named on either side."""
        everyone = unique((*sources, *targets))
        if (
            len(everyone) == 1
            and not view.frame.explicit
            and self._supported(view)
            and not self._other_addressed(view, view.frame.target)
        ):
            other = self._talk.partner(everyone[0].code)
            everyone = (*everyone, Actor(other, via="partner")) if other else everyone
        if not everyone and not view.frame.explicit and view.trigger.relation in ("plain", "existential"):
            everyone = tuple(Actor(code, via="discourse") for code in self._talk.parties(frozenset()))
        return (everyone, everyone) if len(everyone) > 1 else ((), ())

    def _other_addressed(self, view: View, slots: tuple[Slot, ...]) -> bool:
        """Whether somebody stands in a slot who is of no known state: the act is theirs, not the last pair's."""
        if ontology().quads[view.frame.type] in (Quad.MATERIAL_COOPERATION, Quad.MATERIAL_CONFLICT):
            return False
        return any(
            view.sentence[token].pos in ("NOUN", "PROPN") and view.sentence[token].feats.get("Animacy") == "Anim"
            for slot in slots
            if slot.name not in ("any", "subj")
            for token in view.tokens(slot)
        )

    def _supported(self, view: View) -> bool:
        return not view.nominal or view.trigger.support is not None

    def _pairs(
        self, mutual: bool, sources: tuple[Actor, ...], targets: tuple[Actor, ...]
    ) -> Iterator[tuple[Actor, Actor]]:
        if mutual:
            yield from itertools.combinations(sources, 2)
            return
        for source, target in itertools.product(sources, targets):
            if source.code != target.code:
                yield source, target

    def _personal(self, view: View, sources: tuple[Actor, ...]) -> bool:
        return any(a.name or a.office or a.sector for a in sources) or any(
            self._resolver.can_act(view.sentence, t) and not self._resolver.is_state(view.sentence, t)
            for slot in view.frame.source for t in view.tokens(slot)
        )  # fmt: skip

    def _confidence(self, view: View, source: Actor, target: Actor, state: Status) -> float:
        value = _SURE * _VIA[source.via] * _VIA[target.via]
        if view.nominal and view.trigger.support is None:
            value *= 0.9
        if state is Status.HYPOTHETICAL:
            value *= 0.85
        return round(value, 2)

    def _settled(self, sentence: Sentence, found: list[Found]) -> list[Found]:
        """Without the acts that are only the content of another's words."""
        kept: list[Found] = []
        verbs = {e.trigger.token for e in found if any(s.name == "obj" for n in e.frame.needs for s in n.slots)}
        for event in found:
            if event.trigger.support in verbs and event.trigger.relation != "setting":
                self._note(
                    sentence,
                    event.trigger,
                    event.frame,
                    (event.source,),
                    (event.target,),
                    "the verb that carries it tells the event",
                )
                continue
            over = next((o for o in found if o.frame.embeds and content_of(sentence, event.trigger, o.trigger) and not _fact(event, o)), None)
            if over is not None:
                self._note(
                    sentence,
                    event.trigger,
                    event.frame,
                    (event.source,),
                    (event.target,),
                    f"only the content of {over.frame.rule}",
                )
                continue
            kept.append(event)
        return kept

    def _none(
        self, sentence: Sentence, trigger: Trigger, frame: Frame, why: str,
        sources: tuple[Actor, ...] = (), targets: tuple[Actor, ...] = (),
    ) -> list[Found]:  # fmt: skip
        self._note(sentence, trigger, frame, sources, targets, why)
        return []

    def _note(
        self, sentence: Sentence, trigger: Trigger, frame: Frame,
        sources: tuple[Actor, ...], targets: tuple[Actor, ...], outcome: str,
    ) -> None:  # fmt: skip
        if self._trace:
            self.tried.append(
                Tried(sentence.index, trigger.token, frame.rule, " ".join(f"{a.code}({a.via})" for a in sources),
                      " ".join(f"{a.code}({a.via})" for a in targets), outcome)
            )  # fmt: skip


def _fact(inner: Found, outer: Found) -> bool:
    """Whether the words take for a fact what they speak of, both its parties being named: "осудил удар X по Y"."""
    return outer.frame.factive and {inner.source.via, inner.target.via} <= {"name", "grammar", "memory"}


def content_of(sentence: Sentence, inner: Trigger, outer: Trigger) -> bool:
    """Whether the act `inner` is what `outer` demands, promises or speaks of, and not a fact told beside it."""
    if inner.token == outer.token:
        return False
    tops = {outer.token} | ({outer.support} if outer.support is not None else set())
    if inner.support is not None and inner.support in tops and inner.relation != "setting":
        return False
    child = inner.token
    for head in sentence.ancestors(inner.token):
        token = sentence[child]
        if head in tops:
            return token.rel in _CONTENT and sentence.preposition(child) not in words().factual and child not in tops
        clause = token.rel in ("acl", "acl:relcl") and sentence[head].lemma != "то"
        if clause or token.rel == "parataxis" or sentence.preposition(child) in words().factual:
            return False
        child = head
    return False


def _via(actor: Actor, via: str) -> Actor:
    if actor.via == "discourse":
        return actor
    return Actor(actor.code, actor.sector, actor.name, actor.office, actor.token, via)
