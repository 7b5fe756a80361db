"""Base forms of persons' names and offices: "Кира Стармера" is Кир Стармер, "президентом Чили" президент Чили.

A name in the nominative is taken as it stands. Of others each word whose form fits the phrase's case gets its lemma; a
word that does not fit it is one that does not decline (Марком Рютте) and stays, since a form made up is worse.
"""

from __future__ import annotations

from collections import Counter

from workers.enrichment.document import Sentence, Token

_OBLIQUE = {
    "Ins": ("ом", "ем", "ым", "им", "ой", "ей", "ою", "ью"),
    "Dat": ("у", "ю", "е", "ому", "ему", "ой", "ей", "и"),
    "Gen": ("а", "я", "ы", "и", "ого", "его", "ой", "ей"),
    "Acc": ("а", "я", "у", "ю", "ого", "его", "ую", "юю"),
    "Loc": ("е", "и", "ом", "ем", "ой", "ей"),
}
"""Endings that a declined name has in each case; a word with another ending does not decline."""
_VOWELS = frozenset("аеёиоуыэюя")


def base_name(sentence: Sentence, start: int, end: int, office: int = -1) -> str:
    """The name `tokens[start:end]` in the nominative; `office` is the head of the office before it, or -1."""
    tokens = sentence.tokens[start:end]
    case = _case(sentence, start, end, office)
    return " ".join(_base(t, case) for t in tokens if t.pos != "PUNCT" or t.text == ".").replace(" .", ".")


def is_nominative(sentence: Sentence, start: int, end: int, office: int = -1) -> bool:
    """Whether the name stands in the nominative, so that its spelling is its base form."""
    return _case(sentence, start, end, office) == "Nom"


def base_office(sentence: Sentence, start: int, end: int) -> str:
    """An office's phrase with its head and the adjectives before it in the nominative, the head in lower case."""
    words: list[str] = []
    head = next((t for t in sentence.tokens[start:end] if t.pos != "ADJ"), None)
    if head is None or head.pos != "NOUN":
        return sentence.slice(start, end).strip(" ,")
    for token in sentence.tokens[start:end]:
        abbreviation = token.feats.get("Abbr") == "Yes" or (len(token.text) > 1 and token.text.isupper())
        if token.index > head.index or abbreviation:
            words.append(token.text)
        elif token.case in ("Nom", "") or (token is not head and head.feats.get("Gender") != "Masc"):
            words.append(token.text[:1].lower() + token.text[1:])
        else:
            words.append(token.lemma)
    return _joined(sentence, start, end, words)


def _joined(sentence: Sentence, start: int, end: int, words: list[str]) -> str:
    out = ""
    for token, word in zip(sentence.tokens[start:end], words, strict=True):
        space = token.index > start and sentence[token.index - 1].end < token.start
        out += (" " if space else "") + word
    return out.strip(" ,")


def _case(sentence: Sentence, start: int, end: int, office: int) -> str:
    """The case of a name: of its office, by its preposition and subjecthood, else that of most of its words."""
    tokens = sentence.tokens[start:end]
    if any(t.case == "Ins" and _oblique(t) and t.text[-1:].lower() == "м" for t in tokens):
        return "Ins"
    if office >= 0 and sentence[office].case:
        return sentence[office].case
    preposition = start > 0 and sentence[start - 1].pos == "ADP"
    found = Counter(t.case for t in tokens if t.case and (not preposition or t.case != "Nom"))
    if not preposition:
        if any(t.rel.startswith("nsubj") and not _oblique(t) for t in tokens):
            return "Nom"
        if any(t.case == "Nom" and t.text[-1:].lower() not in _VOWELS for t in tokens) and not any(
            t.case == "Ins" for t in tokens
        ):
            return "Nom"
    fitting = Counter({case: sum(_fits(t, case) for t in tokens) for case in found})
    return max(fitting, key=lambda case: (fitting[case], found[case], case), default="")


def _oblique(token: Token) -> bool:
    """Whether a word's form alone shows that it is no nominative."""
    return token.case in ("Ins", "Dat") and token.text.lower().endswith(_OBLIQUE[token.case])


def _fits(token: Token, case: str) -> bool:
    return token.case == case and (case == "Nom" or token.text.lower().endswith(_OBLIQUE.get(case, ("",))))


def _base(token: Token, case: str) -> str:
    written = token.text
    if case == "Nom" or not written[:1].isupper() or token.feats.get("InflClass") == "Ind":
        return written
    same = token.case == case or (token.case in ("Gen", "Acc") and case in ("Gen", "Acc"))
    if not same or token.case == "Nom" or token.feats.get("Number") == "Plur":
        return written
    if case in _OBLIQUE and not written.lower().endswith(_OBLIQUE[case]):
        return written
    capitals = "-".join(part[:1].upper() + part[1:] for part in token.lemma.split("-"))
    dotted = "".join("ё" if w == "ё" and c == "е" else c for w, c in zip(written, capitals, strict=False))
    return dotted + capitals[len(written) :]
