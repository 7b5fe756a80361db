"""Who does what in a sentence: the deep arguments of a verb or of a noun that names an act, whatever the construction.

"Россия выслала дипломатов", "дипломаты высланы Россией", "высланные Россией дипломаты", "Россия, которая выслала
дипломатов", "Россия решила выслать дипломатов" all give agent Россия and patient дипломаты. Frames are written against
these arguments, so that a frame need not know of voice, participles, relative clauses or control.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from workers.enrichment.coding.verb_forms import agree, is_attributive, is_passive, is_verbal
from workers.enrichment.document import Sentence, Token

Slot = Literal["agent", "patient", "other"]

NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET", "X", "SYM"})
_CLAUSES = frozenset({"acl", "acl:relcl", "advcl", "ccomp", "csubj", "parataxis", "xcomp"})
_NO_ARGUMENT = frozenset(
    {"punct", "case", "mark", "cc", "conj", "advmod", "discourse", "aux", "aux:pass", "cop", "fixed"}
)
_ABOUT = frozenset({"свыше", "около", "порядка", "до", "более"})
"""Before a number they are no prepositions: "свыше 180 ракет"."""
_DEPTH = 5


class Argument(Struct, frozen=True):
    """A dependent of a predicate: the token that heads it, the preposition and case that mark it, and how it was found.

    `via` is tree, relative (through который), control (subject of an infinitive), shared (of a coordinated verb or a
    converb) or order (nearest in the sentence, where the tree had none).
    """

    token: int
    slot: Slot
    preposition: str
    case: str
    via: str = "tree"


class Control(Struct, frozen=True):
    """Lemmas whose infinitive is done by the one they address: призвать, обязать, запретить.

    `stative` are short participles that tell of a state, and whose subject suffers nothing: намерен, обязан.
    """

    addressee: frozenset[str]
    stative: frozenset[str] = frozenset()


def arguments(
    sentence: Sentence, index: int, control: Control, *, reflexive: bool = False, depth: int = 0
) -> tuple[Argument, ...]:
    """The arguments of the predicate `index`, in the order of the text within each way of finding them.

    `reflexive` says that the predicate is the -ся form of a transitive verb, so that its subject is the patient.
    """
    question = f"arguments {reflexive} {depth}"
    return sentence.remembered(question, index, lambda s, i: _arguments(s, i, control, reflexive, depth))


def _arguments(sentence: Sentence, index: int, control: Control, reflexive: bool, depth: int) -> tuple[Argument, ...]:
    token = sentence[index]
    found = list(_dependents(sentence, index, reflexive, control))
    if not is_verbal(token) or depth >= _DEPTH:
        return (*found, *_called(sentence, token, control, depth))
    passive = is_passive(token, reflexive=reflexive) and token.lemma not in control.stative
    found += _antecedent(sentence, token, found, passive)
    if not passive and not any(a.slot == "agent" for a in found):
        found = [_renamed(token, a, sentence[a.token]) for a in found]
    if (
        not passive
        and not any(a.slot == "patient" for a in found)
        and (lost := _lost_object(sentence, token)) is not None
    ):
        found.append(Argument(lost, "patient", "", "Acc", "order"))
    subject: Slot = "patient" if passive else "agent"
    if not any(a.slot == subject for a in found) and (stray := _stray_subject(sentence, token)) is not None:
        found.append(Argument(stray, subject, "", "Nom", "order"))
    if not any(a.slot == subject for a in found):
        found += [
            Argument(a, subject, "", "Nom", via)
            for a, via in _inherited(sentence, token, control, depth)
            if all(a != other.token for other in found)
        ]
    return tuple(found)


def _called(sentence: Sentence, token: Token, control: Control, depth: int) -> Iterator[Argument]:
    """What an adjective is said of by a verb of calling: "признал Россию ответственной", "был назван виновным"."""
    said = token.pos == "ADJ" and token.rel == "xcomp" and token.case == "Ins" and depth < _DEPTH
    if said and is_verbal(sentence[token.head]):
        for argument in arguments(sentence, token.head, control, depth=depth + 1):
            if argument.slot == "patient" and argument.token != token.index:
                yield Argument(argument.token, "agent", "", "Nom", "shared")


def _renamed(token: Token, argument: Argument, word: Token) -> Argument:
    """A nominative before a verb that agrees with it is its subject, whatever the parser calls it: nominative and
    accusative of inanimate nouns fall together, and parsers take one for the other."""
    if argument.preposition or argument.case != "Nom" or argument.token > token.index or argument.via != "tree":
        return argument
    return Argument(argument.token, "agent", "", "Nom", argument.via) if agree(token, word) else argument


def _dependents(sentence: Sentence, index: int, reflexive: bool, control: Control) -> Iterator[Argument]:
    token = sentence[index]
    verbal = is_verbal(token) or token.pos == "ADJ"
    passive = is_passive(token, reflexive=reflexive) and token.lemma not in control.stative
    for child in sentence.children(index):
        word = sentence[child]
        rel = word.rel
        base = rel.split(":")[0]
        nominal = word.pos in NOMINAL or (is_attributive(word) and base in ("nsubj", "obj", "iobj", "obl"))
        if base in _NO_ARGUMENT or rel in _CLAUSES or not nominal or word.lemma == "который":
            continue
        preposition, case = sentence.preposition(child), word.case
        if preposition in _ABOUT and any(sentence[c].rel.startswith("nummod") for c in sentence.children(child)):
            preposition = ""
        slot: Slot = "other"
        if verbal and not preposition:
            if base == "nsubj" and case in ("Nom", "", "Acc", "Gen"):
                slot = "patient" if passive or rel == "nsubj:pass" else "agent"
            elif base == "nsubj" and case == "Ins" and passive:
                slot = "agent"
            elif case == "Ins":
                slot = "agent" if passive else "other"
            elif (base == "obj" and case not in ("Dat", "Ins")) or (
                case == "Acc" and (base != "obl" or word.feats.get("Animacy") == "Anim")
            ):
                slot = "patient"
            elif case == "Nom" and base in ("obj", "nmod", "appos"):
                slot = (
                    "patient" if any(sentence[c].rel.startswith("nsubj") for c in sentence.children(index)) else "agent"
                )
        elif verbal and preposition in ("со стороны", "от имени"):
            slot = "agent"
        yield Argument(child, slot, preposition, case)


def _antecedent(sentence: Sentence, token: Token, found: list[Argument], passive: bool) -> Iterator[Argument]:
    """The noun that a participle or a relative clause stands by, in the slot that it fills there."""
    if not 0 <= token.head < len(sentence) or token.head == token.index:
        return
    head = sentence[token.head]
    if (
        is_attributive(token)
        and token.rel in ("acl", "amod", "acl:relcl", "nmod", "appos", "conj")
        and head.pos in NOMINAL
    ):
        yield Argument(head.index, "patient" if passive else "agent", "", "Nom", "relative")
        return
    top = token
    for _ in range(_DEPTH):
        if top.rel != "conj" or not 0 <= top.head < len(sentence):
            break
        top = sentence[top.head]
    if top.rel not in ("acl:relcl", "acl") or not 0 <= top.head < len(sentence):
        return
    antecedent = sentence[top.head]
    if antecedent.pos not in NOMINAL:
        return
    for child in sentence.children(token.index):
        word = sentence[child]
        if word.lemma == "который":
            preposition = sentence.preposition(child)
            slot: Slot = "other"
            if not preposition and word.rel.startswith("nsubj"):
                slot = "patient" if passive else "agent"
            elif not preposition and word.case == "Acc":
                slot = "patient"
            elif not preposition and word.case == "Ins" and passive:
                slot = "agent"
            yield Argument(antecedent.index, slot, preposition, word.case, "relative")
        elif any(sentence[c].lemma == "который" and sentence[c].case == "Gen" for c in sentence.children(child)):
            if preposition := sentence.preposition(child):  # "у берегов которой"
                yield Argument(antecedent.index, "other", preposition, word.case, "relative")
        elif word.lemma in ("куда", "где") and antecedent.index not in {a.token for a in found}:
            yield Argument(antecedent.index, "other", "в", "Acc" if word.lemma == "куда" else "Loc", "relative")


def _lost_object(sentence: Sentence, token: Token) -> int | None:
    """An object after a verb that the parser hung on nothing, as it does with numerals: "20 тысяч человек"."""
    for index in range(token.index + 1, min(len(sentence), token.index + 8)):
        word = sentence[index]
        if word.pos == "PUNCT" or is_verbal(word):
            return None
        if word.pos in ("NOUN", "PROPN") and word.case in ("Gen", "Acc") and not sentence.preposition(index):
            above = tuple(sentence.ancestors(index))
            if above and not any(sentence[i].head < 0 for i in above):
                return index
    return None


def _stray_subject(sentence: Sentence, token: Token) -> int | None:
    """A subject before a finite verb in its own stretch between commas, which the parser hung on a later verb."""
    if token.feats.get("VerbForm") != "Fin" and token.feats.get("Variant") != "Short":
        return None
    for index in range(token.index - 1, -1, -1):
        word = sentence[index]
        if word.pos == "PUNCT" or (is_verbal(word) and word.pos != "AUX") or word.lemma == "который":
            return None
        if word.rel.startswith("nsubj") and word.head > token.index:
            return index
    return None


def _inherited(sentence: Sentence, token: Token, control: Control, depth: int) -> Iterator[tuple[int, str]]:
    """The subject that a verb has from elsewhere: its governor's for infinitives and converbs, its conjunct's."""
    if not 0 <= token.head < len(sentence) or token.head == token.index:
        return
    head = sentence[token.head]
    form = token.feats.get("VerbForm")
    if form == "Inf":
        way = "control"
        if head.lemma in control.addressee:
            addressed = [
                a.token
                for a in arguments(sentence, head.index, control, depth=depth + 1)
                if a.slot == "patient" or (not a.preposition and a.case == "Dat") or a.preposition == "от"
            ]
            yield from ((a, way) for a in addressed)
            return
        if head.pos == "NOUN":  # "обещание вывести войска", "намерение посетить"
            yield from _noun_owner(sentence, head, control, depth)
            return
    elif form == "Fin" and token.rel == "acl:relcl":
        yield from ((a, "shared") for a in _issuer(sentence, token, head, control, depth))
        return
    elif token.rel == "ccomp" and (form == "Fin" or token.feats.get("Variant") == "Short"):
        yield from ((a, "shared") for a in _same(sentence, token, head, control, depth))
        return
    elif form == "Conv" or token.rel in ("advcl", "xcomp", "conj", "parataxis"):
        if token.rel == "advcl" and form != "Conv":
            return
        if form == "Fin" and token.rel == "parataxis":
            return
        way = "shared"
    else:
        return
    if is_verbal(head) or head.pos == "ADJ":
        for argument in arguments(sentence, head.index, control, depth=depth + 1):
            if argument.slot == "agent" and argument.token != token.index and _shared(sentence, token, argument.token):
                yield argument.token, way


def _same(sentence: Sentence, token: Token, verb: Token, control: Control, depth: int) -> Iterator[int]:
    """The subject of a clause with что that has none: "признался, что разочарован", "заявил, что не намерен"."""
    said = any(sentence[c].rel == "mark" and sentence[c].lemma == "что" for c in sentence.children(token.index))
    if said and token.feats.get("Number") == "Sing" and is_verbal(verb):
        for argument in arguments(sentence, verb.index, control, depth=depth + 1):
            if argument.slot == "agent" and agree(token, sentence[argument.token]):
                yield argument.token


def _shared(sentence: Sentence, verb: Token, subject: int) -> bool:
    """Whether a coordinated verb can have the subject: "фирма прекратила экспорт; в МИД обвинили" cannot."""
    noun = sentence[subject]
    below = [sentence[c] for c in sentence.children(subject)]
    several = any(t.rel in ("conj", "nummod", "nummod:gov") or t.lemma == "с" for t in below)
    plural = verb.feats.get("VerbForm") == "Fin" and verb.feats.get("Number") == "Plur"
    return several or not plural or noun.feats.get("Number") != "Sing" or noun.pos not in ("NOUN", "PROPN")


def _issuer(sentence: Sentence, token: Token, noun: Token, control: Control, depth: int) -> Iterator[int]:
    """Who makes the paper in which a clause without a subject says more: "принял заявление, в котором осудил"."""
    inside = any(
        sentence[c].lemma == "который" and sentence.preposition(c) == "в" for c in sentence.children(token.index)
    )
    if inside and noun.rel in ("obj", "obl") and 0 <= noun.head < len(sentence) and is_verbal(sentence[noun.head]):
        for argument in arguments(sentence, noun.head, control, depth=depth + 1):
            if argument.slot == "agent" and agree(token, sentence[argument.token]):
                yield argument.token


def _noun_owner(sentence: Sentence, noun: Token, control: Control, depth: int) -> Iterator[tuple[int, str]]:
    owners = [
        a.token
        for a in arguments(sentence, noun.index, control, depth=depth + 1)
        if not a.preposition and a.case == "Gen"
    ]
    if not owners and 0 <= noun.head < len(sentence) and is_verbal(sentence[noun.head]):
        owners = [
            a.token
            for a in arguments(sentence, noun.head, control, depth=depth + 1)
            if a.slot == "agent" and a.token != noun.index
        ]
    yield from ((o, "control") for o in owners)
