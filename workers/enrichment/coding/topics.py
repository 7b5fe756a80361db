"""What an article is about besides what states do: a match, a film, a crime. There, less happens between states."""

from __future__ import annotations

from collections import Counter

from workers.enrichment.coding.grammar import topic_words
from workers.enrichment.document import Document

_ENOUGH = 3
"""So many words of a topic show it; fewer stand in news of every kind."""


def topics(document: Document) -> frozenset[str]:
    """The topics that the words of an article show."""
    known = topic_words()
    lemmas = (token.lemma for sentence in document.sentences for token in sentence)
    seen = Counter(topic for lemma in lemmas for topic in known.get(lemma, ()))
    return frozenset(topic for topic, count in seen.items() if count >= _ENOUGH)
