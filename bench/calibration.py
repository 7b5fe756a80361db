"""Whether events are as sure as they say: python bench/calibration.py LABELLED.jsonl ...

Reads labelled articles as bench/score.py does, and prints, by steps of confidence, the mean that the events say and
the share that is right: the labels of the article have the ordered pair and the type, optional labels included. The
last line is the expected calibration error: the mean distance of the two, weighted by the events of each step.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from score import code, label_rows, rows

from workers.enrichment.coder import Coder

STEP = 0.1
WIDTH = 40


def outcomes(coder: Coder, file: Path) -> list[tuple[float, bool]]:
    """Each event's confidence and whether it is right."""
    found: list[tuple[float, bool]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        right = set().union(*(label_rows("directed", label) for label in item["events"])) if item["events"] else set()
        for event in code(coder, item).events:
            said = rows("directed", event.source.code, event.target.code, [event.type.value], event.reciprocal)
            found.append((event.confidence, bool(said & right)))
    return found


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    coder = Coder()
    found = [outcome for file in parser.parse_args().files for outcome in outcomes(coder, file)]
    error = 0.0
    for step in range(round(1 / STEP)):
        inside = [(said, right) for said, right in found if step * STEP <= said < (step + 1) * STEP]
        if not inside:
            continue
        said = sum(said for said, _ in inside) / len(inside)
        right = sum(right for _, right in inside) / len(inside)
        error += abs(said - right) * len(inside) / len(found)
        bar = "".join(
            "|" if place == round(said * WIDTH) else "#" if place < right * WIDTH else " " for place in range(WIDTH + 1)
        )
        print(f"{step * STEP:.1f}  said {said:.2f}  right {right:.2f}  of {len(inside):4}  {bar}")
    print(f"expected calibration error {error:.3f} over {len(found)} events")


if __name__ == "__main__":
    main()
