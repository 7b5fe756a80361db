"""What keeps a frame from a trigger, whoever the parties may be."""

from __future__ import annotations

from models.coded import EventType
from workers.enrichment.coding.frames import Slot, frames
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.mentions import PRESS
from workers.enrichment.coding.slots import View
from workers.enrichment.coding.status import negated
from workers.enrichment.coding.verb_forms import is_attributive
from workers.enrichment.russian.lexicon import Kind

_SAID = frozenset({EventType.ACCUSE, EventType.SUPPORT, EventType.REQUEST, EventType.REJECT, EventType.THREATEN})
"""What newspapers say in these ways they say for themselves and not for their state."""
_OFFICIAL = frozenset(EventType) - {EventType.PROTEST, EventType.ASSAULT, EventType.COERCE, EventType.COOPERATE}
"""What a state does by those who act for it."""
_CITIZENS = frozenset({Kind.DEMONYM})

_WITH = Slot("prep", "с", "Ins")


def objection(view: View) -> str:
    """Why a frame does not apply to its trigger, empty if it does."""
    trigger, frame = view.trigger, view.frame
    support = view.sentence[trigger.support].lemma if trigger.support is not None else ""
    carried = support in frame.light | frame.inverse_light or (frame.borrows and trigger.relation == "plain")
    if frame.light_only and view.nominal and not carried:
        return "no light verb carries the noun"
    if not view.satisfied():
        return "its needs are not met"
    if _standing(view):
        return "a standing mark, no act"
    if view.sentence[trigger.token].feats.get("Mood") == "Imp":
        return "it is asked for, in the words of who asks"
    if frame.type in _OFFICIAL and any(_layman(view, token) for token in view.tokens(Slot("subj"))):
        return "a private person does it"
    if support in words().light_reporting and any(_press(view, token) for token in view.tokens(Slot("subj"))):
        return "a newspaper reports it"
    if view.nominal and _remembered(view):
        return "only remembered or told in a work"
    if _until(view):
        return "only until it is done"
    if frame.type in _SAID and any(_press(view, token) for token in view.tokens(Slot("subj"))):
        return "a newspaper says it"
    if frame.type is EventType.CONSULT and any(_family(view, token) for token in view.tokens(_WITH)):
        return "a family meets"
    return ""


def _standing(view: View) -> bool:
    """Whether a passive participle of the present only says what somebody is: "гражданин, обвиняемый в краже"."""
    token = view.sentence[view.trigger.token]
    passive = is_attributive(token) and token.feats.get("Voice") == "Pass" and token.feats.get("Tense") == "Pres"
    return passive and not any(a.slot == "agent" for a in view.own)


def _remembered(view: View) -> bool:
    """Whether an anniversary, a veteran, a film is spoken of: "к 80-летию встречи на Эльбе", "ветеран войны"."""
    token = view.sentence[view.trigger.token]
    for head in view.sentence.ancestors(token.index):
        above = view.sentence[head]
        if above.pos != "NOUN" or token.rel not in ("nmod", "conj", "obl"):
            return False
        if above.lemma in words().remembering or above.lemma.endswith("летие"):
            return True
        token = above
    return False


def _until(view: View) -> bool:
    """Whether the act is what is waited for: "пока Чад не признает договор"."""
    token = view.sentence[view.trigger.token]
    marks = [view.sentence[c] for c in view.sentence.children(token.index) if view.sentence[c].rel == "mark"]
    return any(t.lemma == "пока" for t in marks) and negated(view.sentence, token.index)


def _layman(view: View, token: int) -> bool:
    """Whether somebody does it for himself: an artist, tourists, one citizen; but "эфиопские врачи" go for Ethiopia.

    Several citizens demand and accuse for their state, but they do not visit for it.
    """
    one = view.sentence[token].feats.get("Number") == "Sing"
    if view.names.kind(token, _CITIZENS):
        return one or view.frame.person  # "украинцы, приехавшие в Чехию": no delegation
    sent = not one and view.resolver.by_adjective(view.sentence, token)
    return view.sentence[token].lemma in frames().layman and not sent


def _press(view: View, token: int) -> bool:
    """Whether a phrase's head is a newspaper, a channel or an agency, by its name or as such."""
    named = any(hit.sector == PRESS for hit in view.names.at.get(token, ()))
    return named or view.sentence[token].lemma in words().press


def _family(view: View, token: int) -> bool:
    """Whether somebody's relatives are met, and nobody of a known state: "свидание с женой"."""
    return view.sentence[token].lemma in words().family and not view.resolver.owner(view.sentence, token, guess=False)
