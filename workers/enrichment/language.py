"""Which language a text is in: a rule on letters for Cyrillic, py3langid for the rest and what the rule leaves open.

Kazakh, Ukrainian and their neighbours show letters that Russian does not have in a good part of their words, and that
holds for headlines too, where a statistical model errs. The letters are in `languages.csv`.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from models.data import BrokenData, rows

UNDETERMINED = "und"
"""BCP 47 for a text without letters."""

SAMPLE = 1500
"""Characters looked at from the beginning, and again from the middle, of a long text."""

SHARE = 0.12
"""Least share of words with foreign letters in a text not in Russian; Russian texts quote a foreign name or two."""

MARGIN = 4.0
"""How much likelier (in nats) another language must be before a text in plain Cyrillic is not taken for Russian;
five times as much up to `HEADLINE` letters."""

HEADLINE = 60
"""As many letters as a headline has: the model is seldom right there about languages near to Russian."""

SHORT = 30
"""Below this many letters plain Cyrillic is Russian unless the publisher says otherwise: the model only guesses."""

VARIANTS = {"wuu": "zh", "yue": "zh", "pcm": "en", "nn": "no"}
"""Languages that the model takes for a larger one's texts, and which no feed declares."""

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_PLAIN = ("ru", "be", "bg", "kk", "ky", "mk", "mn", "sr", "tg", "tt", "uk")


def language_of(text: str, declared: str | None = None) -> str:
    """The language of a text as a BCP 47 tag: `ru`, `kk`, `en`, ..., `und` where it has no letters.

    `declared` is what the publisher says. It decides only where the text is too short to tell.
    """
    sample = text if len(text) <= 2 * SAMPLE else text[:SAMPLE] + " " + text[len(text) // 2 :][:SAMPLE]
    words = _WORD.findall(sample.lower())
    if not words:
        return UNDETERMINED
    letters = sum(map(len, words))
    cyrillic = [word for word in words if _CYRILLIC.match(word)]
    if 2 * sum(map(len, cyrillic)) >= letters:
        return _cyrillic(cyrillic, declared)
    likely = _rank(sample)
    hint = _primary(declared)
    if hint in likely and likely[hint] > max(likely.values()) - MARGIN:
        return hint
    best = max(likely, key=lambda language: likely[language])
    return VARIANTS.get(best, best)


def _cyrillic(words: list[str], declared: str | None) -> str:
    foreign = [word for word in words if not _RUSSIAN.issuperset(word)]
    likely = _rank_cyrillic(words)
    if len(foreign) > SHARE * len(words):
        seen = Counter(letter for word in foreign for letter in set(word) - _RUSSIAN)
        held = {language: sum(seen[letter] for letter in letters) for language, letters in alphabets().items()}
        return max(held, key=lambda language: (held[language], likely[language]))
    hint = _primary(declared)
    letters = sum(map(len, words))
    if letters < SHORT:
        return hint if hint in _PLAIN else "ru"
    likely["ru"] += MARGIN if letters > HEADLINE else 5 * MARGIN
    if hint in _PLAIN:
        likely[hint] += MARGIN
    return max(_PLAIN, key=lambda language: likely[language])


def _primary(declared: str | None) -> str:
    """The language of a BCP 47 tag without script and region."""
    return (declared or "").lower().partition("-")[0]


@cache
def alphabets() -> dict[str, frozenset[str]]:
    """Of each language its letters beyond the Russian ones. Raises `BrokenData`."""
    table: dict[str, frozenset[str]] = {}
    for line, row in rows("workers.enrichment", "languages.csv", ("language", "letters")):
        letters = frozenset(row["letters"])
        if not letters or letters & _RUSSIAN:
            raise BrokenData("languages.csv", line, f"{row['language']} needs letters that Russian does not have")
        if row["language"] in table:
            raise BrokenData("languages.csv", line, f"{row['language']} twice")
        table[row["language"]] = letters
    return table


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@cache
def _cyrillic_identifier() -> LanguageIdentifier:
    """The same model, for those languages only that a text in Cyrillic is asked about."""
    few = copy.copy(_identifier())
    few.set_languages([label for label in few.labels if label in _PLAIN or label in alphabets()])
    return few


def _rank_cyrillic(words: list[str]) -> dict[str, float]:
    """As `_rank` for words in lower case; the model's way through each is remembered, as news repeats its words."""
    state, seen = 0, list[int]()
    for number, word in enumerate(words, 1):
        state, met = _way(state, word if number == len(words) else f"{word} ")
        seen += met
    if not seen:
        return _rank(" ".join(words))
    few = _cyrillic_identifier()
    scores = few._sparse_score(Counter(seen), few.nb_ptc).tolist()
    likely: dict[str, float] = {}
    for language, score in zip(few.nb_classes, scores, strict=True):
        likely[language] = max(score, likely.get(language, score))
    return likely


@lru_cache(50_000)
def _way(state: int, text: str) -> tuple[int, tuple[int, ...]]:
    """From a state of the model's automaton through a text: the state there, and the features met."""
    model = _identifier()
    met = []
    for byte in unicodedata.normalize("NFC", text).encode(errors="surrogatepass"):
        state = model.tk_nextmove[model._rowbase[state] + byte]
        if (feature := model.tk_output[state]) >= 0:
            met.append(feature)
    return state, tuple(met)


def _rank(text: str) -> dict[str, float]:
    """The log-likelihood of each language that py3langid knows."""
    return {language: float(score) for language, score in _identifier().rank(text)}
