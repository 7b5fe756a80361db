"""What the engine finds: the events of a frame with both its parties, how sure they are, and what was tried."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from models.coded import EventType, Status
from workers.enrichment.coding.completion import FIRM, Proposal, is_open
from workers.enrichment.coding.content import Found
from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.frames import Frame
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.verb_forms import is_attributive
from workers.enrichment.document import Sentence

_GUESSES = {"name": 0, "grammar": 0, "memory": 0, "anywhere": 1, "discourse": 1, "partner": 2}
"""How much of a guess each way of finding a party is."""
CONFIDENCE = (0.92, 0.82, 0.8, 0.45)
"""By the number of guesses: the share of right events among such, counted on the labelled articles (docs/coding.md)."""
_DENIED = 0.65
"""No denied event is surer: what is denied is often told only by the way."""
_SURE = 0.8
"""A pair of this probability counts as one guess."""
_STATEMENTS = frozenset({EventType.AGREE, EventType.THREATEN})
"""Types that are done by being said: the act itself lies ahead by their nature."""
_TOGETHER = frozenset({EventType.AGREE, EventType.CONCEDE})
"""Types of which several who act as one are each other's parties: "стороны обязались молчать"."""
FIRM_GUESSES = 1
"""Events that rest on more guesses do not move the focus."""


class Tried(Struct, frozen=True):
    """For the trace: a frame tried on a trigger, and what came of it."""

    sentence: int
    token: int
    rule: str
    source: str
    target: str
    outcome: str


class Weighed(Struct, frozen=True):
    """For the trace: the pairs that were weighed for a frame that lacked a party; `bench/fit_completion.py` learns from
    them."""

    sentence: int
    token: int
    frame: Frame
    pairs: tuple[Proposal, ...]


def likely_event(view: View, pair: Proposal, state: Status) -> Found:
    """The event of a pair that the statistical layer chose; its probability is the confidence."""
    guesses = FIRM_GUESSES if pair.probability >= _SURE else FIRM_GUESSES + 1
    return Found(
        view.sentence.index, view.trigger, view.frame, pair.source, pair.target, state,
        view.frame.symmetric, guesses, round(pair.probability, 2), likely=True,
    )  # fmt: skip


def with_fellows(pair: Proposal, sources: tuple[Actor, ...], targets: tuple[Actor, ...]) -> Iterator[Proposal]:
    """The pair, and the same for those who stand beside its given party: "осудили Берлин и Париж"."""
    for source in [pair.source] if is_open(sources) else sources:
        for target in [pair.target] if is_open(targets) else targets:
            if source.code != target.code:
                yield replace(pair, source=source, target=target)


def as_guessed(pair: Proposal, sources: tuple[Actor, ...], targets: tuple[Actor, ...]) -> bool:
    """Whether the rules guess both parties of the pair too: "призвал обе стороны" has two targets."""
    return any(a.code == pair.source.code for a in sources) and any(a.code == pair.target.code for a in targets)


def only_guessed(mutual: bool, sources: tuple[Actor, ...], targets: tuple[Actor, ...]) -> bool:
    """Whether a role is only guessed. A mutual act is told by two who are named."""
    if mutual:
        return len({a.code for a in (*sources, *targets) if a.via in FIRM or a.token >= 0}) < 2
    return is_open(sources) or is_open(targets)


def doubtful(view: View, events: Sequence[Found]) -> bool:
    """Whether each rests on two guesses or more: "стороны" whom no clause names, a noun that no verb tells. "Друг
    друга" needs no more than to know who the two are."""
    guesses = bool(events) and all(e.guesses > FIRM_GUESSES and e.status is not Status.HYPOTHETICAL for e in events)
    return guesses and not says_mutual(view)


def guessed(actors: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """The same, those that were only found somewhere below counting as guesses of the discourse."""
    return tuple(replace(a, via="discourse") if a.via == "anywhere" else a for a in actors)


def says_mutual(view: View) -> bool:
    """Whether "друг друга" or the like stands by the act."""
    return bool(words().mutual & {view.sentence[i].lemma for i in view.sentence.subtree(view.trigger.token)})


def acts_mutually(view: View, sources: tuple[Actor, ...], targets: tuple[Actor, ...], talk: Discourse) -> bool:
    """Whether several do to each other what they do: they say so, or the act is one that is done together."""
    if says_mutual(view):
        return True
    among_themselves = {a.code for a in sources} == set(talk.overview.states[: len(sources)])
    together = (view.frame.mutual and among_themselves) or view.frame.type in _TOGETHER
    return not targets and together and (not view.nominal or view.trigger.support is not None)


def titular(sentence: Sentence, index: int) -> bool:
    """Whether a participle with a capital in the midst of a sentence belongs to a name: "в Объединённом комитете"."""
    token = sentence[index]
    return index > 0 and token.text[:1].isupper() and token.text[1:].islower() and is_attributive(token)


def spoken(frame: Frame, state: Status) -> Status:
    """The status of an act of speech that a negation or a future tells: "не признает" refuses, "ответим" threatens."""
    asked = {slot.name for need in frame.needs if not need.negated for slot in need.slots}
    if (state is Status.DENIED and "neg" in asked) or (state is Status.PLANNED and "fut" in asked):
        return Status.HAPPENED
    if state is Status.PLANNED and frame.type in _STATEMENTS and not frame.symmetric:
        return Status.HAPPENED
    return state


def pairs_of(mutual: bool, sources: tuple[Actor, ...], targets: tuple[Actor, ...]) -> Iterator[tuple[Actor, Actor]]:
    """Each source with each target, or each two of those who act together, once."""
    if mutual and sources == targets:
        yield from itertools.combinations(sources, 2)
        return
    for source, target in itertools.product(sources, targets):
        if source.code != target.code:
            yield source, target


def event_of(view: View, source: Actor, target: Actor, state: Status, mutual: bool) -> Found:
    """The event, with what in it is guessed: silent parties, a noun without a verb, a hypothesis."""
    guesses = _GUESSES[source.via] + _GUESSES[target.via]
    guesses += view.nominal and view.trigger.support is None
    guesses += state is Status.HYPOTHETICAL
    confidence = CONFIDENCE[min(guesses, len(CONFIDENCE) - 1)]
    confidence = min(confidence, _DENIED) if state is Status.DENIED else confidence
    return Found(view.sentence.index, view.trigger, view.frame, source, target, state, mutual, guesses, confidence)
