"""Where persons' names stand in a sentence: the tagger's spans, mended where the dictionary of names knows better.

What the tagger takes in by mistake is cut off (ranks, brackets, words whose capital is a sentence's), what it leaves
out is added (initials, a given name before or a surname after, ибн and аль), and names that it does not see at all are
found where a given name and a surname, or initials and a surname, stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES, Names
from workers.enrichment.document import Sentence, Token
from workers.enrichment.russian.lexicon import Kind, professions

Stretch = tuple[int, int]
"""`tokens[start:end]` of a sentence."""

_NO_NAME = frozenset({Kind.OFFICE, Kind.RANK, Kind.BODY})
_TOWNS = frozenset({Kind.CITY, Kind.REGION, Kind.TERRITORY})
_NAMES = frozenset({"Giv", "Sur", "Pat"})
_FAMILY = frozenset({"Sur", "Pat"})
_PARTS = frozenset({"(", ")", "[", "]", ",", ";", "/", "•", ":"})
"""What parts one name from another where the tagger ran on: Джоэл Саймон (Joel Simon)."""
_PARTICLES = frozenset(
    {"ибн", "бин", "бен", "бинт", "аль", "ал", "эль", "фон", "ван", "дер", "ден", "де", "ди", "дю", "дель", "делла"}
)
_IN_HONOUR = frozenset({"имени", "им"})
_PLURAL = ("ых", "их", "ыми", "ими", "ие", "ые")


def name_spans(sentence: Sentence, names: Names) -> list[Stretch]:
    """The stretches `tokens[start:end]` that are names of persons, in order."""
    cut = [span for found in _tagged(sentence) for span in _cut(sentence, names, found)]
    taken = {i for start, end in cut for i in range(start, end)}
    cut += _unseen(sentence, names, taken)
    grown: list[Stretch] = []
    for start, end in sorted(cut):
        before = grown[-1][1] if grown else 0
        start = max(_grown_left(sentence, start), before)
        if grown and before == start and _one_name(sentence, grown[-1], (start, end)):
            grown[-1] = (grown[-1][0], end)
        else:
            grown.append((start, end))
    return grown


def _tagged(sentence: Sentence) -> Iterator[Stretch]:
    """The tagger's spans, parted at brackets and commas."""
    start = -1
    for token in sentence:
        inside = token.ner.endswith("-PER") and token.text not in _PARTS
        if start >= 0 and (not inside or token.ner == "B-PER"):
            yield start, token.index
            start = -1
        if inside and start < 0:
            start = token.index
    if start >= 0:
        yield start, len(sentence)


def _cut(sentence: Sentence, names: Names, found: Stretch) -> Iterator[Stretch]:
    """The span without the ranks, offices and other words that the tagger took in; nothing if it is no name."""
    start, end = found
    while start < end and (
        names.kind(start, _NO_NAME) or sentence[start].pos == "PUNCT" or _qualifies(sentence, names, start, end)
    ):
        start += 1
    while start < end and sentence[end - 1].pos == "PUNCT" and sentence[end - 1].text != ".":
        end -= 1
    if (
        start == end
        or _quoted(sentence, start, end)
        or _is_place(sentence, names, start, end)
        or _is_family(sentence, start, end)
    ):
        return
    if end - start == 1 and _type(sentence, start) == "Giv" and _type(sentence, end) == "Sur":
        # the tagger stopped between given name and surname
        end += not names.at.get(end) and not sentence[end].ner.endswith("-PER")
    if any(t.text[:1].isupper() for t in sentence.tokens[start:end]):
        yield start, end


def _qualifies(sentence: Sentence, names: Names, index: int, end: int) -> bool:
    """Whether a word that begins a sentence was taken for a name by its capital: Кыргызский, Трёхсторонняя, Упрёк.

    Before a name this goes for every common noun: Поп-звезда Мадонна, Филиппинка Катриона Грэй.
    """
    token = sentence[index]
    if names.kind(index, ADJECTIVES):
        return True
    if not _first(sentence, index) or token.feats.get("NameType"):
        return False
    if professions().match([token.text]):
        return True
    if end - index > 1:
        return token.pos == "NOUN" and bool(_NAMES & {_type(sentence, index + 1)})
    return index == 0 and (token.pos == "ADJ" or (token.pos == "NOUN" and token.feats.get("Animacy") == "Inan"))


def _is_place(sentence: Sentence, names: Names, start: int, end: int) -> bool:
    """Whether the span is the name of a state or an organization, or, a single word, of a town in this case."""
    places = names.kind(start, ACTORS | {Kind.CITY, Kind.REGION} if end - start == 1 else ACTORS)
    if not places or places[0].start > start or places[0].end < end:
        return False
    token = sentence[start]
    surname = token.feats.get("NameType") == "Sur" and token.case
    return not (places[0].kind in _TOWNS and surname and token.case not in places[0].cases)


def _is_family(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a surname alone stands in the plural and names no one person: Стругацкие, Ямадаевых."""
    token = sentence[start]
    plural = token.feats.get("Number") == "Plur" and token.text.endswith(_PLURAL)
    return end - start == 1 and plural and token.feats.get("NameType") in _FAMILY


def _unseen(sentence: Sentence, names: Names, taken: set[int]) -> Iterator[Stretch]:
    """Names that the tagger took for no person's: Леван Гачечиладзе, А. С. Пушкин, театр имени Вахтангова."""
    index = 0
    while index < len(sentence):
        end = _name_from(sentence, index)
        if (
            end > index
            and not any(i in taken for i in range(index, end))
            and not (_quoted(sentence, index, end) or _hidden(names, index, end))
        ):
            yield index, end
            index = end
        else:
            index += 1


def _name_from(sentence: Sentence, start: int) -> int:
    """The token after a full name that begins at `start`, by the dictionary; `start` where none does."""
    end = start
    while _initial(sentence, end):
        end += 2
    if end > start or _honoured(sentence, start):
        while _type(sentence, end) in _NAMES and end - start < 6:
            end += 1
        return end if _type(sentence, end - 1) in _FAMILY and sentence[end - 1].text[:1].isupper() else start
    if _type(sentence, start) != "Giv":
        return start
    end += 1
    while _type(sentence, end) in _FAMILY and _agree(sentence[start], sentence[end]):
        end += 1
    return end if end > start + 1 else start


def _honoured(sentence: Sentence, start: int) -> bool:
    before = start - 1
    if before > 0 and sentence[before].text == ".":
        before -= 1
    return before >= 0 and sentence[before].text.lower() in _IN_HONOUR


def _quoted(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the words alone stand in quotation marks: a ship or a paper that bears a person's name."""
    return start > 0 and end < len(sentence) and (sentence[start - 1].text, sentence[end].text) == ("«", "»")


def _hidden(names: Names, start: int, end: int) -> bool:
    """Whether the lexicon has the words as the name of something else."""
    return any(hit.start <= start and hit.end >= end for hit in names.at.get(start, ()))


def _grown_left(sentence: Sentence, start: int) -> int:
    """Where a name begins with the initials, given name and particles before it."""
    while start > 1 and _initial(sentence, start - 2):
        start -= 2
    before = sentence[start - 1] if start else None
    if before is None:
        return start
    if before.text in _PARTICLES:
        return start - 1
    follows = sentence[start].feats.get("NameType") in _FAMILY and not before.ner.endswith("-PER")
    return start - (follows and _type(sentence, start - 1) == "Giv" and _agree(before, sentence[start]))


def _one_name(sentence: Sentence, one: Stretch, other: Stretch) -> bool:
    """Whether two spans side by side are given name and surname of one person: Фёдора | Ивановича Шаляпина."""
    first, second = sentence[one[1] - 1], sentence[other[0]]
    split = one[1] - one[0] == 1 and first.feats.get("NameType") == "Giv"
    return split and second.feats.get("NameType") in _FAMILY and _agree(first, second)


def _initial(sentence: Sentence, index: int) -> bool:
    """Whether an initial with its dot stands at `index`."""
    if not 0 <= index < len(sentence) - 1 or sentence[index + 1].text != ".":
        return False
    text = sentence[index].text
    return text.isalpha() and text[0].isupper() and (len(text) == 1 or text in ("Дж", "Ю", "Я"))


def _first(sentence: Sentence, index: int) -> bool:
    """Whether a token begins a sentence, or what looks like one."""
    return index == 0 or sentence[index - 1].text in ("«", "»", '"', ".", ":", "!", "?", "—", "–", "-")


def _type(sentence: Sentence, index: int) -> str:
    """Which part of a person's name the token is by the dictionary, empty for none and outside the sentence."""
    if not 0 <= index < len(sentence) or not sentence[index].text[:1].isupper():
        return ""
    return sentence[index].feats.get("NameType", "")


def _agree(*tokens: Token) -> bool:
    return _alike(t.case for t in tokens)


def _alike(cases: Iterable[str]) -> bool:
    """Whether the cases are one, genitive and accusative counting as one, those not known as any."""
    return len({"Gen" if case == "Acc" else case for case in cases if case}) < 2
