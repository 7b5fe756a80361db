"""The manifest of a partition's directory."""

from __future__ import annotations

from pathlib import Path

import msgspec

from topics.embedded.errors import BrokenLog
from topics.embedded.partition_state import PartitionState

MANIFEST = "manifest.json"
FORMAT = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What counts in a partition's directory."""

    format: int = FORMAT
    segments: list[tuple[str, int]]
    """Names, and when they were created."""
    horizons: list[tuple[int, int]]
    """Batches with tombstones that compaction has met: first offset, and the time at which those may go."""
    state: PartitionState


def read_manifest(path: Path) -> Manifest | None:
    """The manifest, None if there is none. Raises `BrokenLog`."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise BrokenLog(f"{path}: {error}") from error
    if found.format != FORMAT:
        raise BrokenLog(f"{path} is of another format: {found.format}")
    return found
