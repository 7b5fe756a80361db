"""Text that came from outside, made safe to show: no terminal escapes, no characters that hide or reorder others."""

from __future__ import annotations

import unicodedata

MARK = "\N{MIDDLE DOT}"


def plain(text: str) -> str:
    """The same text, of the same length, on one line: white space as spaces, control and format characters as dots."""
    return text if text.isprintable() else "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char.isspace():
        return " "
    # Cc: controls, the escape character among them; Cf: bidirectional overrides, zero-width characters; Cs: surrogates
    return MARK if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char


def excerpt(data: bytes | None, limit: int) -> str:
    """The beginning of bytes of any kind as text: at most `limit` characters, invalid UTF-8 as escapes."""
    if data is None:
        return "(null)"
    text = plain(data[: 4 * limit].decode("utf-8", "backslashreplace"))
    return text if len(text) <= limit and len(data) <= 4 * limit else text[:limit] + "…"
