"""Whether an act took place, as the words around it have it. Status never drops an event; it says what kind it is."""

from __future__ import annotations

from collections.abc import Iterator

from models.coded import Status
from workers.enrichment.coding.grammar import Modality, modality, words
from workers.enrichment.coding.verb_forms import is_attributive, is_infinitive, is_verbal
from workers.enrichment.document import Sentence, Token

_UP = frozenset(
    {"xcomp", "obj", "nsubj", "nsubj:pass", "csubj", "csubj:pass", "ccomp", "obl", "nmod", "iobj", "conj", "acl"}
)
_GOVERNED = frozenset({"", "о", "к", "за", "от", "на"})
"""Prepositions by which a word governs the act; after others it is only a setting: "после переговоров договорились"."""
_STEPS = 6


def status(sentence: Sentence, trigger: int, support: int | None = None, *, setting: bool = False) -> Status:
    """The status of the act that `trigger` tells; `support` is the light verb that carries it, if one does.

    With `setting` the act is where something else is told, and as real as that: "на встрече с X предложил".
    """
    known = modality()
    if setting and support is not None:
        return Status.PLANNED if _own(sentence, sentence[support], known) is Status.PLANNED else Status.HAPPENED
    verb = trigger if support is None else support
    own = _own(sentence, sentence[verb], known)
    if own is not None:
        return _supposed(sentence, verb, known) if own is Status.PLANNED else own
    if verb != trigger and sentence[verb].lemma in known.planned:
        return Status.PLANNED  # "визит готовится", "готовит санкции"
    if verb != trigger and sentence[verb].lemma in known.weighed:
        return Status.HYPOTHETICAL  # "рассматривает новые ограничения", "предложил помощь"
    if verb != trigger:
        modified = _modified(sentence, trigger, known)
        if modified is not None:
            return modified
    return _above(sentence, verb, known)


def _supposed(sentence: Sentence, verb: int, known: Modality) -> Status:
    """Of a future act: whether somebody plans it, or only asks, supposes or hopes that it will be."""
    if sentence.text.rstrip().endswith("?"):
        return Status.HYPOTHETICAL
    token = sentence[verb]
    if any(_conditional(sentence, c, known) for c in sentence.children(verb)):
        return Status.HYPOTHETICAL  # "если ..., закроет"
    above = sentence[token.head] if token.rel == "ccomp" and 0 <= token.head < len(sentence) else None
    return Status.HYPOTHETICAL if above is not None and above.lemma in known.hypothetical else Status.PLANNED


def _conditional(sentence: Sentence, index: int, known: Modality) -> bool:
    """Whether the token heads a clause that begins with если."""
    return sentence[index].rel == "advcl" and any(
        sentence[c].rel == "mark" and sentence[c].lemma in known.conditional_marks for c in sentence.children(index)
    )


def negated(sentence: Sentence, index: int) -> bool:
    """Whether не or ни stands with the word, and not "не только"."""
    near = [*sentence.children(index), *([index - 1] if index else [])]
    for child in near:
        if sentence[child].lemma in ("не", "ни") and child < index:
            follows = sentence[child + 1].lemma if child + 1 < len(sentence) else ""
            if follows != "только":
                return True
    return any(
        sentence[c].rel.startswith("aux") and c > index and sentence[c - 1].lemma == "не"
        for c in sentence.children(index)
    )  # "приостановлен не был"


def _own(sentence: Sentence, token: Token, known: Modality) -> Status | None:
    """What a verb says of itself: negation, mood, tense, a conditional or purpose clause; of a noun its adjectives."""
    marks = {
        sentence[c].lemma
        for c in sentence.children(token.index)
        if sentence[c].rel in ("mark", "advmod", "aux", "discourse", "parataxis")
    }
    particles = {sentence[i].lemma for i in (token.index - 1, token.index + 1) if 0 <= i < len(sentence)}
    if not is_verbal(token):
        if token.pos == "ADJ" and negated(sentence, token.index):
            return Status.DENIED
        return _modified(sentence, token.index, known)
    if negated(sentence, token.index):
        return Status.DENIED
    if "бы" in marks | particles or marks & known.conditional_marks or marks & known.purpose_marks:
        return Status.HYPOTHETICAL
    if token.feats.get("Mood") == "Imp" and token.feats.get("Number") != "":
        return Status.HYPOTHETICAL
    if {"возможно", "вероятно", "якобы"} & marks or "ли" in marks | particles:
        return Status.HYPOTHETICAL
    told = token.feats.get("Tense") == "Past" or token.feats.get("Voice") == "Pass"
    if is_attributive(token) and told and token.lemma not in known.planned:
        return Status.HAPPENED  # "предложенный план": it has been proposed; "поставляемая нефть": it flows
    if token.feats.get("Tense") == "Pres" and (marks & known.soon or _sets_out(token, marks, known)):
        return Status.PLANNED  # "завтра открывается саммит"
    future = any(
        sentence[c].lemma == "быть"
        and sentence[c].rel.split(":")[0] in ("aux", "cop")
        and sentence[c].feats.get("Tense") == "Fut"
        for c in sentence.children(token.index)
    )
    if token.feats.get("Tense") == "Fut" or future:
        return Status.PLANNED
    return None


def _sets_out(token: Token, marks: set[str], known: Modality) -> bool:
    """Whether a verb of motion tells of a visit that is to come: "премьер летит в Осло"."""
    return token.lemma in known.setting_out and token.feats.get("VerbForm") == "Fin" and "уже" not in marks


def _modified(sentence: Sentence, index: int, known: Modality) -> Status | None:
    for child in sentence.children(index):
        token = sentence[child]
        if token.rel in ("amod", "acl") and child < index + 2:
            if token.lemma in known.denied:
                return Status.DENIED
            if token.lemma in known.hypothetical:
                return Status.HYPOTHETICAL
            if token.lemma in known.planned:
                return Status.PLANNED
    return None


def _above(sentence: Sentence, index: int, known: Modality) -> Status:
    """What the words that govern the act say of it, from the nearest up."""
    infinitive = is_infinitive(sentence[index])
    if _tells_past(sentence, index):
        return Status.HYPOTHETICAL if sentence.text.rstrip().endswith("?") else Status.HAPPENED
    for child, head in _climb(sentence, index):
        token = sentence[head]
        subject = sentence[child].rel.startswith("nsubj")
        if sentence[child].rel == "conj":
            if is_infinitive(sentence[child]) and is_verbal(token):
                continue
            if is_verbal(token):
                break
            continue
        if token.lemma in known.aftermath and token.pos == "NOUN":
            return Status.HAPPENED
        if sentence.preposition(child) == "за" and token.lemma in known.advocating:
            return Status.HYPOTHETICAL
        if sentence.preposition(child) not in _GOVERNED:
            if is_verbal(token) and _own(sentence, token, known) is Status.PLANNED:
                return Status.PLANNED
            return Status.HAPPENED
        if token.lemma in known.denied:
            return Status.HAPPENED if negated(sentence, head) else Status.DENIED
        exists = token.lemma in words().light_existential or token.lemma == "быть"
        if negated(sentence, head) and (infinitive or (subject and exists)):  # "беседа не помогла" was held
            return Status.DENIED
        if sentence[child].rel == "ccomp" and token.lemma in known.before_infinitive:
            return Status.HAPPENED
        if token.lemma in known.hypothetical and not (subject and is_verbal(token) and token.lemma not in ("мочь",)):
            return Status.HYPOTHETICAL
        deed = subject and is_verbal(token) and token.feats.get("Voice") == "Act" and not exists
        asked = head + 1 < len(sentence) and sentence[head + 1].lemma == "ли"  # "должны ли они встретиться"
        if token.lemma in known.planned and asked:
            return Status.HYPOTHETICAL
        if token.lemma in known.planned and not deed:  # "беседа решила спор" plans nothing
            return Status.PLANNED
        if is_verbal(token):
            own = _own(sentence, token, known)
            if own in (Status.PLANNED, Status.HYPOTHETICAL) and (
                subject or infinitive or sentence[child].rel != "ccomp" or token.lemma in known.implying
            ):
                return own
            if sentence[child].rel in ("ccomp",) or not (infinitive or subject):
                if sentence[child].rel == "ccomp":
                    return Status.HAPPENED
                break
    return Status.HYPOTHETICAL if sentence.text.rstrip().endswith("?") else Status.HAPPENED


def _tells_past(sentence: Sentence, index: int) -> bool:
    """Whether a verb in the past tense tells the act by itself and in no clause that others speak of."""
    token = sentence[index]
    past = token.feats.get("VerbForm") == "Fin" and token.feats.get("Tense") == "Past"
    said = any(sentence[c].rel == "mark" for c in sentence.children(index))
    return past and not said and token.rel in ("root", "conj", "acl", "acl:relcl")


def _climb(sentence: Sentence, index: int) -> Iterator[tuple[int, int]]:
    child = index
    for step, head in enumerate(sentence.ancestors(index)):
        if step >= _STEPS or sentence[child].rel not in _UP:
            return
        yield child, head
        child = head
