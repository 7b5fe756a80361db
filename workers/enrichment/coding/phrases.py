"""Which states the modifiers of a noun phrase name, by the order of the words.

Parsers attach the words of long office phrases badly ("министр обороны Республики Казахстан генерал-лейтенант ..."), so
the order and case of the words are asked before the tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from workers.enrichment.coding.grammar import words
from workers.enrichment.document import Sentence, Token
from workers.enrichment.russian.lexicon import Hit, Kind

STATES = frozenset({Kind.NOUN, Kind.ABBREVIATION, Kind.FORMER, Kind.TERRITORY, Kind.CAPITAL, Kind.SEAT})
"""Names that stand for their state as a noun."""
ADJECTIVES = frozenset({Kind.ADJECTIVE, Kind.PLACE_ADJECTIVE})
ACTORS = STATES | {Kind.ORGANIZATION, Kind.METONYM}
_SEATS = frozenset({Kind.CAPITAL, Kind.CITY})
_TITLES = frozenset({Kind.OFFICE, Kind.BODY, Kind.RANK})
_DASHES = frozenset({"—", "–", "-", ":", "("})
_REACH = 12


class Names(Struct, frozen=True):
    """The lexicon's hits in one sentence, by token."""

    hits: tuple[Hit, ...]
    at: Mapping[int, tuple[Hit, ...]]

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Names:
        """Index the hits of a sentence."""
        at: dict[int, list[Hit]] = {}
        for hit in hits:
            for token in range(hit.start, hit.end):
                at.setdefault(token, []).append(hit)
        return cls(tuple(hits), {token: tuple(held) for token, held in at.items()})

    def kind(self, token: int, kinds: frozenset[Kind]) -> tuple[Hit, ...]:
        """The hits of these kinds that cover a token."""
        held = self.at.get(token)
        return tuple([hit for hit in held if hit.kind in kinds]) if held else ()


class Modifier(Struct, frozen=True):
    """A name that says whose a phrase's head is: the hit and the token where it begins."""

    hit: Hit
    token: int


def modifiers(
    sentence: Sentence, names: Names, start: int, end: int, *, persons: frozenset[int]
) -> tuple[Modifier, ...]:
    """The names that modify the phrase `tokens[start:end]`: adjectives before it, else genitives after it.

    Several in coordination are all returned ("министры Казахстана и Беларуси"). `persons` are the tokens of persons'
    names, where the genitive chain ends.
    """
    beside = _before(sentence, names, start) or _after(sentence, names, end, persons)
    return beside or _seated(sentence, names, start, end)


def _before(sentence: Sentence, names: Names, start: int) -> tuple[Modifier, ...]:
    found: list[Modifier] = []
    index = start - 1
    while index >= 0 and start - index <= _REACH:
        token = sentence[index]
        adjectives = names.kind(index, ADJECTIVES)
        if adjectives:
            found = [Modifier(hit, index) for hit in adjectives] + found
        elif token.lemma in ("и", ",") and found and index and names.kind(index - 1, ADJECTIVES):
            pass
        elif not (token.pos in ("ADJ", "NUM", "DET") or _full_participle(token)) or found:
            break
        index -= 1
    return tuple(found)


def _after(sentence: Sentence, names: Names, end: int, persons: frozenset[int]) -> tuple[Modifier, ...]:
    index, limit = end, min(len(sentence), end + _REACH)
    while index < limit:
        if index in persons:
            return ()
        token = sentence[index]
        if token.text in _DASHES and sentence[index - 1].lemma in words().countries:
            listed = coordinated(sentence, names, index + 1)  # "лидеры двух стран — Чада и Нигера"
            return listed if len(listed) > 1 else ()
        for hit in names.at.get(index, ()):
            if (
                hit.kind in ACTORS
                and (hit.code or hit.kind is Kind.ORGANIZATION)
                and _genitive(hit, token, sentence[index - 1])
            ):
                found = coordinated(sentence, names, index)
                return (*found, *_next_title(sentence, names, found[-1].hit.end, persons))
        adjectives = tuple(hit for hit in names.kind(index, ADJECTIVES) if "Gen" in hit.cases)
        if adjectives and token.case in ("Gen", ""):
            return tuple(Modifier(hit, index) for hit in adjectives)
        titles = names.kind(index, _TITLES)
        if titles:
            if titles[0].code:
                return (Modifier(titles[0], index),)
            if "Gen" not in titles[0].cases and titles[0].kind is not Kind.RANK and not token.text.isupper():
                return ()
            index = titles[0].end
        elif (token.case == "Gen" and token.pos in ("NOUN", "ADJ", "PROPN", "NUM", "DET")) or (
            token.lemma == "и"
            and index > end
            and index + 1 < limit
            and sentence[index + 1].case == "Gen"
            and not names.at.get(index + 1)
        ):
            index += 1
        elif token.lemma == "по" and index + 1 < limit and sentence[index + 1].case == "Dat":
            index += 2
        else:
            return ()
    return ()


def _seated(sentence: Sentence, names: Names, start: int, end: int) -> tuple[Modifier, ...]:
    """The state in whose city a body sits, said right after it: "суд в Кишинёве", "полиция в Осло"."""
    if end + 1 >= len(sentence) or sentence[end].lemma != "в" or sentence[start].feats.get("Animacy") == "Anim":
        return ()
    seats = names.kind(end + 1, _SEATS)
    if not seats or seats[0].start != end + 1 or sentence[start].lemma not in words().domestic:
        return ()
    return tuple(Modifier(hit, end + 1) for hit in seats[:1])


def _next_title(sentence: Sentence, names: Names, index: int, persons: frozenset[int]) -> tuple[Modifier, ...]:
    """The states of a title that goes on a list: "президентов России и Франции и канцлера Германии"."""
    if index + 1 >= len(sentence) or sentence[index].lemma not in ("и", ","):
        return ()
    title = next(iter(names.kind(index + 1, _TITLES)), None)
    if title is None or "Gen" not in title.cases or title.code:
        return ()
    return _after(sentence, names, title.end, persons)


def coordinated(sentence: Sentence, names: Names, index: int) -> tuple[Modifier, ...]:
    """The state at `index` and those that follow it in a list: "Казахстана, России и Беларуси"."""
    found = [Modifier(hit, index) for hit in names.kind(index, ACTORS)]
    if not found:
        return ()
    end = found[0].hit.end
    while end + 1 < len(sentence):
        step = 1 if sentence[end].lemma in ("и", ",", "—", "–", "/") else 0
        if not step:
            break
        more = names.kind(end + step, ACTORS)
        if not more or more[0].start != end + step or not found[0].hit.cases & more[0].cases:
            break
        one, other = sentence[index].case, sentence[end + step].case
        if sentence[end].text == "," and one and other and one != other:
            break  # "США, Аргентины" have one case, and США does not show it
        found += [Modifier(hit, end + step) for hit in more]
        end = more[0].end
    return tuple(found)


def _genitive(hit: Hit, token: Token, before: Token) -> bool:
    """Whether a state's name is a genitive, or stands by королевство, республика, ... as their apposition."""
    return "Gen" in hit.cases or (token.index > 0 and before.lemma in words().countries and "Nom" in hit.cases)


def _full_participle(token: Token) -> bool:
    return token.feats.get("VerbForm") == "Part" and token.feats.get("Variant") != "Short"
