"""What changed in the read model, and how far a listener has heard of it. Pure.

A listener that comes back says up to where it heard: a position in every partition, which any read model of the same
generation understands, whichever of several the listener is sent to.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from topics.catalogue import DAILY, EVENTS, MENTIONS

KINDS = {EVENTS.name: "event", DAILY.name: "day", MENTIONS.name: "mention"}
"""What a change of each topic is called; the topics by their names in generation 1. Listeners hear of no other."""

_LETTERS = {"e": EVENTS.name, "d": DAILY.name, "m": MENTIONS.name}

MOST_PARTITIONS = 1024

Heard = dict[tuple[str, int], int]
"""The next offset of each topic, by its name in generation 1, and partition."""


class Change(Struct, frozen=True):
    """One row that changed. `seq` orders the changes of one read model; `data` is JSON, told to listeners as it is.

    `type` is the event's, None of a day, and of a mention whose event is not there yet.
    """

    seq: int
    topic: str
    partition: int
    offset: int
    kind: str
    dyad: str
    type: str | None
    data: bytes


def mark(generation: int, heard: Mapping[tuple[str, int], int]) -> str:
    """The id of an event of the stream: `1_e12.0.4_d7.7.1_m20.1.3`, the next offset of each partition in order."""
    parts = [str(generation)]
    for letter, topic in _LETTERS.items():
        numbers = [str(offset) for (name, _), offset in sorted(heard.items()) if name == topic]
        parts.append(letter + ".".join(numbers))
    return "_".join(parts)


def parse_mark(text: str) -> tuple[int, Heard] | None:
    """Generation and positions of such an id; None of what is none."""
    generation, *parts = text.split("_")
    if not _is_number(generation) or len(parts) != len(_LETTERS):
        return None
    heard: Heard = {}
    for part in parts:
        topic, numbers = _LETTERS.get(part[:1]), part[1:].split(".") if part[1:] else []
        if topic is None or len(numbers) > MOST_PARTITIONS or not all(map(_is_number, numbers)):
            return None
        heard.update({(topic, partition): int(number) for partition, number in enumerate(numbers)})
    return int(generation), heard


def missed(heard: Mapping[tuple[str, int], int], forgotten: Mapping[tuple[str, int], int]) -> bool:
    """Whether changes that the listener has not heard of are no longer kept, or partitions do not agree."""
    return heard.keys() != forgotten.keys() or any(heard[where] < offset for where, offset in forgotten.items())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
