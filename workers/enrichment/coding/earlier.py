"""Whom an act told before brings in: "осудила бомбардировки" is against who bombed, if the article has told it."""

from __future__ import annotations

from models.coded import EventType, Quad
from models.ontology import ontology
from workers.enrichment.coding.discourse import Actor, Discourse
from workers.enrichment.coding.frames import frames
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.slots import View

_JUDGING = frozenset({EventType.ACCUSE, EventType.REJECT, EventType.AGREE, EventType.SUPPORT, EventType.CONCEDE})
"""Types whose object may be another's act."""
_ASKING = frozenset({EventType.REQUEST})
_ANSWERING = frozenset({EventType.REJECT, EventType.AGREE, EventType.CONCEDE})
"""Of these, the ones that only he does to whom the act was done."""


def behind(view: View, talk: Discourse, without: frozenset[str]) -> tuple[Actor, ...]:
    """Who is behind the nameless act that is judged, answered or hailed: whoever did the last act of its type.

    Nothing where the act has an owner of its own, or none like it has been told.
    """
    if view.frame.type not in _JUDGING:
        return ()
    for token in (t for slot in view.frame.target if slot.name == "obj" for t in view.tokens(slot)):
        lemma = view.sentence[token].lemma
        if lemma in words().joint or view.resolver.mentioned(view.sentence, token):
            continue
        types = frozenset(f.type for f in frames().by_noun.get(lemma, ()) if not f.symmetric)
        if types and all(ontology().quads[t] is not Quad.MATERIAL_COOPERATION for t in types):
            sources, targets = talk.last(types)
            if view.frame.type in _ANSWERING and not without & set(targets):
                continue
            if sources and not without & set(sources):
                return tuple(Actor(code, token=token, via="discourse") for code in sources)
    if view.frame.type in _ANSWERING and not any(view.tokens(slot) for slot in view.frame.target if slot.name == "dat"):
        askers, asked = talk.last(_ASKING)
        if without & set(asked) and not without & set(askers):
            return tuple(Actor(code, via="memory") for code in askers)  # "ответил отказом", "согласился"
    return ()


def recipients(view: View, talk: Discourse, sources: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """Who is helped where a list of donors does not say it again: who was helped last."""
    if view.frame.type is not EventType.AID or any(a.via == "discourse" for a in sources):
        return ()
    _, takers = talk.last(frozenset({EventType.AID}))
    codes = {a.code for a in sources}
    if not takers or codes & set(takers):
        return ()
    return tuple(Actor(code, via="discourse") for code in takers)
