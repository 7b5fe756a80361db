"""The parties that a slot `any` finds: states named below the trigger, its verb, or the clause that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models import EventType
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.grammar import modality, words
from workers.enrichment.coding.phrases import coordinated
from workers.enrichment.coding.places import struck
from workers.enrichment.coding.status import negated
from workers.enrichment.coding.verb_forms import is_verbal

if TYPE_CHECKING:
    from workers.enrichment.coding.slots import View

_ON_SOIL = frozenset({EventType.ASSAULT, EventType.COERCE, EventType.SANCTION})
"""Acts whose target may be named by the place alone."""


def tops(view: View) -> list[int]:
    """The words whose phrases the slot any looks through: the trigger, its verb, the clause that it speaks of."""
    support = [] if view.trigger.support in (None, view.trigger.token) else [view.trigger.support]
    return [t for t in (view.trigger.token, *support, *_said(view)) if t is not None]


def _said(view: View) -> Iterator[int]:
    """The main clause whose content a verb of speech tells after it: "Чад ответит за это, предупредили в Каире"."""
    token = view.sentence[view.trigger.token]
    if is_verbal(token) and token.rel == "parataxis" and 0 <= token.head < token.index:
        yield token.head


def anywhere(view: View, without: frozenset[str]) -> tuple[Actor, ...]:
    """The states named in the phrases of `tops`, nearest first; of acts of force else the state whose soil it is."""
    places = tops(view)
    aside = {
        t
        for slot in view.frame.source
        if slot.name == "subj"
        for a in view.tokens(slot)
        for t in view.sentence.subtree(a)
        if a not in view.sentence.ancestors(view.trigger.token)
    }
    aside |= view.content
    for top in places:
        aside |= elsewhere(view, top)
        found = view.resolver.within(view.sentence, top, aside=aside, without=without)
        if found:
            return found if view.frame.symmetric else _listed(view, found)
    if view.frame.type in _ON_SOIL and not _private(view):
        made = view.frame.type is EventType.SANCTION
        soil = struck(view.sentence, view.names, places[-1], made=made)
        return tuple(a for a in soil if a.code not in without)
    return ()


def elsewhere(view: View, top: int) -> set[int]:
    """The tokens below `top` in clauses with subjects of their own: "Чад отвёл войска, а Нигер выразил ..."."""
    aside: set[int] = set()
    for i in view.sentence.subtree(top):
        token = view.sentence[i]
        if token.feats.get("VerbForm") == "Conv" and negated(view.sentence, i) and i != top:
            aside.update(view.sentence.subtree(i))  # "не называя Пакистан прямо"
        if i != top and token.rel == "advcl" and _another(view, i):
            aside.update(view.sentence.subtree(i))  # "ввёл пошлины, после того как Чад закрыл рынок"
        if i != top and token.rel == "parataxis" and token.lemma in words().speech:
            aside.update(view.sentence.subtree(i))  # "готов к переговорам, сообщил посол Чили"
        if i == top or token.rel != "conj" or token.feats.get("VerbForm") != "Fin" or i < view.trigger.token:
            continue
        for c in view.sentence.children(i):
            if view.sentence[c].rel == "ccomp":
                aside.update(view.sentence.subtree(c))  # "осудил решение и сообщил, что ..."
        below = view.sentence.children(i)
        if any(view.sentence[c].rel.startswith("nsubj") for c in below):
            start = min(below)
            aside.update(t for t in view.sentence.subtree(i) if t >= start)
    return aside - set(view.sentence.subtree(view.trigger.token)) if top != view.trigger.token else aside


def _another(view: View, verb: int) -> bool:
    """Whether a clause of time or cause tells of somebody else: a finite verb with a subject, no condition."""
    below = [view.sentence[c] for c in view.sentence.children(verb)]
    told = view.sentence[verb].feats.get("VerbForm") == "Fin" and any(t.rel.startswith("nsubj") for t in below)
    inside = verb == view.trigger.token or verb in view.sentence.ancestors(view.trigger.token)
    known = modality()
    condition = known.conditional_marks | known.purpose_marks | {"пока"}
    return told and not inside and all(t.lemma not in condition for t in below)


def content(view: View) -> frozenset[int]:
    """What somebody of no known state is asked to do, or charged with: "попросил его удалить запись о Чаде"."""
    sentence = view.sentence
    held = [
        a.token for a in view.own
        if a.slot == "patient" or (a.slot == "other" and a.case == "Dat" and not a.preposition and not view.nominal)
    ]  # fmt: skip
    if any(view.resolver.named(sentence, t) or view.resolver.owner(sentence, t, guess=False) for t in held):
        return frozenset()
    people = [
        t
        for t in held
        if sentence[t].feats.get("Animacy") == "Anim"
        or sentence[t].pos == "PRON"
        or view.resolver.is_person(sentence, t)
    ]
    aside: set[int] = set()
    for child in sentence.children(view.trigger.token) if people else ():
        token, preposition = sentence[child], sentence.preposition(child)
        charge = preposition in ("за", "по", "о") or (preposition == "в" and token.case == "Loc")
        if token.rel in ("xcomp", "ccomp") or (charge and token.rel.split(":")[0] in ("obl", "nmod")):
            aside.update(sentence.subtree(child))
    for child in (c for t in people for c in sentence.children(t)):
        if sentence[child].rel in ("acl", "acl:relcl") and child != view.trigger.token:
            aside.update(sentence.subtree(child))  # "освободил химика, осуждённого за шпионаж в пользу Чада"
    return frozenset(aside - set(view.sentence.ancestors(view.trigger.token)) - {view.trigger.token})


def _private(view: View) -> bool:
    """Whether one person acts: where he does so is not whom he acts against."""
    agents = [view.sentence[t].feats for t in view.agents()]
    return any(f.get("Animacy") == "Anim" and f.get("Number") == "Sing" for f in agents)


def _listed(view: View, found: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """The first, and those in one list with it: "между Венесуэлой и Гайаной"."""
    tokens = {m.token for m in coordinated(view.sentence, view.names, found[0].token)}
    return tuple(a for a in found if a is found[0] or a.token in tokens)
