"""What runs in a coding process: the coder, made ready once, and one article after another.

Imports nothing of the worker's own runtime, so that a coding process holds no more than it needs. `loaded` is the same
with the coder made when it is imported: the fork server imports it (pool.py), and every coding process forked from
there shares the models and the data.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from models import RawArticle, Version
from topics.codec import decode, encode

if TYPE_CHECKING:
    from workers.enrichment.coder import Coder

_coder: Coder | None = None
"""In a coding process: the coder, with its models loaded."""
_made_by: Callable[[], Coder] | None = None

YOUNG = 50_000
"""Objects made before the garbage collector looks at the young ones: an article makes about as many, few in cycles."""
_FIRST = '{"id": "-", "text": "Президент Казахстана встретил 2 марта президента Киргизии, сообщает Акорда."}'.encode()


def own_coder() -> Coder:
    """The project's coder, with its models loaded; passes over articles that name no two parties."""
    from workers.enrichment.coder import Coder

    return Coder(look=True)


def thorough_coder() -> Coder:
    """The same, but reads every article in full, so that all have their entities."""
    from workers.enrichment.coder import Coder

    return Coder()


def prepare(make_coder: Callable[[], Coder] = own_coder) -> None:
    """Make a coding process ready. The models are loaded here and nowhere in the worker itself."""
    global _coder, _made_by
    if _coder is not None and _made_by is make_coder:
        return  # made before the process was forked
    gc.disable()  # what is loaded stays: to look through it again and again takes a third of the time
    try:
        _coder, _made_by = make_coder(), make_coder
        work(_FIRST, 0, "2026-03-02")  # what is loaded when it is first needed is loaded now
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


def work(article: bytes, version: int, received: str) -> bytes:
    """Code one article in a coding process."""
    assert _coder is not None, "prepare() first"
    raw = decode(RawArticle, article)
    return encode(_coder.code(raw, version=Version(version), received=dt.date.fromisoformat(received)))


def initialize(ready: Callable[[], None]) -> None:
    """Begin a coding process: make it ready, and let it end with the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the whole group; the worker decides
    _end_with(os.getppid())
    try:
        ready()
    except Exception:
        traceback.print_exc()  # the pool would only say that its workers expired
        raise


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: the fork server ends with the worker (killed with -9, it cannot say
    so)."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def ping() -> None:
    """Answered by the first process that is ready."""
