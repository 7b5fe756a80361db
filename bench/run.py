"""Run the benches of bench/performance and write docs/performance.md: python bench/run.py [--only coder]

    --articles seeds=FILE   measures further articles too, JSON lines with `text`; given as often as there are corpora
    --reference DIR         measures the coder of another checkout in turns with this one's
    --check                 runs them, writes nothing, and fails where a ratio fell behind the last committed one

On an idle machine; what runs beside it shows in the spread. Peers are set up in .bench/ at the first run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from performance import aggregation, coder, page, recovery, report
from performance.options import Options

BENCHES = (coder, aggregation, recovery)


def main() -> int:
    """0 where all went well, 1 where a checked ratio fell behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[bench.NAME for bench in BENCHES])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--articles", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    corpora = {name: Path(file).resolve() for name, _, file in (item.partition("=") for item in asked.articles)}
    reference = asked.reference.resolve() if asked.reference else None
    behind = 0
    for bench in BENCHES:
        if asked.only not in (None, bench.NAME):
            continue
        command = f"make bench{f' BENCH=--rounds {asked.rounds}' if asked.rounds != 5 else ''}"
        found = bench.run(Options(asked.rounds, corpora, reference, command))
        if asked.check:
            behind += _compare(found)
        else:
            report.write(found)
    if not asked.check:
        page.write([kept for bench in BENCHES if (kept := report.read(bench.NAME)) is not None])
        print("wrote docs/performance.md")
    return int(behind > 0)


def _compare(found: report.Report) -> int:
    """Print each ratio beside the committed one; how many fell behind."""
    kept = report.read(found.name)
    committed = {ratio.name: ratio for ratio in kept.ratios} if kept is not None else {}
    behind = 0
    for ratio in found.ratios:
        old = committed.get(ratio.name)
        fell = old is not None and ratio.worse_than(old)
        behind += fell
        print(f"{found.name}: {ratio.name}: {ratio.value:.3g}, committed {old.value if old else float('nan'):.3g}"
              f"{'  FELL BEHIND' if fell else ''}")  # fmt: skip
    return behind


if __name__ == "__main__":
    sys.exit(main())
