"""Repairs of the parser's tree, one kind after another; texts, offsets and lemmas stay as they are."""

from __future__ import annotations

from msgspec.structs import replace

from workers.enrichment.coding import attachments as hung
from workers.enrichment.coding import subjects
from workers.enrichment.document import Document, Sentence

_STEPS = (
    hung.circles, hung.unbending, hung.measures, hung.equations, hung.relatives, hung.participles, hung.lists,
    hung.bare_objects, hung.run_together, hung.persons_in_a_row, hung.agents_of_names, hung.roots,
    subjects.who, subjects.crossed, subjects.subjects_of_verbs, hung.clauses,
)  # fmt: skip
"""In this order: each sees the tree as the one before leaves it."""


def repaired(document: Document) -> Document:
    """The document with the trees of its sentences repaired."""
    return replace(document, sentences=tuple(_sentence(s) for s in document.sentences))


def _sentence(sentence: Sentence) -> Sentence:
    for step in _STEPS:
        changes = dict(step(sentence))
        if changes:
            tokens = tuple(changes.get(t.index, t) for t in sentence.tokens)
            sentence = replace(sentence, tokens=tokens)
    return sentence
