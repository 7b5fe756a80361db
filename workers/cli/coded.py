"""Coded articles as JSON lines, the way between `dyads code` and `dyads fold`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from models import CodedArticle, Version
from models.articles import ArticleId
from topics.codec import Undecodable, decode


class CodedWithdrawal(Struct, frozen=True):
    """The line of an article that is withdrawn; on the topic it is a null message."""

    id: ArticleId
    version: Version
    withdrawn: bool = True


def read_coded(lines: Iterable[bytes]) -> Iterator[CodedArticle | CodedWithdrawal]:
    """What each line says; blank lines are skipped. Raises `Undecodable`, with the line's number, from 1."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if b'"withdrawn"' in line and decode(_Perhaps, line).withdrawn:
                yield decode(CodedWithdrawal, line)
            else:
                yield decode(CodedArticle, line)
        except Undecodable as error:
            raise Undecodable(f"line {number}: {error}") from None


class _Perhaps(Struct, frozen=True):
    withdrawn: bool = False
