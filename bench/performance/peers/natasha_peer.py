"""Stock natasha 1.6 as a contestant: segments, tags, parses and finds names, as its own documentation has it.

Runs in an environment of its own (peers/setup.py). natasha's dependencies ask Python for `inspect.getargspec`, which is
gone since 3.11; it is put back here, and nothing else is changed.
"""

from __future__ import annotations

import inspect
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ArgSpec = namedtuple("_ArgSpec", "args varargs keywords defaults")


def _getargspec(function: Callable[..., Any]) -> _ArgSpec:
    return _ArgSpec(*inspect.getfullargspec(function)[:4])


def main() -> None:
    """Load the models and serve."""
    inspect.getargspec = _getargspec  # type: ignore[attr-defined]
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from natasha import (  # type: ignore[import-untyped]
        Doc,
        NewsEmbedding,
        NewsMorphTagger,
        NewsNERTagger,
        NewsSyntaxParser,
        Segmenter,
    )

    from performance.contestant import Article, serve

    segmenter, embedding = Segmenter(), NewsEmbedding()
    morphology, syntax, ner = NewsMorphTagger(embedding), NewsSyntaxParser(embedding), NewsNERTagger(embedding)

    def work(article: Article) -> object:
        doc = Doc(article["text"])
        doc.segment(segmenter)
        doc.tag_morph(morphology)
        doc.parse_syntax(syntax)
        doc.tag_ner(ner)
        return doc

    serve(work)


if __name__ == "__main__":
    main()
