"""The giving out of producer ids, each once."""

from __future__ import annotations

from topics.embedded.errors import coordinating
from topics.embedded.journal import PRODUCER_IDS
from topics.embedded.storage import Storage

ID_BLOCK = 1000
"""Producer ids are kept as used by so many at once."""


class ProducerIds:
    """Ids in growing order. What is kept is an upper bound, so that a start may pass some over but repeats none."""

    def __init__(self, storage: Storage, first: int) -> None:
        self._storage = storage
        self._next = first
        self._kept_until = first

    def restore(self, kept_until: int) -> None:
        """Take up what was kept."""
        self._next = self._kept_until = max(self._next, kept_until)

    def new(self) -> int:
        """An id that nobody had. Raises `Refused` when there is no room to keep that."""
        producer_id = self._next
        if producer_id >= self._kept_until:
            with coordinating():
                self._storage.record({(PRODUCER_IDS,): producer_id + ID_BLOCK})
            self._kept_until = producer_id + ID_BLOCK
        self._next += 1
        return producer_id
