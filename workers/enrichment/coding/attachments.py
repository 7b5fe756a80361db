"""Repairs of what hangs on what: names, measures, clauses and participles that the parser gave to a neighbour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec.structs import replace

from workers.enrichment.coding.agreement import NAMES, agreeing, alike, token_at, uninflected
from workers.enrichment.coding.grammar import words
from workers.enrichment.document import Sentence, Token
from workers.enrichment.russian.lexicon import indeclinable, leaders, proper_names

_NO_ARGUMENT = frozenset({"flat:name", "flat:foreign", "amod", "appos"})
"""Relations that two names of different case never have to each other."""
_CLAUSE_STOPS = frozenset(",:;«(")
_OF_VERBS = frozenset({"nsubj", "obj", "iobj", "obl"})
_AGREEMENT = ("Case", "Number", "Gender")
_MEASURES = frozenset({"более", "менее", "свыше", "больше", "меньше", "около", "порядка"})


def circles(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Words that hang on one another and on nothing else: the one whose relation is a verb's hangs on the nearest."""
    for token in sentence:
        other = token_at(sentence, token.head)
        if other is None or other.head != token.index or token.rel not in _OF_VERBS or other.rel in _OF_VERBS:
            continue
        verbs = [t.index for t in sentence if t.pos == "VERB" and t.feats.get("VerbForm") == "Fin"]
        if verbs:
            yield token.index, replace(token, head=min(verbs, key=lambda verb: abs(verb - token.index)))


def unbending(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """States' names taken for another word's form: "Перу" is no case of "перо", "Кампала" no verb."""
    for token in sentence:
        if token.pos != "PROPN" and token.text in indeclinable():
            feats = {"NameType": "Geo", "InflClass": "Ind", "Number": "Sing", "Gender": "Neut"}
            yield token.index, replace(token, pos="PROPN", lemma=token.text.lower(), feats=feats)
        elif token.pos == "VERB" and token.text in proper_names():
            feats = {"NameType": "Geo", "Case": "Nom", "Number": "Sing"}
            yield token.index, replace(token, pos="PROPN", lemma=token.text.lower(), feats=feats)


def equations(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """The subject of a noun after a dash, hung elsewhere by the parser: "а заявление ведомства — провокация"."""
    for dash in (t.index for t in sentence if t.text in ("—", "–")):
        after = next((t for t in sentence.tokens[dash + 1 : dash + 4] if t.pos in ("NOUN", "VERB", "PROPN")), None)
        if after is None or after.pos != "NOUN" or after.case != "Nom" or after.feats.get("Animacy") == "Anim":
            continue
        if any(sentence[c].rel.startswith("nsubj") for c in sentence.children(after.index)):
            continue
        start = next((i for i in range(dash - 1, -1, -1) if sentence[i].text in _CLAUSE_STOPS), -1) + 1
        before = sentence.tokens[start:dash]
        bare = (t for t in before if t.pos == "NOUN" and t.case == "Nom" and not sentence.preposition(t.index))
        subject = next(bare, None)
        if subject is not None and all(t.pos != "VERB" for t in before):
            yield subject.index, replace(subject, head=after.index, rel="nsubj")


def measures(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """What is counted stands in the place that the parser gives to the word before the number: "выпустил более 300
    ракет"."""
    for token in sentence:
        if token.lemma not in _MEASURES or token.rel.split(":")[0] not in ("obj", "nsubj", "obl"):
            continue
        below = [sentence[c] for c in sentence.children(token.index)]
        counted = next((t for t in below if t.pos in ("NOUN", "PROPN") and t.index > token.index), None)
        if counted is not None and not sentence.preposition(counted.index):
            yield counted.index, replace(counted, head=token.head, rel=token.rel)
            yield token.index, replace(token, head=counted.index, rel="advmod")


def relatives(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A clause with который hung on a verb belongs to the noun before it: "из-за учений, которые начинают ..."."""
    for token in sentence:
        if token.lemma != "который":
            continue
        verb = next((sentence[i] for i in sentence.ancestors(token.index) if sentence[i].pos == "VERB"), None)
        if verb is None or verb.rel not in ("conj", "parataxis", "advcl", "ccomp") or verb.head > token.index:
            continue
        comma = next((i for i in range(token.index, max(-1, token.index - 6), -1) if sentence[i].text == ","), 0)
        noun = token_at(sentence, comma - 1)
        if noun is not None and noun.pos in ("NOUN", "PROPN") and alike(token, noun, ("Number", "Gender")):
            yield verb.index, replace(verb, head=noun.index, rel="acl:relcl")


def participles(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A participle hung on a genitive with which it does not agree stands by the noun above, if it agrees with that:
    "удар беспилотника, нанесённый Турцией"."""
    for token in sentence:
        if token.rel != "acl" or token.feats.get("VerbForm") != "Part" or not token.case:
            continue
        noun = token_at(sentence, token.head)
        above = token_at(sentence, noun.head) if noun is not None else None
        if noun is None or above is None or noun.rel != "nmod" or noun.index > token.index:
            continue
        if above.pos in ("NOUN", "PROPN") and alike(token, above, _AGREEMENT) and not alike(token, noun, _AGREEMENT):
            yield token.index, replace(token, head=above.index)


def lists(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A name that does not decline has the case of the name that follows it in a list: "ОАЭ и Саудовской Аравии"."""
    for token in sentence:
        if not uninflected(token) or token.pos not in ("PROPN", "NOUN") or sentence.preposition(token.index):
            continue
        fellow = next((sentence[c] for c in sentence.children(token.index) if sentence[c].rel == "conj"), None)
        if fellow is None or uninflected(fellow) or fellow.feats.get("NameType") not in NAMES:
            continue
        if fellow.case in ("Gen", "Dat") and token.rel in ("nsubj", "obj", "iobj") and fellow.case != token.case:
            yield token.index, replace(token, rel="iobj", feats={**token.feats, "Case": "Dat"})
        elif fellow.case == "Ins" and token.case != "Ins":
            yield token.index, replace(token, rel="obl", feats={**token.feats, "Case": "Ins"})


def bare_objects(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Nouns in the accusative that the parser took for adverbs are the verb's objects: "обстреляла окраины"."""
    for token in sentence:
        verb = token_at(sentence, token.head)
        if token.pos != "NOUN" or token.rel != "advmod" or token.case != "Acc" or sentence.preposition(token.index):
            continue
        if verb is None or verb.pos != "VERB" or token.lemma in words().times or token.index < verb.index:
            continue
        if all(sentence[c].rel != "obj" for c in sentence.children(verb.index)):
            yield token.index, replace(token, rel="obj")


def run_together(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Two leaders' surnames taken for one name: the second, which does not share the first's case, is the subject of
    the verb after it, with those beside it: "в беседе с Путиным Макрон и Шольц обсудили ..."."""
    for token in sentence:
        first = token_at(sentence, token.head)
        if token.rel not in ("flat:name", "appos") or first is None or first.index != token.index - 1:
            continue
        if first.case in ("", "Nom") or token.case == first.case or not two_leaders(first.text, token.text):
            continue
        verb = next((t for t in sentence.tokens[token.index :] if t.feats.get("VerbForm") == "Fin"), None)
        if verb is None or any(sentence[c].rel.startswith("nsubj") for c in sentence.children(verb.index)):
            continue
        yield token.index, replace(token, head=verb.index, rel="nsubj", feats={**token.feats, "Case": "Nom"})
        for c in sentence.children(first.index):
            marked = any(sentence[below].rel == "case" for below in sentence.children(c))
            if sentence[c].rel == "conj" and token.index < c < verb.index and not marked:
                yield c, replace(sentence[c], head=token.index, feats={**sentence[c].feats, "Case": "Nom"})


def two_leaders(first: str, second: str) -> bool:
    """Whether two words side by side are the surnames of two persons of the table of leaders, and no one name."""
    hits = leaders().match([first, second])
    alone = {(hit.start, hit.end): hit for hit in hits if not hit.full}
    return len(hits) == 2 and set(alone) == {(0, 1), (1, 2)} and not alone[0, 1].cases & {"Nom"}


def persons_in_a_row(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Titles with a name each, hung on one another as appositions, are a list: "президент А Иванов, канцлер Б Шмидт и
    ..."."""
    for token in sentence:
        first = token_at(sentence, token.head)
        if token.rel != "appos" or first is None or first.index > token.index or sentence[token.index - 1].text != ",":
            continue
        alike_titles = first.pos == token.pos == "NOUN" and first.case == token.case
        if alike_titles and _bears(sentence, first, token.index) and _bears(sentence, token, len(sentence)):
            yield token.index, replace(token, rel="conj")


def _bears(sentence: Sentence, title: Token, end: int) -> bool:
    """Whether a person's name stands by a title, before `end`."""
    return any(
        sentence[c].ner.endswith("-PER") and title.index < c < end and sentence[c].rel in ("appos", "flat:name", "nmod")
        for c in sentence.subtree(title.index)
        if not any(t.text == "," for t in sentence.tokens[title.index : c])
    )


def agents_of_names(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Names in the instrumental or dative that the parser hung on a neighbour are arguments of the verb above:
    "переданные Киеву Варшавой", "раскритикована Варшавой"."""
    for token in sentence:
        if token.pos != "PROPN" or token.case not in ("Ins", "Dat") or sentence.preposition(token.index):
            continue
        head = token_at(sentence, token.head)
        if head is None or token.feats.get("InflClass") == "Ind" or token.feats.get("NameType") not in NAMES:
            continue
        if head.pos in ("VERB", "ADJ") and token.rel == "xcomp":
            yield token.index, replace(token, rel="obl" if token.case == "Ins" else "iobj")
        elif (
            head.pos in ("PROPN", "NOUN") and head.case and head.case != token.case
            and (token.rel in _NO_ARGUMENT or (token.rel == "nmod" and token.case == "Ins" and head.pos == "PROPN"))
        ):  # fmt: skip
            verb = next((i for i in sentence.ancestors(token.index) if sentence[i].pos == "VERB"), None)
            if verb is not None:
                yield token.index, replace(token, head=verb, rel="obl" if token.case == "Ins" else "iobj")


def roots(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A verb of speech after what is said, made a second root: "удар будет нанесён, пригрозили в Баку"."""
    tops = [t for t in sentence if t.head < 0]
    for first, second in itertools.pairwise(tops):
        before = [t.text for t in sentence.tokens[first.index : second.index] if t.pos == "PUNCT"]
        if second.lemma in words().speech and before and before[-1] in (",", "—", "–"):
            yield second.index, replace(second, head=first.index, rel="parataxis")


def clauses(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A verb hung beside the verb of a clause whose subject it does not agree with goes on with the verb above:
    "в МИД заявили, что сторона рискует, и выразили протест"."""
    for verb in sentence:
        inner = token_at(sentence, verb.head)
        if verb.rel != "conj" or verb.feats.get("VerbForm") != "Fin" or inner is None or inner.rel != "ccomp":
            continue
        outer = token_at(sentence, inner.head)
        own = any(sentence[c].rel.startswith("nsubj") for c in sentence.children(verb.index))
        below = (sentence[c] for c in sentence.children(inner.index))
        subject = next((t for t in below if t.rel.startswith("nsubj")), None)
        if own or subject is None or outer is None or not outer.index < inner.index < verb.index:
            continue
        goes_on = outer.feats.get("VerbForm") == "Fin" and alike(verb, outer, ("Number", "Gender", "Tense"))
        several = any(sentence[c].rel == "conj" for c in sentence.children(subject.index))
        fits = agreeing(sentence, verb, subject) and (several or alike(verb, subject, ("Number", "Gender")))
        if goes_on and not fits:
            yield verb.index, replace(verb, head=outer.index)
