"""Repairs of the subject: agreement, case and order are better evidence than the parser's relations.

Parsers take the first noun of a clause for its subject. Russian puts what is known first, and the subject, if it is
news, last: "Сорок истребителей закупил у Китая Пакистан". A finite verb agrees with its subject in number, and in the
past in gender; names in the nominative, and those that do not decline, may be its subject wherever they hang.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workers.enrichment.coding.agreement import NAMES, agreeing, token_at, uninflected
from workers.enrichment.coding.grammar import words
from workers.enrichment.document import Sentence, Token

_MISREAD = frozenset({"obj", "appos", "flat:name", "flat:foreign", "nmod", "iobj", "obl", "amod"})
"""Relations that parsers give a subject that stands after its verb."""
_STOPS = frozenset(",:;—–()«»")
_REACH = 14


def subjects_of_verbs(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Subjects found by agreement, and what was taken for them made objects."""
    for verb in sentence:
        if verb.pos != "VERB" or (verb.feats.get("VerbForm") != "Fin" and verb.feats.get("Variant") != "Short"):
            continue
        subjects = [sentence[c] for c in sentence.children(verb.index) if sentence[c].rel.startswith("nsubj")]
        subjects = [s for s in subjects if not sentence.preposition(s.index)]
        fit = [s for s in subjects if agreeing(sentence, verb, s) and _nominative(s)]
        wrong = [s for s in subjects if s not in fit]
        if len(fit) > 1:
            yield from _two(sentence, verb, fit)
        elif fit and all(s.case == "Gen" for s in fit) and (name := _named(sentence, verb)) is not None:
            yield name.index, replace(name, head=verb.index, rel="nsubj")
            yield from ((s.index, _object(s)) for s in subjects)
        elif fit:
            yield from ((s.index, _object(s)) for s in wrong if s.case in ("Nom", "Acc", "Gen"))
        elif (found := _elsewhere(sentence, verb, misread=bool(wrong))) is not None:
            rel = "nsubj" if verb.feats.get("Voice") != "Pass" else "nsubj:pass"
            yield found.index, replace(found, head=verb.index, rel=rel, feats={**found.feats, "Case": "Nom"})
            yield from ((s.index, _object(s)) for s in wrong if s.index != found.index)
        else:  # "президента не пустили": nobody in the clause is the subject
            yield from ((s.index, _object(s)) for s in wrong if _suffering(sentence, verb, s))


def crossed(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Subjects of two clauses that the parser gave to each other's verb: "Чад не признаёт выборов, тогда как Нигер и
    Мали объявили ..."."""
    for first in sentence:
        later = token_at(sentence, first.head)
        if not first.rel.startswith("nsubj") or later is None or later.index <= first.index:
            continue
        between = [t for t in sentence.tokens[first.index + 1 : later.index] if t.rel.startswith("nsubj")]
        for second in between:
            verb = token_at(sentence, second.head)
            apart = any(t.text == "," for t in sentence.tokens[(verb or second).index : second.index])
            if verb is not None and first.index < verb.index < second.index and apart and verb.pos == "VERB":
                yield first.index, replace(first, head=verb.index)
                yield second.index, replace(second, head=later.index)
                return


def who(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Который taken for an object, though it refers to somebody and is no accusative: "посол, который посетил Минск".

    Of somebody the accusative is которого, so который and которые are their clause's subject.
    """
    for token in sentence:
        verb = token_at(sentence, token.head)
        if token.text.lower() not in ("который", "которые") or token.rel != "obj" or verb is None:
            continue
        noun = token_at(sentence, verb.head)
        if verb.rel != "acl:relcl" or noun is None or noun.feats.get("Animacy") != "Anim":
            continue
        yield token.index, replace(token, rel="nsubj", feats={**token.feats, "Case": "Nom"})
        taken = (sentence[c] for c in sentence.children(verb.index) if sentence[c].rel == "nsubj")
        yield from ((s.index, _object(s)) for s in taken if s.index > verb.index and _accusative(s))


def _nominative(token: Token) -> bool:
    """Whether the form can be a subject's: Палестину cannot."""
    if token.case == "Acc" and token.feats.get("Animacy") == "Anim":
        return False
    if token.case == "Acc":
        return token.pos != "PROPN" or _accusative(token)
    return token.case not in ("Dat", "Ins")


def _suffering(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether what was taken for a subject is an accusative of somebody: it neither agrees nor can be a nominative."""
    return token.pos == "NOUN" and not _nominative(token) and not agreeing(sentence, verb, token)


def _two(sentence: Sentence, verb: Token, subjects: list[Token]) -> Iterator[tuple[int, Token]]:
    """Of two that agree, the one that cannot be an accusative is the subject: "Тегеран посетит президент".

    Else a name or an animate is, and the thing its object; else the first.
    """
    acting = [s for s in subjects if not _accusative(s)]
    if not 0 < len(acting) < len(subjects):
        acting = [s for s in subjects if _acts(s)]
    acting = acting or [s for s in subjects if _owned(sentence, s)]
    subject = acting[0] if len(acting) == 1 else subjects[0]
    for other in subjects:
        after = other.index > verb.index or subject is not subjects[0]
        if other is not subject and after and _accusative(other):
            yield other.index, _object(other)


def _owned(sentence: Sentence, noun: Token) -> bool:
    """Whether a name in the genitive stands by the noun: "флоты Индии"."""
    return any(
        sentence[c].case == "Gen" and sentence[c].feats.get("NameType") in NAMES and not sentence.preposition(c)
        for c in sentence.children(noun.index)
    )


def _acts(noun: Token) -> bool:
    """Whether a noun is somebody: a person, a name, a body."""
    return noun.feats.get("Animacy") == "Anim" or noun.pos in ("PROPN", "PRON") or noun.lemma in words().people


def _accusative(token: Token) -> bool:
    """Whether a form read as a nominative may be an accusative."""
    if token.feats.get("Animacy") == "Anim":
        return False
    return uninflected(token) or token.feats.get("Gender") != "Fem" or token.feats.get("Number") == "Plur"


def _object(token: Token) -> Token:
    if token.case == "Gen" and token.feats.get("NameType") in NAMES:  # "Армении": the dative has the same form
        return replace(token, rel="iobj", feats={**token.feats, "Case": "Dat"})
    case = "Acc" if token.case in ("Nom", "") else token.case
    return replace(token, rel="obj", feats={**token.feats, "Case": case})


def _elsewhere(sentence: Sentence, verb: Token, *, misread: bool) -> Token | None:
    """A name in the verb's stretch of the sentence that can be its subject: the nearest after it, else before it."""
    for token in _stretch(sentence, verb.index, 1):
        if not misread and _no_attribute(sentence, verb, token):
            return token
        if _may(sentence, verb, token) and (
            misread or _sure(sentence, token) or _apart(sentence, verb, token) or _left(sentence, verb, token)
        ):
            return token
    for token in _stretch(sentence, verb.index, -1):
        if token.pos == "VERB" and token.feats.get("VerbForm") == "Fin":
            return None
        if token.pos == "NOUN" and token.rel == "obj" and token.head > verb.index and _bare(sentence, verb, token):
            return token  # hung on a later verb
        if token.case == "Nom" and _may(sentence, verb, token):
            head = token_at(sentence, token.head)
            if head is not None and (head.index == verb.index or head.index < token.index):
                return token
    return None


def _named(sentence: Sentence, verb: Token) -> Token | None:
    """A name before the verb that is a nominative and nothing else: "вторжения солдат Эфиопия терпеть не станет"."""
    for token in _stretch(sentence, verb.index, -1):
        name = token.pos == "PROPN" and token.feats.get("NameType") in NAMES and token.case == "Nom"
        if name and token.rel in _MISREAD and not _accusative(token) and agreeing(sentence, verb, token):
            return None if sentence.preposition(token.index) else token
    return None


def _bare(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether an accusative without a preposition may be a nominative, and agrees with the verb."""
    fits = token.case in ("Nom", "Acc") and _accusative(token) and not sentence.preposition(token.index)
    return fits and agreeing(sentence, verb, token)


def _may(sentence: Sentence, verb: Token, token: Token) -> bool:
    if token.pos != "PROPN" or token.feats.get("NameType") not in NAMES or token.rel not in _MISREAD:
        return False
    if token.case not in ("Nom", "Acc") and not uninflected(token):
        return False
    if token.case == "Acc" and not _accusative(token):
        return False  # "Камбоджу"
    if token.rel == "nmod" and token.case != "Nom":
        return False
    if sentence.preposition(token.index) or (token.index and sentence[token.index - 1].pos == "ADP"):
        return False
    return agreeing(sentence, verb, token)


def _sure(sentence: Sentence, token: Token) -> bool:
    """Whether the form, or that of a conjunct, is a nominative and nothing else: Камбоджа, Индия."""
    group = [token, *(sentence[c] for c in sentence.children(token.index) if sentence[c].rel == "conj")]
    return any(t.case == "Nom" and not _accusative(t) for t in group)


def _apart(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether a nominative hangs on a noun of another case, so that they make no phrase: "обратился к Кубе Чад"."""
    head = token_at(sentence, token.head)
    return (
        head is not None and verb.rel != "conj" and token.case == "Nom" and head.pos in ("NOUN", "PROPN")
        and head.case not in ("Nom", "") and verb.index < head.index < token.index
        and (head.case != "Acc" or head.feats.get("Animacy") == "Anim" or not _accusative(token))
    )  # fmt: skip


def _left(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether a name is all that is left for a subject, as the verb has its object: "поддержал албанцев Лондон"."""
    if verb.rel == "conj" or verb.feats.get("Voice") != "Act":
        return False
    below = [sentence[c] for c in sentence.children(verb.index)]
    objects = [t for t in below if t.rel == "obj" and t.index != token.index and not sentence.preposition(t.index)]
    head = token_at(sentence, token.head)
    stands_by = token.rel == "appos" and (head is None or head.feats.get("Animacy") != "Anim")
    return bool(objects) and not stands_by and token.index > verb.index


def _no_attribute(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether a common noun is a nominative hung as an attribute on a noun of another case: "приведены в готовность
    части"; attributes without a preposition are genitives."""
    head = token_at(sentence, token.head)
    return (
        head is not None and token.pos == "NOUN" and token.rel == "nmod" and token.case == "Nom" and verb.rel != "conj"
        and head.pos == "NOUN" and head.case not in ("Nom", "") and verb.index < head.index < token.index
        and not sentence.preposition(token.index) and token.feats.get("Abbr") != "Yes"
        and agreeing(sentence, verb, token)
    )  # fmt: skip


def _stretch(sentence: Sentence, index: int, step: int) -> Iterator[Token]:
    """The tokens from `index` to the next stop."""
    for place in range(1, _REACH):
        token = token_at(sentence, index + step * place)
        if token is None or token.text in _STOPS or token.lemma == "который":
            return
        yield token
