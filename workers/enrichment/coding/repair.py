"""Repairs of the tree where agreement, case and order are better evidence than the parser's relations.

Parsers take the first noun of a clause for its subject. Russian puts what is known first, and the subject, if it is
news, last: "Сорок истребителей закупил у Китая Пакистан". A finite verb agrees with its subject in number, and in the
past in gender; names in the nominative, and those that do not decline, may be its subject wherever they hang.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from workers.enrichment.document import Document, Sentence, Token

_NAME = frozenset({"Geo", "Com"})
_MISREAD = frozenset({"obj", "appos", "flat:name", "flat:foreign", "nmod", "iobj", "obl", "amod"})
"""Relations that parsers give a subject that stands after its verb."""
_NO_ARGUMENT = frozenset({"flat:name", "flat:foreign", "amod", "appos"})
"""Relations that two names of different case never have to each other."""
_STOPS = frozenset(",:;—–()«»")
_REACH = 14
_AGREEMENT = ("Case", "Number", "Gender")
_QUANTITY = frozenset({"тысяча", "миллион", "десяток", "сотня", "большинство", "ряд", "множество", "часть"})


def repaired(document: Document) -> Document:
    """The document with the trees of its sentences repaired; texts, offsets and lemmas stay."""
    return replace(document, sentences=tuple(_sentence(s) for s in document.sentences))


def _sentence(sentence: Sentence) -> Sentence:
    for step in (_relatives, _participles, _lists, _agents, _subjects, _clauses):
        changes = dict(step(sentence))
        if changes:
            tokens = tuple(changes.get(t.index, t) for t in sentence.tokens)
            sentence = replace(sentence, tokens=tokens)
    return sentence


def _relatives(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A clause with который hung on a verb belongs to the noun before it: "из-за учений, которые начинают ..."."""
    for token in sentence:
        if token.lemma != "который":
            continue
        verb = next((sentence[i] for i in sentence.ancestors(token.index) if sentence[i].pos == "VERB"), None)
        if verb is None or verb.rel not in ("conj", "parataxis", "advcl", "ccomp") or verb.head > token.index:
            continue
        comma = next((i for i in range(token.index, max(-1, token.index - 6), -1) if sentence[i].text == ","), 0)
        noun = _at(sentence, comma - 1)
        if noun is not None and noun.pos in ("NOUN", "PROPN") and _alike(token, noun, ("Number", "Gender")):
            yield verb.index, replace(verb, head=noun.index, rel="acl:relcl")


def _alike(one: Token, other: Token, features: tuple[str, ...]) -> bool:
    pairs = ((one.feats.get(f), other.feats.get(f)) for f in features)
    return all(not a or not b or a == b for a, b in pairs)


def _participles(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A participle hung on a genitive with which it does not agree stands by the noun above, if it agrees with that:
    "удар беспилотника, нанесённый Турцией"."""
    for token in sentence:
        if token.rel != "acl" or token.feats.get("VerbForm") != "Part" or not token.case:
            continue
        noun = _at(sentence, token.head)
        above = _at(sentence, noun.head) if noun is not None else None
        if noun is None or above is None or noun.rel != "nmod" or noun.index > token.index:
            continue
        if above.pos in ("NOUN", "PROPN") and _alike(token, above, _AGREEMENT) and not _alike(token, noun, _AGREEMENT):
            yield token.index, replace(token, head=above.index)


def _lists(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A name that does not decline has the case of the name that follows it in a list: "ОАЭ и Саудовской Аравии"."""
    for token in sentence:
        if not uninflected(token) or token.pos not in ("PROPN", "NOUN") or sentence.preposition(token.index):
            continue
        fellow = next((sentence[c] for c in sentence.children(token.index) if sentence[c].rel == "conj"), None)
        if fellow is None or uninflected(fellow) or fellow.feats.get("NameType") not in _NAME:
            continue
        if fellow.case in ("Gen", "Dat") and token.rel in ("nsubj", "obj", "iobj") and fellow.case != token.case:
            yield token.index, replace(token, rel="iobj", feats={**token.feats, "Case": "Dat"})
        elif fellow.case == "Ins" and token.case != "Ins":
            yield token.index, replace(token, rel="obl", feats={**token.feats, "Case": "Ins"})


def _agents(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """Names in the instrumental or dative that the parser hung on a neighbour are arguments of the verb above:
    "переданные Киеву Варшавой", "раскритикована Варшавой"."""
    for token in sentence:
        if token.pos != "PROPN" or token.case not in ("Ins", "Dat") or sentence.preposition(token.index):
            continue
        head = _at(sentence, token.head)
        if head is None or token.feats.get("InflClass") == "Ind" or token.feats.get("NameType") not in _NAME:
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


def _subjects(sentence: Sentence) -> Iterator[tuple[int, Token]]:
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
        elif fit:
            yield from ((s.index, _object(s)) for s in wrong if s.case in ("Nom", "Acc", "Gen"))
        elif (found := _elsewhere(sentence, verb, misread=bool(wrong))) is not None:
            rel = "nsubj" if verb.feats.get("Voice") != "Pass" else "nsubj:pass"
            yield found.index, replace(found, head=verb.index, rel=rel, feats={**found.feats, "Case": "Nom"})
            yield from ((s.index, _object(s)) for s in wrong if s.index != found.index)


def _clauses(sentence: Sentence) -> Iterator[tuple[int, Token]]:
    """A verb hung beside the verb of a clause whose subject it does not agree with goes on with the verb above:
    "в МИД заявили, что сторона рискует, и выразили протест"."""
    for verb in sentence:
        inner = _at(sentence, verb.head)
        if verb.rel != "conj" or verb.feats.get("VerbForm") != "Fin" or inner is None or inner.rel != "ccomp":
            continue
        outer = _at(sentence, inner.head)
        own = any(sentence[c].rel.startswith("nsubj") for c in sentence.children(verb.index))
        subject = next((sentence[c] for c in sentence.children(inner.index) if sentence[c].rel == "nsubj"), None)
        if own or subject is None or outer is None or not outer.index < inner.index < verb.index:
            continue
        alike = outer.feats.get("VerbForm") == "Fin" and _alike(verb, outer, ("Number", "Gender", "Tense"))
        if alike and not agreeing(sentence, verb, subject):
            yield verb.index, replace(verb, head=outer.index)


def _nominative(token: Token) -> bool:
    """Whether the form can be a subject's: Палестину cannot."""
    if token.case == "Acc":
        return token.pos != "PROPN" or _accusative(token)
    return token.case not in ("Dat", "Ins")


def _two(sentence: Sentence, verb: Token, subjects: list[Token]) -> Iterator[tuple[int, Token]]:
    """Of two that agree, the one that cannot be an accusative is the subject: "Тегеран посетит президент".

    Else a name or an animate is, and the thing its object; else the first.
    """
    acting = [s for s in subjects if not _accusative(s)]
    if not 0 < len(acting) < len(subjects):
        acting = [s for s in subjects if s.feats.get("Animacy") == "Anim" or s.pos in ("PROPN", "PRON")]
    acting = acting or [s for s in subjects if _owned(sentence, s)]
    subject = acting[0] if len(acting) == 1 else subjects[0]
    for other in subjects:
        after = other.index > verb.index or subject is not subjects[0]
        if other is not subject and after and _accusative(other):
            yield other.index, _object(other)


def _owned(sentence: Sentence, noun: Token) -> bool:
    """Whether a name in the genitive stands by the noun: "флоты Индии"."""
    return any(
        sentence[c].case == "Gen" and sentence[c].feats.get("NameType") in _NAME and not sentence.preposition(c)
        for c in sentence.children(noun.index)
    )


def _accusative(token: Token) -> bool:
    """Whether a form read as a nominative may be an accusative."""
    if token.feats.get("Animacy") == "Anim":
        return False
    return uninflected(token) or token.feats.get("Gender") != "Fem" or token.feats.get("Number") == "Plur"


def _object(token: Token) -> Token:
    if token.case == "Gen" and token.feats.get("NameType") in _NAME:  # "Армении": the dative has the same form
        return replace(token, rel="iobj", feats={**token.feats, "Case": "Dat"})
    case = "Acc" if token.case in ("Nom", "") else token.case
    return replace(token, rel="obj", feats={**token.feats, "Case": case})


def _elsewhere(sentence: Sentence, verb: Token, *, misread: bool) -> Token | None:
    """A name in the verb's stretch of the sentence that can be its subject: the nearest after it, else before it."""
    for token in _stretch(sentence, verb.index, 1):
        if not misread and _no_attribute(sentence, verb, token):
            return token
        if _may(sentence, verb, token) and (misread or _sure(sentence, token) or _apart(sentence, verb, token)):
            return token
    for token in _stretch(sentence, verb.index, -1):
        if token.pos == "VERB" and token.feats.get("VerbForm") == "Fin":
            return None
        if token.pos == "NOUN" and token.rel == "obj" and token.head > verb.index and _bare(sentence, verb, token):
            return token  # hung on a later verb
        if token.case == "Nom" and _may(sentence, verb, token):
            head = _at(sentence, token.head)
            if head is not None and (head.index == verb.index or head.index < token.index):
                return token
    return None


def _bare(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether an accusative without a preposition may be a nominative, and agrees with the verb."""
    fits = token.case in ("Nom", "Acc") and _accusative(token) and not sentence.preposition(token.index)
    return fits and agreeing(sentence, verb, token)


def _may(sentence: Sentence, verb: Token, token: Token) -> bool:
    if token.pos != "PROPN" or token.feats.get("NameType") not in _NAME or token.rel not in _MISREAD:
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
    head = _at(sentence, token.head)
    return (
        head is not None and verb.rel != "conj" and token.case == "Nom" and head.pos in ("NOUN", "PROPN")
        and head.case not in ("Nom", "") and verb.index < head.index < token.index
        and (head.case != "Acc" or head.feats.get("Animacy") == "Anim" or not _accusative(token))
    )  # fmt: skip


def _no_attribute(sentence: Sentence, verb: Token, token: Token) -> bool:
    """Whether a common noun is a nominative hung as an attribute on a noun of another case: "приведены в готовность
    части"; attributes without a preposition are genitives."""
    head = _at(sentence, token.head)
    return (
        head is not None and token.pos == "NOUN" and token.rel == "nmod" and token.case == "Nom" and verb.rel != "conj"
        and head.pos == "NOUN" and head.case not in ("Nom", "") and verb.index < head.index < token.index
        and not sentence.preposition(token.index) and token.feats.get("Abbr") != "Yes"
        and agreeing(sentence, verb, token)
    )  # fmt: skip


def _stretch(sentence: Sentence, index: int, step: int) -> Iterator[Token]:
    """The tokens from `index` to the next stop."""
    for place in range(1, _REACH):
        token = _at(sentence, index + step * place)
        if token is None or token.text in _STOPS or token.lemma == "который":
            return
        yield token


def agreeing(sentence: Sentence, verb: Token, noun: Token) -> bool:
    """Whether a noun can be the subject of a finite verb by number and gender; unknown features agree."""
    number, gender = verb.feats.get("Number"), verb.feats.get("Gender")
    below = [sentence[c] for c in sentence.children(noun.index)]
    if number == "Plur" and any(t.rel == "conj" or t.lemma == "с" for t in below):
        return True
    counted = any(t.rel == "nummod:gov" for t in below) or noun.pos == "NUM"
    if counted:
        return number != "Sing" or gender in (None, "Neut")
    if noun.lemma in _QUANTITY and gender == "Neut":
        return True
    if noun.feats.get("Abbr") == "Yes" or noun.pos not in ("NOUN", "PROPN"):
        return True
    if noun.feats.get("Number") and number and noun.feats["Number"] != number:
        return False
    if uninflected(noun) or noun.feats.get("Animacy") == "Anim":
        return True
    return number == "Plur" or not gender or noun.feats.get("Gender", gender) == gender


def uninflected(token: Token) -> bool:
    """Whether a name has one form for all cases, so that the case that the parser gives it is a guess."""
    return token.feats.get("InflClass") == "Ind" or token.feats.get("Abbr") == "Yes"


def _at(sentence: Sentence, index: int) -> Token | None:
    return sentence[index] if 0 <= index < len(sentence) else None
