"""Whether what a frame needs of the words around its trigger holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.enrichment.coding.anywhere import elsewhere, tops
from workers.enrichment.coding.frames import ANIMATE, ANY, PERSON, Frame, Need, Slot
from workers.enrichment.coding.status import negated
from workers.enrichment.coding.verb_forms import is_attributive, is_infinitive, substantive
from workers.enrichment.document import Sentence

if TYPE_CHECKING:
    from workers.enrichment.coding.slots import View


def possible(frame: Frame, sentence: Sentence) -> bool:
    """Whether the sentence has words by which the frame's needs can hold at all."""
    return not frame.clues or not any(map(_said(sentence).isdisjoint, frame.clues))


def _said(sentence: Sentence) -> frozenset[str]:
    """What a need may find in a sentence: the lemmas, and participles as the nouns that they may be."""
    return sentence.remembered(
        "said", -1,
        lambda s, _: frozenset(t.lemma for t in s) | {substantive(t.text) for t in s if is_attributive(t)},
    )  # fmt: skip


def satisfied(view: View) -> bool:
    """Whether the frame's needs hold: all of them, those marked or: with self as one."""
    alternatives = [n for n in view.frame.needs if n.alternative]
    selves = [n for n in view.frame.needs if any(s.name == "self" for s in n.slots) and not n.negated]
    group = [*alternatives, *selves] if alternatives else []
    if group and not any(_holds(view, n) for n in group):
        return False
    return all(_holds(view, n) != n.negated for n in view.frame.needs if n not in group)


def _holds(view: View, need: Need) -> bool:
    return any(need.words == ANY or lemma in need.words for slot in need.slots for lemma in _lemmas(view, slot))


def _lemmas(view: View, slot: Slot) -> Iterator[str]:
    sentence, token = view.sentence, view.trigger.token
    match slot.name:
        case "self":
            yield sentence[token].lemma
        case "neg":
            if negated(sentence, token):
                yield "не"
        case "light":
            if view.trigger.support is not None:
                yield sentence[view.trigger.support].lemma
        case "fut":
            auxiliaries = [sentence[c] for c in sentence.children(token) if sentence[c].lemma == "быть"]
            if any(t.feats.get("Tense") == "Fut" for t in (sentence[token], *auxiliaries)):
                yield "будет"
        case "opposed":
            yield from (actor.code for actor in view.resolver.opposed(sentence, token))
        case "pred":
            yield from (sentence[c].lemma for c in sentence.children(token) if sentence[c].rel.startswith("nsubj"))
        case "inf":
            yield from (sentence[c].lemma for c in sentence.children(token) if is_infinitive(sentence[c]))
        case "adj":
            yield from (sentence[c].lemma for c in sentence.children(token) if sentence[c].rel in ("amod", "acl"))
        case "any":
            for top in tops(view):
                aside = elsewhere(view, top)
                yield from (sentence[i].lemma for i in sentence.subtree(top) if i != token and i not in aside)
            if is_infinitive(sentence[token]) and sentence[token].rel == "xcomp":  # "стали вместе строить"
                beside = sentence.children(sentence[token].head)
                yield from (sentence[c].lemma for c in beside if sentence[c].rel == "advmod")
        case _:
            yield from _phrase_lemmas(view, slot)


def _phrase_lemmas(view: View, slot: Slot) -> Iterator[str]:
    """The heads of the phrases in a slot with the words that hang on them; markers for persons and the animate."""
    sentence, tokens = view.sentence, view.tokens(slot)
    if slot.name == "obj" and view.nominal:
        tokens = tokens or _chain(view)
    elif slot.name == "obj":
        tokens = tokens + [a.token for a in view.own if not a.preposition and a.case == "Gen"]
    elif slot.name == "ins":  # "объявил это агрессией": a predicate, no argument
        below = sentence.children(view.trigger.token)
        tokens = tokens + [c for c in below if sentence[c].rel == "xcomp" and sentence[c].case == "Ins"]
    for found in tokens:
        yield sentence[found].lemma
        if is_attributive(sentence[found]):
            yield substantive(sentence[found].text)
        if view.resolver.is_person(sentence, found):
            yield PERSON
        if sentence[found].feats.get("Animacy") == "Anim":
            yield ANIMATE
        yield from (
            sentence[c].lemma for c in sentence.children(found)
            if sentence[c].rel not in ("acl", "acl:relcl", "punct", "case")
        )  # fmt: skip
        if sentence[found].pos == "NUM" and 0 <= sentence[found].head < len(sentence):
            yield sentence[sentence[found].head].lemma


def _chain(view: View) -> list[int]:
    """The genitives right after a noun whose tree lost them."""
    index = view.trigger.token + 1
    found: list[int] = []
    while index < len(view.sentence) and view.sentence[index].case == "Gen" and len(found) < 4:
        found.append(index)
        index += 1
    return found
