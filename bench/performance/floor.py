"""How far the coder is from what its models must compute: their floating-point work at this core's measured rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np

from models import RawArticle
from performance import feed
from performance.measure import Spread
from performance.report import Table
from workers.enrichment.russian import first_layer, neural
from workers.enrichment.russian.morphology import Morphology
from workers.enrichment.russian.reader import Reader

_ROUNDS = 20


def floor() -> Table:
    """Of the samples, an article: the multiplications of the models, and rumorph's own time for the context."""
    reader = Reader()
    raw = [RawArticle(id=a["id"], text=a["text"]) for a in feed.samples()]
    documents = [reader.read(article, date(2026, 3, 2)) for article in raw]
    sentences = [[token.text for token in s] for d in documents for s in d.sentences]
    tokens = sum(map(len, sentences)) / len(documents)
    rate = _rate()
    network = neural.Neural()
    per_word, per_row = _operations(network)
    distinct = len({word for words in sentences for word in words}) / sum(map(len, sentences))
    morphology = Morphology()
    context = _seconds(lambda: [morphology(words) for words in sentences]).median / len(documents)
    milliseconds = [
        ("first layers, every word once a sentence", per_word * tokens / rate * 1e3),
        (f"first layers, each word once ({distinct:.0%} of the tokens)", per_word * tokens * distinct / rate * 1e3),
        ("the other layers of names and syntax", per_row * tokens / rate * 1e3),
        ("morphology in context (rumorph, measured)", context * 1e3),
    ]
    whole = milliseconds[2][1] + milliseconds[3][1]
    rows = [(what, f"{ms:.2f}") for what, ms in milliseconds]
    return Table(
        "The floor: milliseconds an article of the samples", ("", "ms"),
        (*rows, ("floor with every word remembered", f"{whole:.2f}")),
        note=f"{tokens:.0f} tokens an article; this core multiplies such matrices at {rate / 1e9:.0f} GFlop/s. "
        f"Of {first_layer.REMEMBERED:,} words the products with the first layers are remembered.",
    )  # fmt: skip


def _rate() -> float:
    """Floating-point operations a second of this core, in a product of the second layer's shape."""
    rows, weight = np.ones((512, 256), np.float32), np.ones((256, 384), np.float32)
    seconds = _seconds(lambda: [rows @ weight for _ in range(20)]).low
    return 20 * 2 * rows.size * weight.shape[1] / seconds


def _operations(network: neural.Neural) -> tuple[float, float]:
    """Operations of a word in the first layers, and of a token in all that follows them."""
    encoders = network._tagger.encoder, network._parser.encoder
    parser = network._parser
    heads = [parser.kernel, parser.rel_kernel, network._tagger.emit.weight]
    heads += [d.weight for d in (parser.dependent, parser.governor, parser.rel_governor, parser.rel_dependent)]
    rest = sum(w.size for w in heads) + sum(layer.weight.size for e in encoders for layer in e.layers)
    return 2.0 * sum(e.first.weight.size for e in encoders), 2.0 * rest


def _seconds(work: Callable[[], object]) -> Spread:
    found = []
    work()
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return Spread.of(found)
