"""Acts that are told by leaving them out: "Минск — тоже", "Чехия — двух", "то же сделала Канада".

A clause without a verb, or with one that only stands for the last, repeats the last directed act with another source:
its target too, unless the clause names one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from models import EventType
from workers.enrichment.coding.content import Found
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.phrases import STATES, Modifier, Names, coordinated
from workers.enrichment.coding.triggers import Trigger
from workers.enrichment.coding.verb_forms import is_verbal
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Kind

_WHO = STATES | {Kind.ORGANIZATION}
_DASHES = frozenset("—–")
_BEFORE = frozenset({",", ";", "а", "и"})
_ENDS = frozenset({",", ";", ".", "!", "?", "…"})


def repeated(
    sentence: Sentence, names: Names, here: Sequence[Found], earlier: Sequence[Found], confidence: float
) -> Iterator[Found]:
    """The acts that elliptic clauses repeat, of those told `here` before them, else of those of the sentence before."""
    taken: set[int] = set()
    for hit in names.hits:
        start = hit.start
        if hit.kind not in _WHO or start in taken or sentence.preposition(start):
            continue
        who = coordinated(sentence, names, start)
        taken |= {m.token for m in who}
        rest = _rest(sentence, who) if who else range(0)
        if not who or not (_gapped(sentence, start, rest) or _likewise(sentence, who)):
            continue
        told = [e for e in here if e.trigger.token < start] or list(earlier)
        if not told or told[-1].reciprocal or told[-1].frame.type is EventType.CONSULT:
            continue
        same = [e for e in told if e.trigger == told[-1].trigger]
        yield from _with(same, who, _others(names, rest), start, sentence.index, confidence)


def _with(
    same: Sequence[Found],
    who: Sequence[Modifier],
    others: Sequence[Actor],
    token: int,
    sentence: int,
    confidence: float,
) -> Iterator[Found]:
    """The act with another source, and its own targets or others."""
    last, did = same[-1], {e.source.code for e in same}
    for code in dict.fromkeys(m.hit.code for m in who):
        for target in others or tuple({e.target.code: e.target for e in same}.values()):
            if code and code != target.code and code not in did:
                source = Actor(code, "GOV", token=token)
                yield replace(
                    last, sentence=sentence, trigger=Trigger(token), source=source, target=target,
                    confidence=min(last.confidence, confidence),
                )  # fmt: skip


def _rest(sentence: Sentence, who: Sequence[Modifier]) -> range:
    """The tokens after a dash that follows the names, up to the clause's end; empty without a dash."""
    dash = who[-1].hit.end
    if dash >= len(sentence) or sentence[dash].text not in _DASHES:
        return range(0)
    end = next((i for i in range(dash + 1, len(sentence)) if sentence[i].text in _ENDS), len(sentence))
    return range(dash + 1, end)


def _gapped(sentence: Sentence, start: int, rest: range) -> bool:
    """Whether a name, a dash and what is no definition make a clause: "Узбекистан — тысячу палаток"."""
    if not rest or (start > 0 and sentence[start - 1].text.lower() not in _BEFORE):
        return False
    if any(is_verbal(sentence[i]) and sentence[i].feats.get("VerbForm") != "Part" for i in rest):
        return False
    if sentence[rest[0]].lemma in words().also:
        return True
    noun = next((sentence[i] for i in rest if sentence[i].pos in ("NOUN", "PROPN", "NUM")), None)
    return noun is not None and noun.case not in ("Nom", "", "Loc") and start > 0


def _likewise(sentence: Sentence, who: Sequence[Modifier]) -> bool:
    """Whether they do the same by the words: "то же сделала Канада", "её примеру последовали Литва и Латвия"."""
    token = sentence[who[0].token]
    if not token.rel.startswith("nsubj") or not 0 <= token.head < len(sentence):
        return False
    verb = sentence[token.head]
    below = {sentence[i].lemma for i in sentence.subtree(verb.index)}
    return verb.lemma in words().standing_for and bool(below & words().the_same)


def _others(names: Names, rest: range) -> tuple[Actor, ...]:
    """The states that the clause names for targets of its own."""
    found = {hit.code: Actor(hit.code, hit.sector, token=i) for i in rest for hit in names.kind(i, _WHO) if hit.code}
    return tuple(found.values())
