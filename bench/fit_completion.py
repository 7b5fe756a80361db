"""Fit the weights of the completion of parties, and show how well they hold on articles they were not fitted on.

    PYTHONPATH=. python bench/fit_completion.py LABELLED.jsonl ... [--write]

Reads labelled articles as bench/score.py does, and the marked sentences of the tests. Every pair that the coder weighed
for a frame that lacked a party is an example, right if the article's labels have it, optional ones included. A logistic
regression with an L2 penalty is fitted by Newton's method; five folds by article give the figures. With --write the
weights go to workers/enrichment/coding/completion.csv.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from score import Label, label_rows, raw, rows

from models import Version
from tests.enrichment.marked import DAY, Told, sentences
from workers.enrichment.coder import Coder
from workers.enrichment.coding import completion
from workers.enrichment.coding.candidates import Features

PENALTY = 20.0
MARKED = 2
"""How many times the pairs of a marked sentence count: each stands for many like it."""
SEEN_AT_LEAST = 4
FOLDS = 5
TABLE = Path(completion.__file__).parent / "completion.csv"
HEAD = "# The weights of the logistic model of completion.py; fitted by bench/fit_completion.py, not written by hand.\n"

Array = NDArray[np.float64]
Example = tuple[Features, bool, int]
"""The features of a pair, whether it is right, and its fold."""


def _marked(where: str, told: frozenset[Told], text: str) -> Label:
    """A marked sentence of the tests as a labelled article."""
    events = [
        {"source": s, "target": t, "plover_type": kind, "status": status, "reciprocal": arrow == "="}
        for s, arrow, t, kind, status in sorted(told)
    ]
    return {"id": where, "text": text, "published_at": DAY.isoformat(), "events": events}


def examples(coder: Coder, item: Label) -> list[Example]:
    """The pairs weighed in one article."""
    import datetime as dt

    fold = int(hashlib.sha256(item["id"].encode()).hexdigest(), 16) % FOLDS
    trace = coder.code_with_trace(raw(item), version=Version(0), received=dt.date(2026, 1, 1))
    right: set[Any] = set()
    unclear: set[Any] = set()
    for label in item["events"]:
        (unclear if label.get("optional") else right).update(label_rows("directed", label))
    told: set[Any] = set()
    for event in trace.coded.events:
        told |= rows("directed", event.source.code, event.target.code, [event.type.value], event.reciprocal)
    found: list[Example] = []
    for weighed in trace.weighed:
        if trace.document.sentences[weighed.sentence].part != "text":
            continue
        for pair in weighed.pairs:
            frame = weighed.frame
            said = rows("directed", pair.source.code, pair.target.code, [frame.type.value], frame.symmetric)
            if said & told:
                continue  # the rules tell it anyway: saying it again gains nothing
            found.append((pair.features, bool(said & (right | unclear)), fold))
    return found


def fit(data: list[Example]) -> dict[str, float]:
    """The weights; features seen in fewer than SEEN_AT_LEAST pairs get none."""
    counts: dict[str, int] = {}
    for features, _, _ in data:
        for feature in features:
            counts[feature] = counts.get(feature, 0) + 1
    names = sorted(f for f, n in counts.items() if n >= SEEN_AT_LEAST)
    column = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(data), len(names) + 1))
    x[:, -1] = 1.0
    for row, (features, _, _) in enumerate(data):
        for feature in features:
            if feature in column:
                x[row, column[feature]] = 1.0
    y = np.array([float(right) for _, right, _ in data])
    penalty = np.full(len(names) + 1, PENALTY)
    penalty[-1] = 0.01
    w: Array = np.zeros(len(names) + 1)
    for _ in range(30):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (p - y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        w = w - step
        if np.abs(step).max() < 1e-6:
            break
    return {"bias": float(w[-1]), **{name: float(w[i]) for name, i in column.items()}}


def predicted(weights: dict[str, float], features: Features) -> float:
    """The probability that the weights give a pair."""
    return float(1 / (1 + np.exp(-weights["bias"] - sum(weights.get(f, 0.0) for f in features))))


def main() -> None:
    """Fit, show the folds' figures, and write the table if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    items: list[Label] = [_marked(*sentence) for sentence in sentences()]
    for file in given.files:
        items += [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]
    coder = Coder()
    completion.LIKELY = completion.GUESSED = 1.0  # what the rules tell by themselves
    data = [example for item in items for example in examples(coder, item) * (MARKED if ":" in item["id"] else 1)]
    print(f"{len(items)} articles, {len(data)} pairs, {sum(right for _, right, _ in data)} right")
    shown: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        weights = fit([e for e in data if e[2] != fold])
        shown += [(predicted(weights, features), right) for features, right, of in data if of == fold]
    print("of pairs said to be so likely, as many are right (five folds):")
    for low in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        inside = [(p, right) for p, right in shown if low <= p < low + 0.1]
        if inside:
            mean = sum(p for p, _ in inside) / len(inside)
            share = sum(right for _, right in inside) / len(inside)
            print(f"  {low:.1f}-{low + 0.1:.1f}: said {mean:.2f}, right {share:.2f} of {len(inside)}")
    if given.write:
        weights = fit(data)
        lines = [f"{name},{weight:.3f}" for name, weight in sorted(weights.items()) if abs(weight) >= 0.02]
        TABLE.write_text(HEAD + "feature,weight\n" + "\n".join(lines) + "\n", encoding="utf-8")
        print(f"{len(lines)} weights written")


if __name__ == "__main__":
    main()
