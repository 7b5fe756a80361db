"""Who acts where no dependent of the trigger says so: a compound adjective, a paper's owner, the ruler of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import EventType
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.frames import ANY
from workers.enrichment.coding.grammar import modality, words
from workers.enrichment.coding.phrases import ADJECTIVES
from workers.enrichment.coding.places import authority
from workers.enrichment.coding.predicates import arguments
from workers.enrichment.coding.verb_forms import is_attributive, is_passive, is_verbal
from workers.enrichment.russian.lexicon import Kind

if TYPE_CHECKING:
    from workers.enrichment.coding.slots import View

_COMBINING = frozenset({Kind.COMBINING})
_AUTHORITY = frozenset(
    {EventType.SANCTION, EventType.COERCE, EventType.REJECT, EventType.CONCEDE, EventType.RETREAT, EventType.ACCUSE}
)
"""Acts that a state does where it rules."""


def compound(view: View) -> list[Actor]:
    """Both states of a compound adjective: "японо-филиппинские учения"."""
    return [
        Actor(hit.code, hit.sector, token=c, via="grammar")
        for c in view.sentence.children(view.trigger.token) if view.names.kind(c, _COMBINING)
        for hit in view.names.kind(c, _COMBINING | ADJECTIVES) if hit.code
    ]  # fmt: skip


def decided(view: View) -> tuple[Actor, ...]:
    """Who does what their paper decides, what they consider or what they do with their own.

    "Решение Чада о высылке", "рассматривает возможность введения санкций", "начал отвод своих войск".
    """
    token = view.sentence[view.trigger.token]
    if not view.nominal or not 0 <= token.head < len(view.sentence):
        return ()
    paper = view.sentence[token.head].lemma in words().light_paper
    if paper and view.sentence.preposition(token.index) == "о":
        return view.resolver.of(view.sentence, token.head)
    below = {view.sentence[t].lemma for a in view.genitives() for t in view.sentence.children(a)}
    considered = view.sentence[token.head].lemma in modality().planned | modality().hypothetical
    if "свой" not in below and not (considered and not view.resolver.of(view.sentence, token.head)):
        return ()
    verb = next((i for i in view.sentence.ancestors(token.index) if is_verbal(view.sentence[i])), None)
    control = words().control
    doers = arguments(view.sentence, verb, control) if verb is not None else ()
    return tuple(o for a in doers if a.slot == "agent" for o in view.resolver.owner(view.sentence, a.token))


def ruling(view: View) -> tuple[Actor, ...]:
    """The state of the place where an act of authority is done, where nothing tells its agent."""
    verb = view.trigger.token if is_verbal(view.sentence[view.trigger.token]) else view.trigger.support
    if view.frame.type not in _AUTHORITY or verb is None:
        return ()
    token = view.sentence[verb]
    passive = is_passive(token, reflexive=view.trigger.reflexive) and not is_attributive(token)
    impersonal = token.feats.get("VerbForm") == "Fin" and token.feats.get("Number") == "Plur"
    idiom = frozenset(w for need in view.frame.needs if need.words != ANY for w in need.words)
    told = any(
        a.slot == "agent" and view.sentence[a.token].lemma not in idiom for a in (*view.own, *view.support)
    )  # fmt: skip
    if told or not (passive or impersonal or view.trigger.relation in ("inverse", "existential")):
        return ()
    found = authority(view.sentence, view.names, view.resolver, verb)
    rulers = frozenset(a.code for a in found)
    foreign = (
        a for slot in view.frame.target for a in view.actors(slot, target=True, without=rulers)
    )  # fmt: skip
    return found if any((a.via != "discourse" or a.token >= 0) and a.code not in rulers for a in foreign) else ()
