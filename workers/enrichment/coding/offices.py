"""The titles beside persons' names: which office stands by a name, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence

from workers.enrichment.coding.phrases import ACTORS, Modifier, Names, coordinated
from workers.enrichment.document import Sentence
from workers.enrichment.russian.lexicon import Hit, Kind, lexicon


def office_before(sentence: Sentence, names: Names, start: int, taken: frozenset[int]) -> Hit | None:
    """The office whose phrase ends right before a name: the leftmost in an unbroken chain of titles and genitives."""
    index, found = start - 1, None
    while index >= 0 and start - index <= 14 and index not in taken:
        token = sentence[index]
        hits = names.at.get(index, ())
        office = next((h for h in hits if h.kind is Kind.OFFICE), None)
        if office is not None:
            if (
                found is None
                or (found.cases == {"Gen"} or ("Gen" in found.cases and "Gen" not in office.cases))
                or (office.cases & found.cases and office.end == found.start)
            ):
                found = office
            index = office.start - 1
        elif hits:
            index = min(h.start for h in hits) - 1
        elif token.lemma in ("и", ",") and index + 1 < start and names.at.get(index + 1) and names.at.get(index - 1):
            index -= 1
        elif token.pos in ("ADJ", "NOUN", "PROPN", "NUM", "DET") and token.case in (
            "Gen",
            "Nom",
            "Ins",
            "Dat",
            "Acc",
            "Loc",
        ):
            if token.case != "Gen" and token.pos == "NOUN" and found is None and start - index > 1:
                break
            index -= 1
        elif token.lemma in ("по", "в", "-", "—", "при") and found is None and index < start - 1:
            index -= 1
        else:
            break
    return found


def office_after(sentence: Sentence, names: Names, end: int) -> Hit | None:
    """The office in an apposition after a name: "Сергей Шойгу, министр обороны России"; "Сандерс (президент ...)"."""
    if end + 1 >= len(sentence) or sentence[end].text not in (",", "(", "—", "–"):
        return None
    index = end + 1
    while index < len(sentence) and index < end + 4:
        office = next((h for h in names.at.get(index, ()) if h.kind is Kind.OFFICE), None)
        if office is not None:
            return office if "Nom" in office.cases or (sentence[end].text in (",", "(") and index <= end + 2) else None
        if sentence[index].pos != "ADJ":
            return None
        index += 1
    return None


def states_between(sentence: Sentence, names: Names, start: int, end: int) -> tuple[Modifier, ...]:
    """The states named between an office and a name: "президенты (Чада и Нигера) ..."."""
    for index in range(start, end):
        if names.kind(index, ACTORS):
            return coordinated(sentence, names, index)
    return ()


def paired(states: Sequence[Modifier], place: int, count: int) -> Modifier | None:
    """The state of the name at `place` of `count`: each its own where there are as many, else the one there is."""
    if not states:
        return None
    if len(states) == count:
        return states[place]
    return states[0] if len(states) == 1 else None


def closed_up(sentence: Sentence, office: Hit) -> Hit:
    """The office with the body that an adjective parts from it: in "глава турецкого МИД" the office глава МИД."""
    end = office.end
    while end < len(sentence) and sentence[end].pos == "ADJ" and end < office.end + 3:
        end += 1
    if end == office.end or end >= len(sentence):
        return office
    words = [t.text for t in (*sentence.tokens[office.start : office.end], *sentence.tokens[end : end + 3])]
    found = [h for h in lexicon().match(words) if h.start == 0 and h.kind is Kind.OFFICE]
    return max(found, key=lambda h: h.end, default=office)


def head_of(sentence: Sentence, office: Hit) -> int:
    """The noun that an office's case is to be read from."""
    return next((i for i in range(office.start, office.end) if sentence[i].pos == "NOUN"), -1)
