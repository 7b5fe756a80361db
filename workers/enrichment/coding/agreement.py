"""Agreement of Russian words: what speaks for a noun being a verb's subject or one word's attribute."""

from __future__ import annotations

from workers.enrichment.document import Sentence, Token

NAMES = frozenset({"Geo", "Com"})
"""NameType of places and of companies: names that act."""
_QUANTITY = frozenset({"тысяча", "миллион", "десяток", "сотня", "большинство", "ряд", "множество", "часть"})


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


def alike(one: Token, other: Token, features: tuple[str, ...]) -> bool:
    """Whether two words agree in these features; unknown ones agree."""
    pairs = ((one.feats.get(f), other.feats.get(f)) for f in features)
    return all(not a or not b or a == b for a, b in pairs)


def token_at(sentence: Sentence, index: int) -> Token | None:
    """The token at an index, None outside the sentence."""
    return sentence[index] if 0 <= index < len(sentence) else None
