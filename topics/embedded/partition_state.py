"""What a partition knows beyond the batches that it still holds, as it is kept.

It can mostly be read off the batches (`PartitionLog` does), but not for ever: compaction takes the producer from what
it rewrites, and retention takes the batches. So whenever the head of a log changes, this is kept with the change.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class AbortedTransaction(NamedTuple):
    """An aborted transaction in one partition, from its first record to its abort marker."""

    producer_id: int
    first_offset: int
    last_offset: int


class SequencedBatch(NamedTuple):
    """A batch already stored: its sequence numbers, and where it went."""

    first_sequence: int
    last_sequence: int
    base_offset: int
    append_time_ms: int


class ProducerState(NamedTuple):
    """One producer as a partition knows it; `first_open` is where its open transaction begins."""

    producer_id: int
    epoch: int
    last_seen_ms: int
    batches: list[SequencedBatch]
    first_open: int | None


class PartitionState(msgspec.Struct, frozen=True, kw_only=True):
    """A partition as it was when its end was `end_offset`."""

    start_offset: int = 0
    end_offset: int = 0
    compacted_until: int = 0
    producers: list[ProducerState] = []
    aborted: list[AbortedTransaction] = []
