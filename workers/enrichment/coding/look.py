"""The first look: whether an article names two parties at all, by the spelling of its words alone.

An event needs two states or organizations. All of them come from the lexicon or the table of leaders: states, seats and
capitals, adjectives, organizations, bodies, groups, office-holders ("Путин и Лукашенко обсудили" names no state). So
where the words of an article spell the names of fewer than two, nothing that the models find can make an event of it.
The look sees more names than the coder does, never fewer: it asks neither for sentences nor for what stands beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.enrichment.russian.lexicon import Kind, leaders, lexicon

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_GLUED = re.compile(r"(?<=[а-яё])(?=[А-ЯЁ])|(?<=[А-Яа-яЁё])(?=[A-Za-z])|(?<=[A-Za-z])(?=[А-Яа-яЁё])")
"""Where a run of letters may be parted into words."""
_AGAINST = "анти"


def may_tell(title: str, text: str, day: str, *, dated: bool) -> bool:
    """Whether the article names two parties. `day` is its day; who led a state then counts, or ever if not `dated`."""
    found: set[str] = set()
    for code in _named(f"{title}\n\n{text}", day, dated):
        found.add(code)
        if len(found) > 1:
            return True
    return False


def _named(text: str, day: str, dated: bool) -> Iterator[str]:
    """The codes of what the words may name; of a group one for each of two members."""
    whole = _PIECE.findall(text)
    parted = [part for word in whole for part in _GLUED.split(word)]
    for words in [whole] if parted == whole else [whole, parted]:
        for _, _, entry in lexicon().spelled(words):
            if entry.kind is Kind.GROUP:
                yield from ("a member of a group", "another")
            elif entry.code and entry.kind is not Kind.TRAP:
                yield entry.code
        for start, end, terms in leaders().spelled(words):
            full = end - start > 1 or (start > 0 and words[start - 1][0].isupper())
            yield from (t.code for t in terms if full or not dated or t.holds(day))
    for word in whole:
        if word.lower().startswith(_AGAINST):
            yield from (e.code for _, _, e in lexicon().spelled([word[len(_AGAINST) :].lower()]) if e.code)
