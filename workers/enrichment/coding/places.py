"""The state of a place as a party: who rules where an act is done, and whose soil it strikes.

"Трое чехов арестованы в Киншасе": acts of authority without an agent are those of the state where they are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workers.enrichment.coding.actors import Resolver
from workers.enrichment.coding.agreement import uninflected
from workers.enrichment.coding.discourse import Actor
from workers.enrichment.coding.grammar import words
from workers.enrichment.coding.phrases import ACTORS, Names
from workers.enrichment.coding.verb_forms import is_verbal
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Kind

PLACES = ACTORS | {Kind.CITY, Kind.REGION}
_TOWNS = frozenset({Kind.CITY, Kind.REGION})
_IN = ("в", "на")


def named_place(sentence: Sentence, names: Names, resolver: Resolver) -> tuple[Actor, ...]:
    """The state of the first place named in the sentence, else that of the first thing in the locative."""
    for i, token in enumerate(sentence):
        for hit in names.kind(i, PLACES):
            if hit.start == i and token.case == "Loc" and sentence.preposition(i) in _IN:
                return (Actor(hit.code, "CVL", token=i, via="grammar"),)
    for i, token in enumerate(sentence):
        if token.pos == "NOUN" and token.case == "Loc" and sentence.preposition(i) in _IN:
            for owner in resolver.of(sentence, i):
                return (Actor(owner.code, "CVL", token=i, via="grammar"),)
    return ()


def authority(sentence: Sentence, names: Names, resolver: Resolver, verb: int) -> tuple[Actor, ...]:
    """The state of the place where a verb without an agent says that something is done, empty if it names none."""
    for token in _locatives(sentence, verb):
        hits = [h for h in names.kind(token, PLACES) if h.code]
        if hits:
            return (Actor(hits[0].code, "GOV", token=token, via="grammar"),)
        if len(owners := resolver.of(sentence, token)) == 1:
            return owners
    return ()


def _locatives(sentence: Sentence, verb: int) -> Iterator[int]:
    """What stands in the locative by the verb, else by its subject or object; the place that где refers to."""
    below = sentence.children(verb)
    if sentence[verb].rel == "acl:relcl" and any(sentence[c].lemma == "где" for c in below):
        yield sentence[verb].head
    nouns = [c for c in below if sentence[c].rel.split(":")[0] in ("nsubj", "obj")]
    nouns = [n for n in nouns if sentence[n].lemma not in words().envoys]  # "посол в Париже" is sent there
    for child in (*below, *(c for noun in nouns for c in sentence.children(noun))):
        token = sentence[child]
        inside = sentence.preposition(child) in _IN and token.rel.split(":")[0] in ("obl", "nmod", "obj")
        if inside and (token.case == "Loc" or uninflected(token)):
            yield child


def grounds(sentence: Sentence, names: Names, noun: int) -> list[int]:
    """What a noun of force strikes, as its bare genitives: "обстрел деревни", "бомбардировка Харькова"."""
    below = (c for c in sentence.children(noun) if not sentence.preposition(c) and sentence[c].case == "Gen")
    return [c for c in below if sentence[c].lemma in words().ground or names.kind(c, _TOWNS)]


def instruments(sentence: Sentence, noun: int, ground: Iterable[int]) -> list[int]:
    """Who strikes, in the instrumental by the noun or, as parsers have it, by what is struck."""
    below = (c for top in (noun, *ground) for c in sentence.children(top))
    return [c for c in below if sentence[c].case == "Ins" and not sentence.preposition(c)]


def struck(sentence: Sentence, names: Names, top: int, *, made: bool = False) -> tuple[Actor, ...]:
    """The state on whose soil something is struck: the first place in the clause of `top`.

    With `made` only where a participle says that a thing is from: "электромобили, собранные в Китае".
    """
    for token in _clause(sentence, top):
        if made and sentence[sentence[token].head].feats.get("VerbForm") != "Part":
            continue
        for hit in names.kind(token, PLACES):
            if hit.code and hit.start == token and sentence[token].case == "Loc":
                return (Actor(hit.code, token=token, via="grammar"),)
    return ()


def _clause(sentence: Sentence, top: int) -> Iterator[int]:
    """The tokens below `top` in its own clause, in the order of the text."""
    open_, seen = [top], {top}
    while open_:
        for child in sentence.children(open_.pop()):
            token = sentence[child]
            if child not in seen and token.rel not in ("acl:relcl", "advcl", "ccomp", "parataxis", "csubj"):
                if token.rel == "conj" and is_verbal(token):
                    continue
                seen.add(child)
                open_.append(child)
    yield from sorted(seen)
