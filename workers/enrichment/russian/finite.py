"""Finite verbs that the tagger takes for nouns of the same form: "министры прибыли", where прибыль is profit.

The parser reads forms and not tags: what it gives a subject in the nominative, and no preposition, is a predicate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rumorph import Analysis

from workers.enrichment.russian.morphology import Word, fold
from workers.enrichment.russian.neural import Tree

_CLAUSES = frozenset({"root", "conj", "parataxis", "ccomp", "advcl", "acl:relcl"})
"""Relations of the head of a clause."""
_PREDICATIVE = frozenset({"Nom", "Ins", ""})
"""Cases in which a noun can be a predicate itself: "Минск — столица"."""


def verbs_for_nouns(
    forms: Sequence[str], words: Sequence[Word], tree: Tree, analyze: Callable[[str], list[Analysis]]
) -> list[Word]:
    """The words, with those nouns made verbs that head a clause whose subject agrees with the verb of that form."""
    found = list(words)
    for index, word in enumerate(words):
        if word.pos != "NOUN" or tree.relations[index] not in _CLAUSES or word.feats.get("Case", "") in _PREDICATIVE:
            continue
        below = [i for i, head in enumerate(tree.heads) if head == index and i != index]
        if any(tree.relations[i] == "case" for i in below):
            continue
        subject = next((i for i in below if tree.relations[i] == "nsubj" and _nominative(words[i])), None)
        if subject is None:
            continue
        several = any(tree.heads[i] == subject and tree.relations[i] == "conj" for i in range(len(words)))
        for analysis in analyze(forms[index]):
            if _finite(analysis) and _agrees(analysis, words[subject], several):
                found[index] = Word(fold(analysis.lemma), "VERB", analysis.feats)
                break
    return found


def _nominative(word: Word) -> bool:
    return word.pos in ("NOUN", "PROPN", "PRON") and word.feats.get("Case", "Nom") == "Nom"


def _finite(analysis: Analysis) -> bool:
    return bool(analysis.feats.get("VerbForm") == "Fin" and analysis.feats.get("Mood") != "Imp")


def _agrees(analysis: Analysis, subject: Word, several: bool) -> bool:
    """Whether the subject can be the verb's by number and gender; unknown features agree."""
    number, gender = analysis.feats.get("Number"), analysis.feats.get("Gender")
    if several and number == "Plur":
        return True
    known = subject.feats
    return bool(known.get("Number", number) == number and (not gender or known.get("Gender", gender) == gender))
