"""Morphology by rumorph: for each token its lemma, part of speech and features, chosen in the sentence's context."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from rumorph import Analysis, Analyzer

from workers.enrichment.document import NO_FEATURES

LONGEST = 64
"""Longest word, in characters, that is analysed; what is longer is no word of Russian."""

VARIANTS = {"об": "о", "обо": "о", "во": "в", "со": "с", "ко": "к", "изо": "из", "ото": "от", "подо": "под",
            "надо": "над", "передо": "перед", "предо": "перед", "пред": "перед", "безо": "без"}  # fmt: skip
"""Prepositions before certain consonants; rumorph keeps some of them as lemmas."""

SHOUTED = 0.85
"""Least share of capitals among the letters of a text that was written in capitals throughout."""


_SURNAME = re.compile(
    r"[а-яё]{2,}(?:[ое]в|[иы]н|ск|цк)(?:а|у|ым|е|ой|ая|ую|ий|ого|ому|им|ом)?|[а-яё]{3,}(?:ко|ян|дзе|швили)"
)


class Word(Struct, frozen=True):
    """A word analysed: `lemma` in lower case with ё written е, `pos` and `feats` of Universal Dependencies."""

    lemma: str
    pos: str
    feats: Mapping[str, str]


class Morphology:
    """rumorph's analyzer; one object a process."""

    def __init__(self) -> None:
        self._analyzer = Analyzer()

    def __call__(self, forms: Sequence[str]) -> list[Word]:
        """The words of one sentence, analysed in its context; one result a word."""
        analyses = self._analyzer.analyze_sentence([form if len(form) <= LONGEST else "x" for form in forms])
        return [_word(form, found) for form, found in zip(forms, analyses, strict=True)]

    def analyze(self, form: str) -> list[Analysis]:
        """Every analysis of a word by itself, the likeliest first."""
        return self._analyzer.analyze(form) if len(form) <= LONGEST else []

    def known(self, form: str) -> bool:
        """Whether the dictionary has the word."""
        return len(form) <= LONGEST and self._analyzer.is_known(form)

    def truecased(self, forms: Sequence[str]) -> list[str]:
        """The words of a sentence in capitals as they would be written otherwise; for the models, which read case."""
        lower = [form.lower() for form in forms]
        out: list[str] = []
        named = False
        for form, low, found in zip(forms, lower, self._analyzer.analyze_sentence(lower), strict=True):
            name = bool(found) and found[0].pos == "PROPN"
            if len(low) != len(form) or not form.isupper() or not found or found[0].feats.get("Abbr") == "Yes":
                out.append(form)
            elif name and len(form) <= 4 and "Case" not in found[0].feats:
                out.append(form)  # США
            elif name or (named and _SURNAME.fullmatch(low)):
                out.append(low.title())
            else:
                out.append(low)
            named = name and found[0].feats.get("NameType") in ("Giv", "Pat")
        if out and out[0][:1].islower():
            out[0] = out[0][0].upper() + out[0][1:]
        return out


def _word(form: str, found: Sequence[Analysis]) -> Word:
    if not found or len(form) > LONGEST:
        return Word(fold(form), "X", NO_FEATURES)
    lemma, pos = fold(found[0].lemma), found[0].pos
    return Word(VARIANTS.get(lemma, lemma) if pos == "ADP" else lemma, pos, found[0].feats)


def shouted(text: str) -> bool:
    """Whether a paragraph is written in capitals throughout; a few abbreviations in a row are not."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 15 and " " in text and sum(map(str.isupper, letters)) >= SHOUTED * len(letters)


def fold(word: str) -> str:
    """Lower case, ё as е: the form of lemmas and of the lexicons."""
    return word.lower().replace("ё", "е")
