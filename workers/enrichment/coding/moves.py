"""How the discourse moves on with the text: who is named, who acts, who speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.mentions import PRESS
from workers.enrichment.coding.phrases import Names, coordinated
from workers.enrichment.coding.speech import agents, speakers
from workers.enrichment.document import Sentence

Move = tuple[str, tuple[Any, ...]]
"""A method of the discourse that takes something in, and what."""


def moves(sentence: Sentence, names: Names, resolver: Resolver, index: int) -> Iterator[Move]:
    """What the discourse takes in at a token, or with -1 of who speaks in the sentence; each before the next is asked
    for."""
    if index < 0:
        spoken = speakers(sentence, names, resolver, -1) if len(sentence) else ()
        if spoken:
            yield "speaks", (spoken[0].code,)
        return
    if index in names.at or resolver.is_person(sentence, index):
        for actor in resolver.named(sentence, index):
            yield "mention", (actor.code,)
        listed = coordinated(sentence, names, index)
        if len(listed) > 1:
            yield "listed", (tuple(dict.fromkeys(m.hit.code for m in listed if m.hit.code)),)
        for role, actor in resolver.offices(sentence, index):
            yield "office", (role, actor)
    token = sentence[index]
    if token.lemma in words().speech_nouns and sentence.preposition(index) == "по":
        who = resolver.owner(sentence, index, guess=False)
        if len(who) == 1:
            yield "acts", (who[0].code,)
    if token.feats.get("VerbForm") == "Fin" and token.lemma in words().speech:
        who = agents(sentence, names, resolver, index)
        if len(who) == 1 and who[0].via != "discourse" and who[0].sector != PRESS:
            yield "speaks", (who[0].code,)
            yield "acts", (who[0].code,)
    elif token.rel == "nsubj" and resolver.can_act(sentence, index):
        who = resolver.owner(sentence, index, guess=False)
        if len(who) == 1 and who[0].code:
            yield "acts", (who[0].code,)
