"""Where the time of complete coding goes: a table of the stages, their shares measured by a sampling profiler."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from datetime import date
from types import FrameType

from models import RawArticle, Version
from performance import feed
from performance.report import Table
from topics.codec import decode
from workers.enrichment.coder import Coder

STAGES = {
    "language.py:language_of": "language", "reader.py:_drafts": "segmentation", "text.py:clean": "segmentation",
    "text.py:paragraphs": "segmentation", "layout.py:kinds": "segmentation", "neural.py:__call__": "names and syntax",
    "first_layer.py:__call__": "names and syntax", "morphology.py:__call__": "morphology",
    "repair.py:repaired": "repair of trees", "mentions.py:of": "mentions", "engine.py:read": "events",
    "entities.py:entities": "entities", "dates.py:dates": "dates", "coder.py:_code": "the rest",
}  # fmt: skip
"""Functions by file and name, and the stage that everything below them belongs to; the innermost counts."""
_SECONDS = 8.0


def stages() -> Table:
    """The stages of coding the samples, in milliseconds an article."""
    coder = Coder()
    articles = [decode(RawArticle, json.dumps(article).encode()) for article in feed.samples()]
    shares: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            code = frame.f_code
            stage = STAGES.get(f"{code.co_filename.rpartition('/')[2]}:{code.co_name}")
            if stage is not None:
                shares[stage] += 1
                return
            frame = frame.f_back

    def code() -> None:
        for article in articles:
            coder.code(article, version=Version(0), received=date(2026, 3, 2))

    code()
    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    started, turns = time.process_time(), 0
    try:
        while time.process_time() - started < _SECONDS:
            code()
            turns += 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    each = (time.process_time() - started) / turns / len(articles) * 1000
    looks = sum(shares.values())
    rows = [(s, f"{each * n / looks:.2f}", f"{n / looks:.0%}") for s, n in shares.most_common()]
    return Table("Stages of the samples", ("stage", "ms an article", "share"), (*rows, ("all", f"{each:.2f}", "100%")))
