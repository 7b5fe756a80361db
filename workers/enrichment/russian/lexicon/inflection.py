"""The case forms of Russian names, from their nominative and genitive, as a dictionary gives them.

A name's genitive decides how it declines: Тверь - Твери, Кремль - Кремля, Чили - Чили, Грозный - Грозного. Where the
ending leaves no doubt (Россия, Минск, российский) the genitive is derived; where it does, a data row must give it, as
`genitive` or `genitive/nominative plural/genitive plural`; two declensions in use are given as `Багам|Багамов`. Words
decline up to and including the head noun (the first word that does not look like an adjective); what follows stands
still: Республики Казахстан. Paradigms follow Zaliznyak's grammatical dictionary; where stress decides between two
endings (-ом, -ем) both forms are made, since the lexicon recognizes forms and does not write them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

Case = Literal["Nom", "Gen", "Dat", "Acc", "Ins", "Loc"]
Number = Literal["Sing", "Plur"]
Grammeme = tuple[Case, Number]
Cases = Mapping[Case, tuple[str, ...]]
"""Forms of one word in one number, by case."""
Forms = dict[tuple[str, ...], frozenset[Grammeme]]
"""Folded words of a name in one form, with the cases and numbers that the form may stand for."""

_KINDS: dict[frozenset[Grammeme], frozenset[Grammeme]] = {}
_Found = dict[tuple[str, ...], set[Grammeme]]

CASES: tuple[Case, ...] = ("Nom", "Gen", "Dat", "Acc", "Ins", "Loc")
_PIECE = re.compile(r"[^\W\d_]+|\d+")
_FOLD = str.maketrans("ёЁ", "еЕ", "\u0301")
_ADJECTIVE = re.compile(r"(ый|(?<=[гкхжшщчн])ий|ой|ая|яя|ое|ее|ые|(?<![нтв])ие)\Z")
_PLURAL_ADJECTIVE = re.compile(r"(ые|ие)\Z")
_HARDENED = "гкхжшщчц"
_VOWELS = "аеиоуыэюя"


class CannotInflect(ValueError):
    """The genitive is missing or fits no paradigm; the message says which word."""


def fold(text: str) -> str:
    """Lower case, without stress marks and the dots of ё."""
    return text.translate(_FOLD).lower()


def pieces(text: str) -> list[str]:
    """The runs of letters and of digits in a text, which is what names are matched by: G7 -> G, 7; Нью-Йорк -> 2."""
    return _PIECE.findall(text)


def name_forms(name: str, inflection: str = "", *, plural: bool = False, animate: bool = False) -> Forms:
    """All case forms of a name; with `plural` those of its plural too. Raises `CannotInflect`."""
    found: _Found = defaultdict(set)
    for declension in inflection.split("|"):
        _add_forms(name, declension, plural, animate, found)
    return {form: _one_of_a_kind(frozenset(grammemes)) for form, grammemes in found.items()}


def _one_of_a_kind(grammemes: frozenset[Grammeme]) -> frozenset[Grammeme]:
    """The same set, kept once: there are some dozens, and a hundred thousand forms."""
    return _KINDS.setdefault(grammemes, grammemes)


def _add_forms(name: str, inflection: str, plural: bool, animate: bool, found: _Found) -> None:
    given = [part.strip() for part in inflection.split("/")]
    if len(given) not in (1, 3) or (inflection and not all(given)):
        raise CannotInflect(f"{inflection!r} is neither a genitive nor genitive/plural/genitive plural")
    nominative = pieces(fold(name))
    genitive = pieces(fold(given[0])) if given[0] else _genitive(name)
    many = any(_is_plural(n, g) for n, g in zip(nominative, genitive, strict=False))
    _decline(nominative, genitive, "Plur" if many else "Sing", animate, found)
    if plural and not many and (len(given) == 3 or nominative != genitive):
        if len(given) == 3:
            _decline(pieces(fold(given[1])), pieces(fold(given[2])), "Plur", animate, found)
        else:
            pairs = [_plural(n, g) for n, g in zip(nominative, genitive, strict=True)]
            for i in range(max(len(p[1]) for p in pairs)):
                _decline([p[0] for p in pairs], [p[1][min(i, len(p[1]) - 1)] for p in pairs], "Plur", animate, found)


def adjective_forms(name: str) -> Forms:
    """All forms of an adjective given in the masculine nominative: российский. Raises `CannotInflect`."""
    *first, word = pieces(fold(name)) or [""]
    if not word.endswith(("ый", "ий", "ой")) or " " in name:
        raise CannotInflect(f"{name!r} is no adjective in the masculine nominative")
    stem, soft = word[:-2], word.endswith("ий") and word[-3] not in "гкх"
    found: _Found = defaultdict(set)
    vowel = "е" if soft else "о"
    i = "и" if soft or stem[-1] in _HARDENED else "ы"
    feminine = stem + ("яя" if soft and stem[-1] not in _HARDENED else "ая")
    _decline([*first, word], [*first, stem + vowel + "го"], "Sing", True, found)
    _decline([*first, feminine], [*first, stem + vowel + "й"], "Sing", True, found)
    _decline([*first, stem + vowel + "е"], [*first, stem + vowel + "го"], "Sing", False, found)
    _decline([*first, stem + i + "е"], [*first, stem + i + "х"], "Plur", True, found)
    return {form: _one_of_a_kind(frozenset(grammemes)) for form, grammemes in found.items()}


def combining_form(adjective: str) -> str:
    """The first part of a compound: российский -> российско (as in российско-белорусский)."""
    return adjective[:-2] + "о"


def _decline(nominative: list[str], genitive: list[str], number: Number, animate: bool, found: _Found) -> None:
    if len(nominative) != len(genitive):
        raise CannotInflect(f"{' '.join(genitive)!r} has not the words of {' '.join(nominative)!r}")
    paradigms = [paradigm(n, g, animate) for n, g in zip(nominative, genitive, strict=True)]
    for case in CASES:
        words = [p[case] for p in paradigms]
        for i in range(max(map(len, words))):
            found[tuple([w[i] if i < len(w) else w[-1] for w in words])].add((case, number))


def paradigm(nom: str, gen: str, animate: bool = False) -> Cases:
    """The forms of a folded word by case, from nominative and genitive. Raises `CannotInflect`."""
    if nom == gen:
        return dict.fromkeys(CASES, (nom,))
    accusative = (gen, nom) if animate else (nom,)
    if gen.endswith(("ого", "его")):
        vowel, stem = gen[-3], gen[:-3]
        i = "ы" if nom.endswith("ый") or (vowel == "о" and stem[-1:] not in _HARDENED) else "и"
        masculine = nom.endswith("й")
        return _cases(
            nom, gen, stem + vowel + "му", (gen, nom) if masculine else (nom,), (stem + i + "м",), stem + vowel + "м"
        )
    if nom.endswith(("ая", "яя")) and gen.endswith(("ой", "ей")):
        return _cases(nom, gen, gen, (gen[:-2] + ("ую" if nom[-2] == "а" else "юю"),), (gen,), gen)
    if gen.endswith(("ых", "их")):  # новые, обе, Соломоновы
        return _cases(nom, gen, gen[:-1] + "м", accusative, (gen[:-1] + "ми",), gen)
    if nom[-1] == "а" and gen == nom[:-1] + "ой":  # women's surnames: Захарова
        return _cases(nom, gen, gen, (nom[:-1] + "у",), (gen,), gen)
    if _is_plural(nom, gen):
        a = "я" if nom[-1] == "я" or (nom[-1] == "и" and nom[-2:-1] not in _HARDENED) else "а"
        stem = nom[:-1]
        return _cases(nom, gen, stem + a + "м", accusative, (stem + a + "ми",), stem + a + "х")
    stem = gen[:-1]
    match nom[-1], gen[-1]:
        case ("а", "ы" | "и"):
            instrumental = (stem + "ой", *([stem + "ей"] if stem[-1] in "жшщчц" else []))
            return _cases(nom, gen, stem + "е", (stem + "у",), instrumental, stem + "е")
        case ("я", "и"):
            locative = stem + ("и" if nom.endswith("ия") else "е")
            return _cases(nom, gen, locative, (stem + "ю",), (stem + "ей",), locative)
        case ("ь", "и"):
            return _cases(nom, gen, gen, (nom,), (nom[:-1] + "ью",), gen)
        case ("ь" | "й", "я"):
            return _cases(nom, gen, stem + "ю", accusative, (stem + "ем",), stem + ("и" if nom.endswith("ий") else "е"))
        case ("о", "а") if nom.endswith(("ово", "ево", "ино")):  # towns: в Косове and в Косово
            return _cases(nom, (gen, nom), (stem + "у", nom), (nom,), (stem + "ом", nom), (stem + "е", nom))
        case ("о", "а") | ("е", "а"):
            return _cases(nom, gen, stem + "у", (nom,), (stem + nom[-1] + "м",), stem + "е")
        case ("е", "я"):
            return _cases(nom, gen, stem + "ю", (nom,), (stem + "ем",), stem + ("и" if nom.endswith("ие") else "е"))
        case (last, "а") if last not in _VOWELS + "ьй":
            instrumental = (stem + "ом", *([stem + "ем"] if stem[-1] in "жшщчц" else []))
            if re.search(r"(ов|ев|ин|ын)\Z", nom):  # surnames and names made like them: Часовым Яром
                instrumental += (stem + "ым",)
            return _cases(nom, gen, stem + "у", accusative, instrumental, stem + "е")
    raise CannotInflect(f"no word declines as {nom!r}, genitive {gen!r}")


def _is_plural(nom: str, gen: str) -> bool:
    """Whether the pair is a plural: штаты - штатов, войска - войск, россияне - россиян, обе - обеих."""
    if nom == gen or gen.endswith(("ого", "его", "ой")) or (nom.endswith(("ая", "яя")) and gen.endswith("ей")):
        return False
    if nom[-1] in "ыи" or nom == gen + "е" or gen.endswith(("ых", "их")):
        return True
    return nom[-1] in "ая" and gen[-1:] not in "ыи"


def _cases(nom: str, *oblique: str | tuple[str, ...]) -> Cases:
    return dict(zip(CASES, ((form,) if isinstance(form, str) else form for form in (nom, *oblique)), strict=True))


def _genitive(name: str) -> list[str]:
    """The genitive of a name whose endings leave no doubt, in pieces. Raises `CannotInflect`."""
    genitive: list[str] = []
    headed = plural = False
    for word in name.split():
        *fixed, last = pieces(word) or [""]
        last_folded = fold(last)
        genitive += map(fold, fixed)
        if not last:
            continue
        if headed or (len(last) > 1 and last.isupper()) or len(last) == 1 or last.isdigit():
            genitive.append(last_folded)
            headed = True
        elif _ADJECTIVE.search(last_folded) and len(last) > 3:
            genitive.append(genitive_of_adjective(last_folded))
            plural = plural or bool(_PLURAL_ADJECTIVE.search(last_folded))
        else:
            if plural or (form := genitive_of_noun(last_folded)) is None:
                raise CannotInflect(f"the genitive of {name!r} cannot be told from its ending: write it")
            genitive.append(form)
            headed = True
    return genitive


def genitive_of_adjective(word: str) -> str:
    """российский -> российского, Новая -> Новой, Объединённые -> Объединённых."""
    stem, ending = word[:-2], word[-2:]
    soft = (ending == "ий" and stem[-1] not in "гкх") or ending in ("яя", "ее") or (ending == "ая" and stem[-1] in "щч")
    if ending in ("ый", "ий", "ой", "ое", "ее"):
        return stem + ("его" if soft else "ого")
    if ending in ("ая", "яя"):
        return stem + ("ей" if soft else "ой")
    return stem + ending[0] + "х"


def genitive_of_noun(word: str) -> str | None:
    """The genitive singular where the ending leaves no doubt, else nothing."""
    if word.endswith(("тель", "арь")):
        return word[:-1] + "я"
    if word.endswith("ость"):
        return word[:-1] + "и"
    if word.endswith("ец") and len(word) > 3:
        before = word[-3]
        return word[:-2] + ("й" if before in _VOWELS else "ь" if before == "л" else "") + "ца"
    last = word[-1]
    if last == "й":
        return word[:-1] + "я"
    if last == "а" and word[-2:-1] in "уои":  # Никарагуа, Самоа
        return word
    if last == "а":
        return word[:-1] + ("и" if word[-2:-1] in "гкхжшщч" else "ы")
    if last == "я":
        return word[:-1] + "и"
    if word.endswith(("ние", "тие", "вие")):
        return word[:-1] + "я"
    if word.endswith(("ство", "ово", "ево", "ино")) and len(word) > 4:
        return word[:-1] + "а"
    if last not in _VOWELS + "ьъ" and last.isalpha() and "а" <= last <= "я":
        return word + "а"
    if last in "оеуэю":
        return word
    return None


def _plural(nom: str, gen: str) -> tuple[str, tuple[str, ...]]:
    """Nominative plural and the possible genitives plural of one word. Raises `CannotInflect`."""
    if nom == gen:
        return nom, (nom,)
    if gen.endswith(("ого", "его")) or (nom.endswith(("ая", "яя")) and gen.endswith(("ой", "ей"))):
        stem = nom[:-2]
        i = "и" if nom.endswith(("яя", "ее", "ий")) or stem[-1] in _HARDENED else "ы"
        return stem + i + "е", (stem + i + "х",)
    stem = gen[:-1]
    match nom[-1], gen[-1]:
        case (_, "а") if nom.endswith(("анин", "янин")):
            return nom[:-2] + "е", (nom[:-2],)
        case ("о", "а"):
            return stem + "а", (stem,)
        case ("е", "я"):
            return stem + "я", (stem[:-1] + "ий",)
        case ("е", "а"):
            return stem + "а", (stem,)
        case ("ь", "я" | "и"):
            return stem + "и", (stem + "ей",)
        case ("й", "я"):
            return stem + "и", (stem + "ев",)
        case ("я", "и") if nom.endswith("ия"):
            return stem + "и", (stem + "й",)
        case ("а", "ы" | "и"):
            return gen, (_zero_ending(stem),)
        case (_, "а"):
            i = "и" if stem[-1] in "гкхжшщч" else "ы"
            endings = ("ей",) if stem[-1] in "жшщч" else ("ев", "ов") if stem[-1] == "ц" else ("ов",)
            return stem + i, tuple(stem + e for e in endings)
    raise CannotInflect(f"the plural of {nom!r} cannot be told from its ending: write it")


def _zero_ending(stem: str) -> str:
    """Genitive plural of a feminine in -а: россиянк -> россиянок, разведк -> разведок, служб -> служб."""
    if len(stem) > 2 and stem[-1] == "к" and stem[-2] not in _VOWELS:
        if stem[-2] in "йь":
            return stem[:-2] + "ек"
        return stem[:-1] + ("ек" if stem[-2] in "жшчц" else "ок")
    return stem
