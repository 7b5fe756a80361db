"""Why an article was coded as it was, as plain records: what one reads before adding a rule.

`explain` turns a trace into rows of strings, sentence by sentence; how they are shown is the caller's business.
"""

from __future__ import annotations

from msgspec import Struct

from workers.enrichment.coder import Trace
from workers.enrichment.coding.mentions import Mentions
from workers.enrichment.document import Sentence


class Node(Struct, frozen=True):
    """A token of the tree; `head` is its governor, -1 at a root."""

    index: int
    text: str
    lemma: str
    pos: str
    features: str
    relation: str
    head: int


class Resolved(Struct, frozen=True):
    """A mention: its words, what it is, and what it resolved to (empty where to nothing)."""

    text: str
    kind: str
    country: str
    detail: str


class Attempt(Struct, frozen=True):
    """A frame tried on a trigger: who stood in its slots, each with how it was found, and what came of it."""

    trigger: str
    rule: str
    source: str
    target: str
    outcome: str


class Told(Struct, frozen=True):
    """An event of the sentence as it was coded."""

    text: str
    type: str
    mode: str
    cameo: str
    status: str
    date: str
    confidence: float
    rule: str


class Explained(Struct, frozen=True):
    """One sentence explained."""

    sentence: int
    part: str
    kind: str
    text: str
    mentions: tuple[Resolved, ...]
    tree: tuple[Node, ...]
    attempts: tuple[Attempt, ...]
    events: tuple[Told, ...]


def explain(trace: Trace) -> tuple[Explained, ...]:
    """Each sentence of a traced article, in order; empty for an article in a language that is not read."""
    mentions = trace.mentions
    if mentions is None:
        return ()
    return tuple(_explained(trace, mentions, sentence) for sentence in trace.document.sentences)


def _explained(trace: Trace, mentions: Mentions, sentence: Sentence) -> Explained:
    return Explained(
        sentence.index, sentence.part, sentence.kind, sentence.text,
        tuple(_mentions(mentions, sentence)),
        tuple(
            Node(t.index, t.text, t.lemma, t.pos, " ".join(f"{k}={v}" for k, v in t.feats.items()), t.rel, t.head)
            for t in sentence
        ),
        tuple(
            Attempt(sentence[a.token].text, a.rule, a.source, a.target, a.outcome)
            for a in trace.tried
            if a.sentence == sentence.index
        ),
        tuple(
            Told(
                f"{e.source.code} {'=' if e.reciprocal else '>'} {e.target.code}", e.type, e.mode or "", e.cameo,
                e.status, f"{e.date or ''} ({e.date_precision})", e.confidence, e.rule,
            )
            for e in (*trace.coded.events, *trace.coded.organization_events)
            if sentence.part == "text" and sentence.start <= e.trigger.start < sentence.end
        ),
    )  # fmt: skip


def _mentions(mentions: Mentions, sentence: Sentence) -> list[Resolved]:
    found = [
        (person.start, Resolved(sentence.slice(person.start, person.end), "person", person.code,
                                f"{person.name}; {person.office}; {person.role}; by {person.source or 'nothing'}"))
        for person in mentions.people[sentence.index]
    ]  # fmt: skip
    found += [
        (
            hit.start,
            Resolved(sentence.slice(hit.start, hit.end), hit.kind, hit.code, f"{hit.entry.name} {hit.sector}".strip()),
        )
        for hit in mentions.names[sentence.index].hits
    ]
    return [resolved for _, resolved in sorted(found, key=lambda pair: pair[0])]
