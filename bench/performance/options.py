"""What the caller of a bench may choose."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True):
    """`articles` are further corpora by name; `reference` is another checkout, to be measured in turns with this."""

    rounds: int = 5
    articles: dict[str, Path] = {}
    reference: Path | None = None
    command: str = "make bench"
