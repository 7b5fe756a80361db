"""Who listens: changes are told to each listener as they are committed.

A listener that does not keep up is let go of rather than waited for: it comes back, and hears what it missed from the
changes that are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from workers.monitoring.metrics import LISTENERS
from workers.monitoring.readmodel.changes import KINDS, Change, Heard, mark

MOST_WAITING = 2_000
"""Changes that may wait for a listener."""


Told = tuple[Change, bytes]
"""A change, and how it is written into a stream."""


def frame(change: Change, mark: str) -> bytes:
    """A change as a server-sent event, with the mark up to which everything is told then."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (change.kind.encode(), mark.encode(), change.data)


class Listener:
    """The changes for one listener, in order; `closed` once nothing more will come."""

    def __init__(self) -> None:
        self.closed = False
        self._waiting: list[Told] = []
        self._news = asyncio.Event()

    async def news(self, patience: float) -> list[Told]:
        """What came since; empty when nothing came within so many seconds."""
        if not self._waiting and not self.closed:
            try:
                async with asyncio.timeout(patience):
                    await self._news.wait()
            except TimeoutError:
                return []
        self._news.clear()
        waiting, self._waiting = self._waiting, []
        return waiting

    def tell(self, changes: Sequence[Told]) -> None:
        """Add changes."""
        if len(self._waiting) + len(changes) > MOST_WAITING:
            self.close()
        else:
            self._waiting += changes
            self._news.set()

    def close(self) -> None:
        """Let go of it."""
        self.closed = True
        self._news.set()


class Hub:
    """All listeners, and up to where they have heard: `generation` and `heard`, by topic and partition."""

    def __init__(self) -> None:
        self.generation = 0
        self.heard: Heard = {}
        self._listeners: set[Listener] = set()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @property
    def mark(self) -> str:
        """Up to where everything is told."""
        return mark(self.generation, self.heard)

    def begin(self, generation: int, positions: Mapping[tuple[str, int], int]) -> None:
        """Another read model: whoever listens is let go of, and learns of it when it comes back."""
        self.generation = generation
        self.heard = {where: after for where, after in positions.items() if where[0] in KINDS}
        self.close()

    def tell(self, changes: Iterable[Change], positions: Mapping[tuple[str, int], int]) -> None:
        """Tell what a commit changed, and that everything up to these positions is told."""
        marked = []
        for change in changes:
            self.heard[change.topic, change.partition] = change.offset + 1
            marked.append((change, frame(change, self.mark)))
        self.heard |= {where: after for where, after in positions.items() if where[0] in KINDS}
        if marked:
            for listener in tuple(self._listeners):
                listener.tell(marked)
                if listener.closed:
                    self._listeners.discard(listener)

    def listen(self) -> Listener:
        """A new listener, told of everything from now on."""
        listener = Listener()
        self._listeners.add(listener)
        LISTENERS.set(len(self._listeners))
        return listener

    def leave(self, listener: Listener) -> None:
        """It listens no longer."""
        self._listeners.discard(listener)
        LISTENERS.set(len(self._listeners))

    def close(self) -> None:
        """Let go of everyone."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        LISTENERS.set(0)
