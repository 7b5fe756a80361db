"""The words of a sentence that may tell of an event, and the light verbs that carry nouns of act."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from workers.enrichment.coding.frames import Frame, Frames, frames
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.verb_forms import is_attributive, is_verbal
from workers.enrichment.document import Sentence

_BY_A_NOUN = frozenset({"amod", "acl", "acl:relcl", "conj", "root", "parataxis"})
"""Relations of a participle that modifies; in others it is a noun: подозреваемый, обвиняемый."""


class Trigger(Struct, frozen=True):
    """A word that may tell of an event: its token, the light verb that carries it, and how that verb takes it.

    `relation` is plain (the verb's subject acts), existential (the verb only says that it takes place), inverse (its
    subject suffers), setting (the clause's parties are the event's), or empty without a verb.
    """

    token: int
    support: int | None = None
    relation: str = ""
    reflexive: bool = False


def triggers(sentence: Sentence, known: Frames, possible: Callable[[Frame], bool]) -> Iterator[tuple[Trigger, Frame]]:
    """Each word of the sentence that may trigger a frame, with each such frame that is possible."""
    for token in sentence:
        if is_verbal(token) and not (is_attributive(token) and token.rel not in _BY_A_NOUN):
            held, reflexive = known.by_verb.get(token.lemma, ()), False
            if not held and token.lemma.endswith("ся") and token.lemma not in words().deponent:
                held, reflexive = known.by_verb.get(token.lemma[:-2], ()), True
            for frame in filter(possible, held):
                yield Trigger(token.index, reflexive=reflexive), frame
        if token.pos == "ADJ" or (is_verbal(token) and token.feats.get("Variant") == "Short"):
            for frame in filter(possible, known.by_adjective.get(token.lemma, ())):
                if token.feats.get("Variant") == "Short" or token.case in ("Ins", "Nom", ""):
                    yield Trigger(token.index), frame
        if token.pos in ("NOUN", "PROPN"):
            for frame in filter(possible, known.by_noun.get(token.lemma, ())):
                yield carried(sentence, token.index, frame), frame


def carried(sentence: Sentence, noun: int, frame: Frame) -> Trigger:
    """The noun with the light verb that carries it, above it or as its participle."""
    known, top = words(), noun
    for head in sentence.ancestors(noun):
        token = sentence[head]
        if is_verbal(token):
            rel = sentence[top].rel
            if rel in ("acl", "acl:relcl", "advcl", "conj", "parataxis"):
                break
            if token.lemma in frame.inverse_light:
                return Trigger(noun, head, "inverse")
            preposition = sentence.preposition(top)
            if rel == "nsubj" and any(sentence[c].rel == "obj" and c != top for c in sentence.children(head)):
                break  # "беседа не дала результата": the verb has a subject and an object of its own
            if token.lemma in known.light_decreeing and sentence[top].lemma in known.light_paper:
                return Trigger(noun, head, "plain")
            if token.lemma in frame.light | known.light_plain | known.light_announcing and (
                not preposition
                or token.lemma in frame.light
                or preposition in ("с", "к", "в")
                or (preposition == "о" and token.lemma in known.light_announcing)
            ):
                return Trigger(noun, head, "plain")
            if preposition == "о" and frame.gen == "target" and token.lemma in known.light_reporting:
                return Trigger(noun, head, "plain")
            base = token.lemma.removesuffix("ся")
            if token.lemma in known.light_existential and not preposition:
                return Trigger(noun, head, "existential")
            if token.lemma != base and base in frame.light | known.light_plain and not preposition:
                return Trigger(noun, head, "existential")
            if frame.setting and preposition in known.setting:
                return Trigger(noun, head, "setting")
            if (
                frame.borrows
                and not preposition
                and rel in ("obj", "obl", "iobj")
                and token.lemma not in known.light_blocking
                and token.lemma not in frames().by_verb
            ):
                return Trigger(noun, head, "plain")
            break
        if token.lemma not in known.light_carrier | known.light_paper:
            if token.pos == "ADJ" and frame.setting and sentence.preposition(top) in known.setting:
                return Trigger(noun, head, "setting")
            break
        top = head
    below = carriers_below(sentence, noun, frame)
    return Trigger(noun, below[0], "plain") if below else Trigger(noun)


def carriers_below(sentence: Sentence, noun: int, frame: Frame) -> list[int]:
    """The light verbs that carry a noun as its participles or in its relative clause: "учения, в которых участвуют"."""
    if sentence[noun].pos not in ("NOUN", "PROPN"):
        return []
    light = frame.light | words().light_plain
    return [
        c for c in sentence.children(noun)
        if is_verbal(sentence[c]) and sentence[c].rel in ("acl", "acl:relcl", "amod") and sentence[c].lemma in light
    ]  # fmt: skip
