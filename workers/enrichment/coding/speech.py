"""Who says it: the speaker of a clause, a quotation or of what stands "по словам министра"."""

from __future__ import annotations

from collections.abc import Iterator

from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.mentions import PRESS
from workers.enrichment.coding.phrases import ACTORS, Names
from workers.enrichment.coding.predicates import arguments
from workers.enrichment.coding.verb_forms import is_infinitive, is_verbal
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Kind

_ASIDE = 6
"""The longest parenthesis, in tokens."""
_OFFICIAL = ACTORS | {Kind.BODY}


def impersonal(sentence: Sentence, names: Names, verb: int) -> int | None:
    """The body that speaks where a plural verb has no subject: "В Кремле сообщили", "в МИД Турции осудили"."""
    token = sentence[verb]
    if not is_verbal(token) or token.feats.get("Number") != "Plur" or token.feats.get("VerbForm") not in ("Fin", None):
        return None
    if any(sentence[c].rel.startswith("nsubj") for c in sentence.children(verb)):
        return None
    aside = _parenthesis(sentence, verb)
    for index in range(verb - 1, -1, -1):
        if index in aside:
            continue
        if sentence[index].pos == "PUNCT" and sentence[index].text not in ("«", "»", '"', "-"):
            break
        if sentence[index].lemma in ("в", "на") and sentence[index].pos == "ADP":
            body = _body_after(sentence, names, index)
            if body is not None and not _of_infinitive(sentence, body, verb):
                return body
    for index in range(verb + 1, min(verb + 6, len(sentence))):
        if sentence[index].pos == "PUNCT":
            break
        if sentence[index].lemma == "в" and sentence[index].pos == "ADP":
            body = _body_after(sentence, names, index)
            if body is not None:
                return body
    head = sentence[verb].head
    if sentence[verb].rel == "conj" and 0 <= head < verb:
        return impersonal(sentence, names, head)
    return None


def _parenthesis(sentence: Sentence, verb: int) -> range:
    """Words between commas right before a verb that no verb is among: "в МВД, в свою очередь, сообщили"."""
    if verb < 2 or sentence[verb - 1].text != ",":
        return range(0)
    start = next((i for i in range(verb - 2, max(-1, verb - 2 - _ASIDE), -1) if sentence[i].text == ","), None)
    if start is None or any(is_verbal(sentence[i]) for i in range(start, verb)):
        return range(0)
    return range(start, verb)


def _of_infinitive(sentence: Sentence, index: int, verb: int) -> bool:
    """Whether the phrase belongs to an infinitive and not to the verb: "желание вступить в ЕС поддержали"."""
    above = next((i for i in sentence.ancestors(index) if is_verbal(sentence[i])), verb)
    return above != verb and above < index and is_infinitive(sentence[above])


def _body_after(sentence: Sentence, names: Names, preposition: int) -> int | None:
    """The body named right after в, its adjectives between: "в эквадорском МИД"."""
    for index in range(preposition + 1, min(preposition + 4, len(sentence))):
        hits = names.kind(index, _OFFICIAL)
        if hits and (any("Loc" in h.cases for h in hits) or sentence[index].text.isupper()):
            return index
        if sentence[index].lemma in words().people and sentence[index].case == "Loc":
            return index
        if sentence[index].pos != "ADJ":
            return None
    return None


def speakers(sentence: Sentence, names: Names, resolver: Resolver, trigger: int) -> tuple[Actor, ...]:
    """Who says what `trigger` tells, empty if nobody is named: the nearest verb of speech above it, or beside it."""
    for verb in _verbs(sentence, trigger):
        found = agents(sentence, names, resolver, verb)
        if found and all(a.sector != PRESS for a in found):
            return found
    for token in sentence:
        if token.lemma in words().speech_nouns and sentence.preposition(token.index) == "по":
            found = resolver.owner(sentence, token.index, guess=True)
            if found:
                return found
    return ()


def agents(sentence: Sentence, names: Names, resolver: Resolver, verb: int) -> tuple[Actor, ...]:
    """Who does what the verb says, also where the verb has no subject but a body in the locative."""
    for argument in arguments(sentence, verb, words().control):
        if argument.slot == "agent":
            found = resolver.owner(sentence, argument.token)
            if found:
                return found
    body = impersonal(sentence, names, verb)
    return resolver.owner(sentence, body) if body is not None else ()


def _verbs(sentence: Sentence, trigger: int) -> Iterator[int]:
    above = list(sentence.ancestors(trigger))
    yield from (i for i in above if sentence[i].lemma in words().speech)
    inside = set(sentence.subtree(trigger))
    beside = [
        t.index for t in sentence
        if t.lemma in words().speech and t.index not in above and t.index != trigger and is_verbal(t)
        and (t.rel in ("parataxis", "root", "conj", "ccomp", "advcl") or t.index in inside)
    ]  # fmt: skip
    yield from sorted(beside, key=lambda i: (abs(i - trigger), i))
