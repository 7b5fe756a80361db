"""Where persons' names stand in a sentence: the tagger's spans without what it takes in by mistake."""

from __future__ import annotations

from workers.enrichment.coding.phrases import ACTORS, ADJECTIVES, Names
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Kind

_NO_NAME = frozenset({Kind.OFFICE, Kind.RANK, Kind.BODY})


def name_spans(sentence: Sentence, names: Names) -> list[tuple[int, int]]:
    """The stretches `tokens[start:end]` that are names of persons, in order."""
    found: list[tuple[int, int]] = []
    for token in sentence:
        if token.ner == "B-PER" or (token.ner == "I-PER" and (not found or found[-1][1] != token.index)):
            found.append((token.index, token.index + 1))
        elif token.ner == "I-PER":
            found[-1] = (found[-1][0], token.index + 1)
    cut: list[tuple[int, int]] = []
    for start, end in found:  # the tagger takes in ranks and offices now and then
        while start < end and (
            names.kind(start, _NO_NAME) or sentence[start].pos == "PUNCT" or _qualifies(sentence, names, start, end)
        ):
            start += 1
        while start < end and sentence[end - 1].pos == "PUNCT" and sentence[end - 1].text != ".":
            end -= 1
        places = names.kind(start, ACTORS | {Kind.CITY, Kind.REGION} if end - start == 1 else ACTORS)
        if start and end < len(sentence) and (sentence[start - 1].text, sentence[end].text) == ("«", "»"):
            continue  # a ship or a paper that bears a person's name
        if places and places[0].start <= start and places[0].end >= end:
            continue
        if end - start == 1 and sentence[start].feats.get("NameType") == "Giv" and end < len(sentence):
            after = sentence[end]  # the tagger stopped between given name and surname
            end += after.feats.get("NameType") == "Sur" and after.ner == "O" and not names.at.get(end)
        if start < end and any(t.text[:1].isupper() for t in sentence.tokens[start:end]):
            cut.append((start, end))
    return cut


def _qualifies(sentence: Sentence, names: Names, index: int, end: int) -> bool:
    """Whether a word that begins a sentence was taken for a name by its capital: Кыргызский, Трёхсторонняя, Упрёк."""
    token = sentence[index]
    if names.kind(index, ADJECTIVES):
        return True
    common = token.pos == "ADJ" or (token.pos == "NOUN" and token.feats.get("Animacy") == "Inan")
    return index == 0 and common and "NameType" not in token.feats and end == 1
