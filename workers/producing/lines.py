"""Articles as JSON lines: one object a line, `{"id": ..., "text": ...}`; `{"id": ..., "withdraw": true}` withdraws.

The reader never raises, whatever the bytes: what is no article comes out as a `BadLine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from msgspec import Struct

from models import RawArticle
from models.articles import ArticleId
from topics.catalogue import MAX_MESSAGE_BYTES
from topics.codec import Undecodable, decode

BOM = b"\xef\xbb\xbf"
MAX_LINE_BYTES = 2 * MAX_MESSAGE_BYTES
"""A line may be longer than its message: JSON may escape a letter of two bytes with six."""


class Withdrawal(Struct, frozen=True):
    """The wish to withdraw an article."""

    id: ArticleId


class BadLine(Struct, frozen=True):
    """A line that is no article: the `field` at fault (empty: the whole line) and the `reason`."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


def split_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long only the beginning, so that no file can fill the memory."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES + 1)
        yield line


class _Flag(Struct, frozen=True):
    withdraw: bool = False


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, RawArticle | Withdrawal | BadLine]]:
    """Each line's number, from 1, and what it says. Blank lines are skipped, and so is a byte order mark."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(BOM).strip() if number == 1 else line.strip()
        if text:
            yield number, read_line(text)


def read_line(line: bytes) -> RawArticle | Withdrawal | BadLine:
    """What one line says."""
    if len(line) > MAX_LINE_BYTES:
        return BadLine("", f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        if b'"withdraw"' in line and decode(_Flag, line).withdraw:
            return decode(Withdrawal, line)
        return decode(RawArticle, line)
    except Undecodable as error:
        return BadLine(error.field, error.reason)
