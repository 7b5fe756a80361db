"""The genitive of Russian and foreign personal names, from which all their forms follow.

Men's names decline where they end in a consonant, -й, -ь, -а or -я; women's only in -а and -я, with surnames in -ова
and -ина like adjectives. Particles (бен, фон дер) and numerals stand still, of hyphenated names the last part declines.
"""

from __future__ import annotations

import re

_VOWELS = "аеёиоуыэюя"
_FLEETING = {"павел": "Павла", "лев": "Льва"}
_FIXED = re.compile(r"([IVX]+|.*(их|ых|[еёиоуыэю]))\Z")


def person_genitive(name: str, gender: str) -> str:
    """The genitive of a name, given name first; `gender` is m or f."""
    words = name.split()
    return " ".join(_word(word, gender, last=i == len(words) - 1) for i, word in enumerate(words))


def _word(word: str, gender: str, last: bool) -> str:
    head, hyphen, part = word.rpartition("-")
    if part[0].islower() or _FIXED.fullmatch(part):
        return word
    return head + hyphen + (_male(part, last) if gender == "m" else _female(part, last))


def _male(word: str, last: bool) -> str:
    if word.lower() in _FLEETING:
        return _FLEETING[word.lower()]
    if last and re.search(r"(ский|цкий|ый)\Z", word):
        return word[:-2] + "ого"
    if word[-1] in "йь":
        return word[:-1] + "я"
    if word[-1] in "ая":
        return _in_a(word)
    return word + "а"


def _female(word: str, last: bool) -> str:
    if last and re.search(r"(ов|ев|ёв|ин|ын)а\Z", word):
        return word[:-1] + "ой"
    if last and word.endswith("ая"):
        return word[:-2] + "ой"
    return _in_a(word) if word[-1] in "ая" else word


def _in_a(word: str) -> str:
    if word[-1] == "а" and word[-2] in _VOWELS:
        return word
    return word[:-1] + ("и" if word[-1] == "я" or word[-2] in "гкхжшщч" else "ы")
