"""Lemmas of persons' names that the dictionary takes for common words: Хренин, Песков, Токаев.

Which words are names is known from NER; how a surname in -ов, -ев, -ин, -ын declines is a short table (Zaliznyak's
paradigms of surnames).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rumorph import Analysis

from workers.enrichment.russian.morphology import Word, fold

PERSONAL = ("Giv", "Sur", "Pat", "Prs")
"""rumorph's values of the feature NameType for parts of a person's name."""

_SURNAME = re.compile(r"(.{2,}(?:ов|ев|ин|ын))(|а|у|ым|е|ой|ы|ых|ыми)")
_DECLENSION = {
    "": (("Nom", "Masc"),),
    "а": (("Gen", "Masc"), ("Acc", "Masc"), ("Nom", "Fem")),
    "у": (("Dat", "Masc"), ("Acc", "Fem")),
    "ым": (("Ins", "Masc"), ("Dat", "")),
    "е": (("Loc", "Masc"),),
    "ой": (("Gen", "Fem"), ("Dat", "Fem"), ("Ins", "Fem"), ("Loc", "Fem")),
    "ы": (("Nom", ""),),
    "ых": (("Gen", ""), ("Acc", ""), ("Loc", "")),
    "ыми": (("Ins", ""),),
}
"""Of each ending its cases and genders, "" for the plural; without other evidence the first."""


_NO_NAME = frozenset({"VERB", "AUX", "PRON", "DET", "ADV", "SCONJ", "CCONJ", "INTJ", "ADP"})
_SHORTEST = 4
"""A foreign name of fewer letters may look like any word (Ван И, Ким Но)."""


def without_words(
    forms: Sequence[str], words: Sequence[Word], ner: Sequence[str], analyze: Callable[[str], list[Analysis]]
) -> list[str]:
    """The tags without the verbs, adverbs and participles whose capital, at a beginning, was taken for a name's.

    "Успокоил", "Раненный", "Сегодня Роскомнадзор". Nor is a word with digits a person (Ми-6).
    """
    out = list(ner)
    for index, tag in enumerate(ner):
        if tag != "B-PER" or not _no_name(index, forms, words, analyze):
            continue
        out[index] = "O"
        if ner[index + 1 : index + 2] == ["I-PER"]:
            out[index + 1] = "B-PER"
    return out


def _no_name(index: int, forms: Sequence[str], words: Sequence[Word], analyze: Callable[[str], list[Analysis]]) -> bool:
    form, word = forms[index], words[index]
    if any(letter.isdigit() for letter in form):
        return True
    first = index == 0 or not forms[index - 1][-1:].isalnum()
    participle = word.feats.get("VerbForm") == "Part"
    if not first or (word.pos not in _NO_NAME and not participle) or (word.pos != "PRON" and len(form) < _SHORTEST):
        return False
    return not any(a.feats.get("NameType") in PERSONAL for a in analyze(form))


def named(
    forms: Sequence[str], words: list[Word], ner: Sequence[str], analyze: Callable[[str], list[Analysis]]
) -> list[Word]:
    """The words with the names of persons lemmatised as names; `analyze` gives a word's analyses without context."""
    out = list(words)
    for index, tag in enumerate(ner):
        form, word = forms[index], words[index]
        if not tag.endswith("-PER") or form == form.lower():
            continue
        beside = _beside(index, words, ner)
        if not _is_name(word):
            listed = _listed(form, word, analyze) if len(form) > 1 else None
            out[index] = _surname(form, beside) or listed or _foreign(form, word)
        elif word.feats.get("Number") == "Plur" and form.endswith(("ов", "ев", "ёв")):
            out[index] = _surname(form, beside) or word  # one person is named: Бектенов, not several of the name Бектен
        elif word.feats["NameType"] == "Sur" and beside is not None and not _agree(word, beside):
            agreeing = _surname(form, beside)
            out[index] = agreeing if agreeing is not None and _agree(agreeing, beside) else word
    return out


def _is_name(word: Word) -> bool:
    return word.feats.get("NameType") in PERSONAL


def _agree(one: Word, other: Word) -> bool:
    """Whether two parts of a name may stand in one case and gender."""
    return all(
        one.feats.get(f, other.feats.get(f)) == other.feats.get(f, one.feats.get(f))
        for f in ("Case", "Gender", "Number")
    )


def _foreign(form: str, word: Word) -> Word:
    """A part of a name that is spelled like a particle or a verb (Ван И), or an initial, stands for itself."""
    if word.pos in ("NOUN", "ADJ", "PROPN") and len(form) > 1:
        return word
    return Word(fold(form), "PROPN", {"Animacy": "Anim", "NameType": "Sur"})


def _beside(index: int, words: Sequence[Word], ner: Sequence[str]) -> Word | None:
    """Another word of the same name that is known to be part of a name."""
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(words) and (ner[at] == "I-PER" or (step < 0 and ner[at] == "B-PER")):
            if _is_name(words[at]):
                return words[at]
            if ner[at] == "B-PER":
                break
            at += step
        if step < 0 and ner[index] == "B-PER":
            continue
    return None


def _surname(form: str, beside: Word | None) -> Word | None:
    found = _SURNAME.fullmatch(fold(form))
    if found is None:
        return None
    readings = _DECLENSION[found[2]]
    case, gender = readings[0]
    for reading in readings:
        if beside is not None and beside.feats.get("Case") == reading[0]:
            case, gender = reading
            if reading[1] == beside.feats.get("Gender"):
                break
    feats = {"Animacy": "Anim", "Case": case, "NameType": "Sur", "Number": "Sing" if gender else "Plur"}
    if gender:
        feats["Gender"] = gender
    return Word(found[1] + ("а" if gender == "Fem" else ""), "PROPN", feats)


def _listed(form: str, word: Word, analyze: Callable[[str], list[Analysis]]) -> Word | None:
    """The reading of a word as a name, in the case that the sentence gave it if there is one."""
    names = [a for a in analyze(form) if a.feats.get("NameType") in PERSONAL]
    if not names:
        return None
    case = word.feats.get("Case")
    best = next((a for a in names if a.feats.get("Case") == case), names[0])
    return Word(fold(best.lemma), "PROPN", best.feats)
