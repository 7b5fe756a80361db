"""What a verb's form says of it: passive, infinitive, participle, and with which nouns it agrees."""

from __future__ import annotations

import re

from workers.enrichment.document import Token

_ENDING = re.compile(r"(?<=(.))(?:ых|ого|ому|ыми|ым|ые|ом|их|его|ему|ими|им|ие|ем|ая|ую|ой|ый|ий)$")


def is_passive(token: Token, *, reflexive: bool) -> bool:
    """Whether the verb's subject suffers the act: a passive participle, or a reflexive of a transitive verb."""
    return token.feats.get("Voice") == "Pass" or reflexive


def is_verbal(token: Token) -> bool:
    """Whether the token is a verb form (participles and converbs included)."""
    return token.pos in ("VERB", "AUX")


def is_infinitive(token: Token) -> bool:
    """Whether the token is an infinitive."""
    return token.feats.get("VerbForm") == "Inf"


def is_attributive(token: Token) -> bool:
    """Whether the token is a full participle, standing by a noun: высланные, осуждающая."""
    return token.feats.get("VerbForm") == "Part" and token.feats.get("Variant") != "Short"


def substantive(text: str) -> str:
    """A participle that stands as a noun, in the form of a dictionary: заключённых -> заключенный."""
    word = text.lower().replace("ё", "е")
    return _ENDING.sub(lambda match: "ий" if match[1] in "щш" else "ый", word) if not word.endswith("ся") else word


def agree(verb: Token, noun: Token) -> bool:
    """Whether a verb and a noun agree in number and, in the past tense, in gender; unknown features agree."""
    for feature in ("Number", "Gender"):
        one, other = verb.feats.get(feature), noun.feats.get(feature)
        if one and other and one != other:
            return False
    return True
