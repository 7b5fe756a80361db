"""Cleaning a text without losing where each character stood: leftovers of HTML, invisible characters, wrapped lines.

Analysis works on the clean text; every result is given in offsets of the text as received.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

Edit = tuple[int, int, str]
"""Characters from start to end become the given text, of one character or none."""


class Block(Struct, frozen=True):
    """A clean text and the source of its characters: the one at `i` was read from `source[starts[i]:ends[i]]`."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, source: str) -> Block:
        """The source as it is."""
        return cls(source, range(len(source)), range(1, len(source) + 1))

    def __len__(self) -> int:
        return len(self.text)

    def cut(self, start: int, end: int) -> Block:
        """The part from `start` to `end`, without white space around it."""
        part = self.text[start:end]
        start += len(part) - len(part.lstrip())
        part = part.strip()
        return Block(part, self.starts[start : start + len(part)], self.ends[start : start + len(part)])

    def edited(self, edits: Iterable[Edit]) -> Block:
        """With edits made, which are in order and do not overlap."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in edits:
            texts += (self.text[done:start], new)
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            if new:
                starts.append(self.starts[start])
                ends.append(self.ends[end - 1])
            done = end
        if not texts:
            return self
        return Block("".join((*texts, self.text[done:])), [*starts, *self.starts[done:]], [*ends, *self.ends[done:]])

    def spelled(self, text: str) -> Block:
        """With other characters, one for one."""
        if len(text) != len(self.text):
            raise ValueError("another spelling must keep the number of characters")
        return Block(text, self.starts, self.ends)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to `end` stand in the source. `end` must be greater than `start`."""
        return self.starts[start], self.ends[end - 1]


_NOISE = re.compile(
    r"""
    (?P<block></?(?:p|br|div|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|section|article|figure|figcaption|hr)\b[^<>]*>)
    |(?P<tag></?[a-z!][^<>]*>)
    |(?P<entity>&(?:[a-z][a-z0-9]{1,30}|\#[0-9]{1,7}|\#x[0-9a-f]{1,6});)
    |(?P<hidden>[\u00ad\u0300\u0301\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff])
    |(?P<short>[Ии]\u0306)
    |(?P<yo>[Ее]\u0308)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HIDDEN_ELEMENTS = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"))
_COMPOSED = {"И": "Й", "и": "й", "Е": "Ё", "е": "ё"}
_LINE_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_BLANKS = dict.fromkeys((*range(9), *range(14, 28), 9, 31, *range(127, 160), 65532, 65533), " ")
_SPACES = {
    ord(c): " "
    for c in "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
}
_PLAIN = {**_BLANKS, **_SPACES, **{ord(c): "\n" for c in _LINE_ENDS}}


def clean(source: str) -> Block:
    """The text without tags, entities, control characters and what is invisible inside words; lines end in `\\n`."""
    block = Block.of(source).edited(_hidden_elements(source))
    block = block.edited(_noise(block.text))
    return block.spelled(block.text.translate(_PLAIN))


def _noise(text: str) -> Iterator[Edit]:
    for found in _NOISE.finditer(text):
        match found.lastgroup:
            case "block":
                new = "\n"
            case "tag":
                new = " "
            case "entity":
                plain = html.unescape(found[0])
                new = plain if len(plain) == 1 and plain.isprintable() and plain not in "<>" else " "
            case "short" | "yo":
                new = _COMPOSED[found[0][0]]
            case _:
                new = ""
        yield found.start(), found.end(), new


def _hidden_elements(text: str) -> Iterator[Edit]:
    """Scripts, styles and comments with what is in them."""
    if "<" not in text:
        return
    lower = text.lower() if len(text.lower()) == len(text) else text
    edits = []
    for opening, closing in _HIDDEN_ELEMENTS:
        start = lower.find(opening)
        while start >= 0 and (end := lower.find(closing, start)) >= 0:
            edits.append((start, end + len(closing), " "))
            start = lower.find(opening, end)
    done = 0
    for start, end, new in sorted(edits):
        if start >= done:
            yield start, end, new
            done = end


_FINAL = re.compile(r"[.!?…:;]['\"»”“)\]]*\Z")
_OPENS = re.compile(r"[-–—•*·\"«“„(]")
_HYPHENED = re.compile(r"([^\W\d_]+)-\Z")
_WORD = re.compile(r"[^\W\d_]+")

WRAPPED = 0.25
"""Least share of lines that run on into the next in a text wrapped at a fixed width."""

SHORT_LINE = 0.75
"""A line shorter than this part of the width ends its paragraph."""


class Line(Struct, frozen=True):
    """A line that is not blank: where it stands in the clean text, and whether blank lines or an indent set it off."""

    start: int
    end: int
    text: str
    apart: bool


def ends_sentence(text: str) -> bool:
    """Whether a line or paragraph ends like a sentence, closing quotation marks and brackets aside."""
    return _FINAL.search(text[-8:]) is not None


def paragraphs(block: Block, known: Callable[[str], bool]) -> list[Block]:
    """The paragraphs of a clean text: its lines, or where it is wrapped at a fixed width, its lines joined.

    `known` tells Russian words: a word broken over two lines loses its hyphen if it is one without.
    """
    lines = list(_lines(block.text))
    pairs = list(itertools.pairwise(lines))
    run_on = sum(not b.apart and not ends_sentence(a.text) and b.text[0].islower() for a, b in pairs)
    if not lines or run_on <= WRAPPED * len(lines):
        return [block.cut(line.start, line.end) for line in lines]
    width = sorted(len(line.text) for line in lines)[9 * len(lines) // 10]
    groups = [[lines[0]]]
    for a, b in pairs:
        if b.apart or _breaks(a.text, b.text, width):
            groups.append([b])
        else:
            groups[-1].append(b)
    return [_joined(block, group, known) for group in groups]


def _lines(text: str) -> Iterator[Line]:
    start, apart = 0, False
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            indent = raw.startswith(("  ", "\t"))
            yield Line(start, start + len(raw), line, apart or indent)
            apart = False
        else:
            apart = True
        start += len(raw) + 1


def _breaks(line: str, following: str, width: int) -> bool:
    """Whether a new paragraph begins between two lines of a wrapped text."""
    if ends_sentence(line) and _OPENS.match(following):
        return True
    short = len(line) < SHORT_LINE * width
    return short and (ends_sentence(line) or following[0].isupper())


def _joined(block: Block, lines: list[Line], known: Callable[[str], bool]) -> Block:
    start = lines[0].start
    whole = block.cut(start, lines[-1].end)
    start += len(block.text[start : lines[-1].end]) - len(block.text[start : lines[-1].end].lstrip())
    edits: list[Edit] = []
    for a, b in itertools.pairwise(lines):
        end = a.start + len(block.text[a.start : a.end].rstrip())
        begin = b.start + len(block.text[b.start : b.end]) - len(block.text[b.start : b.end].lstrip())
        broken, rest = _HYPHENED.search(block.text[max(a.start, end - 40) : end]), _WORD.match(b.text)
        if broken and rest and rest[0][0].islower():
            kept = not known(broken[1] + rest[0])
            edits.append((end - start if kept else end - 1 - start, begin - start, ""))
        else:
            edits.append((end - start, begin - start, " "))
    return whole.edited(edits)
