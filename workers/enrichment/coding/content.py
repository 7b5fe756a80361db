"""Which of the acts that a sentence names are told by it, and which are only what its words are about.

"Швеция потребовала прекратить обстрелы" tells of a demand and of no ceasefire; "осудила удар X по Y" tells of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from models.coded import EventType, Status
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.frames import Frame
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.status import negated
from workers.enrichment.coding.triggers import Trigger
from workers.enrichment.coding.verb_forms import is_infinitive
from workers.enrichment.document import Sentence, Token

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
    guesses: int
    confidence: float
    likely: bool = False


def fallen(sentence: Sentence, found: Sequence[Found]) -> Iterator[tuple[Found, str]]:
    """Each event that is not told after all, and why: its verb tells it already, or it is content of another."""
    verbs = {e.trigger.token for e in found if any(s.name == "obj" for n in e.frame.needs for s in n.slots)}
    for event in found:
        if event.trigger.support in verbs and event.trigger.relation != "setting":
            yield event, "the verb that carries it tells the event"
            continue
        for over in found:
            if _threatened(sentence, event, over):
                yield event, f"what {over.frame.rule} tells of"
                break
            if _refused(event, over):
                yield event, f"what {over.frame.rule} refuses"
                break
            if over.frame.embeds and content_of(sentence, event.trigger, over.trigger) and not _fact(event, over):
                yield event, f"only the content of {over.frame.rule}"
                break


def _threatened(sentence: Sentence, inner: Found, outer: Found) -> bool:
    """Whether the act is in the main clause of a threat told after it: "удар будет нанесён, пригрозили в Баку"."""
    if outer.frame.type is not EventType.THREATEN or inner.frame.type is EventType.THREATEN:
        return False
    verb, act = sentence[outer.trigger.token], inner.trigger.token
    return verb.rel == "parataxis" and act < verb.index and verb.head in (act, *sentence.ancestors(act))


def _refused(inner: Found, outer: Found) -> bool:
    """Whether one verb with a negation both carries the denied act and refuses it: "не сядет за стол переговоров"."""
    return (
        inner.status is Status.DENIED
        and outer.frame.type is EventType.REJECT
        and inner.trigger.support == outer.trigger.token
    )


def _fact(inner: Found, outer: Found) -> bool:
    """Whether the words take for a fact what they speak of, both its parties being named: "осудил удар X по Y"."""
    return outer.frame.factive and {inner.source.via, inner.target.via} <= {"name", "grammar", "memory"}


def content_of(sentence: Sentence, inner: Trigger, outer: Trigger) -> bool:
    """Whether the act `inner` is what `outer` demands, promises or speaks of, and not a fact told beside it."""
    if inner.token == outer.token or outer.relation == "setting":
        return False
    tops = {outer.token} | ({outer.support} if outer.support is not None and outer.relation != "setting" else set())
    if inner.support is not None and inner.support in tops and inner.relation != "setting":
        return False
    if (
        inner.relation == "setting"
        and sentence[inner.token].head in tops
        and sentence[inner.token].case != "Acc"
        and not any(negated(sentence, t) for t in tops)
    ):
        return False  # "поблагодарил в телефонном разговоре"
    child = inner.token
    for head in sentence.ancestors(inner.token):
        token = sentence[child]
        if token.lemma in words().times and sentence.preposition(child) == "в":
            return False  # "подписали в последний день визита"
        if head in tops:
            return token.rel in _CONTENT and sentence.preposition(child) not in words().factual and child not in tops
        if _told(token, sentence[head]):
            return False
        clause = token.rel in ("acl", "acl:relcl") and sentence[head].lemma != "то"
        if clause or token.rel == "parataxis" or sentence.preposition(child) in words().factual:
            return False
        child = head
    return False


def _told(token: Token, head: Token) -> bool:
    """Whether a past verb is told beside the infinitive it is coordinated with: "пообещал помочь и выделил"."""
    return token.rel == "conj" and token.feats.get("Tense") == "Past" and is_infinitive(head)
