"""This project's coder as a contestant: an article's bytes in, the coded article's bytes out, as in a worker."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from pathlib import Path

import orjson


def main(root: str) -> None:
    """Load the coder of the checkout at `root` and serve. Until 0.3.0 its process was part of the agent."""
    sys.path.insert(0, root)
    sys.path.insert(1, str(Path(__file__).parents[1]))
    from performance.contestant import Article, serve

    has_process = (Path(root) / "workers" / "enrichment" / "process.py").is_file()
    process = importlib.import_module(f"workers.enrichment.{'process' if has_process else 'agent'}")
    received = dt.date(2026, 3, 2).isoformat()

    def coded(article: Article) -> object:
        return process.work(orjson.dumps(article), 0, received)

    process.prepare()
    serve(coded)


if __name__ == "__main__":
    main(sys.argv[1])
