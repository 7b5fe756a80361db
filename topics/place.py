"""Where a message lies: topic, partition and offset, written `articles.raw:1:4` in the header `origin`."""

from __future__ import annotations

from typing import Self

from msgspec import Struct


class Place(Struct, frozen=True, order=True):
    """One message's place, the same for ever."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def parse(cls, text: bytes) -> Self | None:
        """Read what `str` writes; None where it is no place."""
        topic, _, rest = text.decode("utf-8", "replace").partition(":")
        partition, _, offset = rest.partition(":")
        if not topic or not (partition.isascii() and partition.isdigit() and offset.isascii() and offset.isdigit()):
            return None
        return cls(topic, int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"
