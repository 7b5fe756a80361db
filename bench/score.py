"""Score the coder on labelled items: python bench/score.py tests/enrichment/labelled/heldout-dense.jsonl

A file of JSON lines: id, text, title, published_at, and events with source, target, plover_type, status, reciprocal
and, where they apply, alt_types (also right), optional (neither a miss nor a false alarm) and group (all its pairs are
optional).
Four levels, micro-averaged; equal rows of one item count once:

    dyad      the unordered pair                quad      the pair and the quad class
    type      the pair and the PLOVER type      directed  the ordered pair and the type, either order if reciprocal
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
from collections.abc import Iterable
from typing import Any

from models import CodedArticle, Event, EventType, RawArticle, Version
from models.ontology import ontology
from workers.enrichment.coder import Coder

LEVELS = ("dyad", "quad", "type", "directed")
Label = dict[str, Any]
Row = tuple[str, str, str]
"""Two states (in alphabetical order but at level directed) and what the level asks of the act."""


def rows(level: str, source: str, target: str, types: Iterable[str], reciprocal: bool) -> frozenset[Row]:
    """Every row that is right for the act at this level."""
    a, b = sorted((source, target))
    if level == "dyad":
        return frozenset({(a, b, "")})
    if level == "quad":
        return frozenset((a, b, ontology().quads[EventType(t)].name) for t in types)
    if level == "type":
        return frozenset((a, b, t) for t in types)
    orders = {(source, target), (target, source)} if reciprocal else {(source, target)}
    return frozenset((s, t, kind) for s, t in orders for kind in types)


def label_rows(level: str, label: Label) -> frozenset[Row]:
    """The rows of a label, its alternatives included."""
    types = [label["plover_type"], *label.get("alt_types", ())]
    return rows(level, label["source"], label["target"], types, bool(label.get("reciprocal")))


def compare(level: str, labels: list[Label], events: Iterable[Event]) -> tuple[int, int, int]:
    """Right, false and missed rows of one item."""
    required = list(dict.fromkeys(label_rows(level, label) for label in labels if not label.get("optional")))
    allowed = set().union(*(label_rows(level, label) for label in labels)) if labels else set()
    for label in labels:
        types = [label["plover_type"], *label.get("alt_types", ())]
        for a, b in itertools.combinations(label.get("group") or (), 2):
            allowed |= rows(level, a, b, types, True)
    coded: set[Row] = set()
    for event in events:
        coded |= rows(level, event.source.code, event.target.code, [event.type.value], False)
    found = sum(bool(right & coded) for right in required)
    return found, len(coded - allowed), len(required) - found


def f1(right: int, false: int, missed: int) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    precision = right / (right + false) if right + false else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def raw(item: Label) -> RawArticle:
    """The item as an article of its own."""
    published = dt.datetime.fromisoformat(item["published_at"]) if item.get("published_at") else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=dt.UTC)
    return RawArticle(id=item["id"], text=item["text"], title=item.get("title"), published_at=published)


def code(coder: Coder, item: Label) -> CodedArticle:
    """The item coded."""
    return coder.code(raw(item), version=Version(0), received=dt.date(2026, 1, 1))


def main() -> None:
    """Print the four levels and how often the status agrees where the directed row is right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    with open(parser.parse_args().file, encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines if line.strip()]
    coder = Coder()
    coded = [code(coder, item) for item in items]
    print(f"{len(items)} items, {coded[0].coder}")
    for level in LEVELS:
        counts = [compare(level, item["events"], article.events) for item, article in zip(items, coded, strict=True)]
        right, false, missed = (sum(count) for count in zip(*counts, strict=True))
        precision, recall, score = f1(right, false, missed)
        print(
            f"{level:9} P {precision:.3f}  R {recall:.3f}  F1 {score:.3f}  right {right} false {false} missed {missed}"
        )
    agree = of = 0
    for item, article in zip(items, coded, strict=True):
        for label in item["events"]:
            hits = [
                event
                for event in article.events
                if label_rows("directed", label)
                & rows("directed", event.source.code, event.target.code, [event.type.value], False)
            ]
            of += bool(hits)
            agree += any(event.status.value == label["status"] for event in hits)
    print(f"status    {agree} of {of} agree")


if __name__ == "__main__":
    main()
